"""What follows from the deletion and the copy of a thread, beside a server that is played."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from gems.app.http.deletion import Deletion
from gems.app.http.keys import KeyRing
from gems.app.http.threads import Threads
from gems.errors import StorageError
from gems.memory.images import ImageStore, Provenance
from gems.memory.paid import PaidFiles
from PIL import Image
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient


class PlayedServer:
    """Threads as a graph server has them, each with a picture."""

    def __init__(self, folder: Path) -> None:
        self.images = ImageStore(folder / "images")
        self.states: dict[str, dict[str, Any]] = {}
        self.broken: set[str] = set()
        threads = Threads(KeyRing(folder))
        self.paid = PaidFiles(folder / "paid")
        parts = {"images": self.images, "paid": self.paid}
        app = Starlette(
            routes=[
                Route("/threads/prune", self.prune, methods=["POST"]),
                Route("/threads/{thread}", self.delete, methods=["DELETE"]),
                Route("/threads/{thread}", self.get),
                Route("/threads/{thread}/history", self.history),
                Route("/threads/{thread}/copy", self.copy, methods=["POST"]),
            ],
            middleware=[Middleware(Deletion, threads=threads, **parts)],  # type: ignore[arg-type]
        )
        self.client = TestClient(app)

    def draw(self, thread: str) -> Path:
        buffer = io.BytesIO()
        Image.new("RGB", (8, 8), "red").save(buffer, "PNG")
        ref = self.images.put(buffer.getvalue(), Provenance(thread, 1, "fake", thread, 1))
        self.states[thread] = {"attempts": [{"image": ref}]}
        return self.images.path(ref)

    async def get(self, request: Request) -> Response:
        thread = request.path_params["thread"]
        if thread in self.broken:
            return JSONResponse({}, 500)
        return JSONResponse({}, 200 if thread in self.states else 404)

    async def history(self, request: Request) -> Response:
        values = self.states.get(request.path_params["thread"])
        return JSONResponse([{"values": values}] if values else [], 200)

    async def delete(self, request: Request) -> Response:
        if request.path_params["thread"] in self.broken:
            return JSONResponse({}, 500)
        self.states.pop(request.path_params["thread"], None)
        return Response(status_code=204)

    async def prune(self, request: Request) -> Response:
        for thread in (await request.json())["thread_ids"]:
            self.states.pop(thread, None)
        return JSONResponse({})

    async def copy(self, request: Request) -> Response:
        self.states["copy"] = self.states[request.path_params["thread"]]
        return JSONResponse({"thread_id": "copy"})


@pytest.fixture
def server(tmp_path: Path) -> PlayedServer:
    return PlayedServer(tmp_path)


def test_pictures_go_with_their_threads_one_or_many(server: PlayedServer) -> None:
    one, two, three = (server.draw(name) for name in ("one", "two", "three"))
    assert server.client.delete("/threads/one").status_code == 204
    assert not one.exists() and two.exists()
    server.client.post("/threads/prune", json={"thread_ids": ["two", "nobody"]})
    assert not two.exists() and three.exists()


def test_what_a_thread_was_answered_goes_with_it_and_with_nobody_elses(server: PlayedServer) -> None:
    server.states["one"] = {}
    for thread in ("one", "hidden"):
        server.paid.keep(thread, "task", "key", {"answer": thread})
    server.client.post("/threads/prune", json={"thread_ids": ["one", "hidden"]})
    assert server.paid.of("one", "task") == {}
    # To whom asks there is no such thread.
    assert server.paid.of("hidden", "task") == {"key": {"answer": "hidden"}}


def test_a_copy_keeps_the_pictures(server: PlayedServer) -> None:
    one = server.draw("one")
    assert server.client.post("/threads/one/copy").json() == {"thread_id": "copy"}
    server.client.delete("/threads/one")
    assert one.exists()
    server.client.delete("/threads/copy")
    assert not one.exists()


def test_a_deletion_that_failed_takes_nothing(server: PlayedServer) -> None:
    one = server.draw("one")
    server.broken.add("one")
    assert server.client.delete("/threads/one").status_code == 500
    assert one.exists()


def test_what_cannot_be_deleted_does_not_undo_the_servers_answer(
    server: PlayedServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    server.draw("one")

    def discard(sha256: str, thread: str) -> bool:
        raise StorageError("cannot delete it: Permission denied")

    monkeypatch.setattr(server.images, "discard", discard)
    assert server.client.delete("/threads/one").status_code == 204
    assert "Permission denied" in caplog.text


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"thread_ids": 3}', b'{"thread_ids": [3]}'])
def test_a_request_that_names_no_thread_passes(server: PlayedServer, body: bytes) -> None:
    server.client = TestClient(server.client.app, raise_server_exceptions=False)
    server.draw("one")
    server.client.post("/threads/prune", content=body)
    assert "one" in server.states
