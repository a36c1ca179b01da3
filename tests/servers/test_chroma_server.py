"""Experiences on a real Chroma server: wiped, behind a gateway with a path and a token."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from gems.errors import StorageError
from gems.memory.chroma import open_experiences
from gems.memory.chroma_server import connect
from gems.memory.collections import COLLECTION
from gems.settings import Settings
from graph_server import BIN, Process, free_port
from sample_experiences import experience

pytestmark = [pytest.mark.servers, pytest.mark.slow]


class Chroma:
    def __init__(self, folder: Path) -> None:
        self._folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        place = ["--host", "127.0.0.1", "--port", str(self.port), "--path", str(self._folder / "data")]
        self.process = Process([str(BIN / "chroma"), "run", *place], self._folder, {}, "chroma")
        self.process.wait_until_up(f"{self.url}/api/v2/heartbeat")

    def wipe(self) -> None:
        self.process.stop()
        shutil.rmtree(self._folder / "data")
        self.start()


@pytest.fixture
def chroma(tmp_path: Path) -> Iterator[Chroma]:
    server = Chroma(tmp_path)
    yield server
    server.process.stop()


def delete_collection(chroma: Chroma) -> None:
    connect(chroma.url).delete_collection(COLLECTION)


@pytest.mark.parametrize("loss", [Chroma.wipe, delete_collection])
def test_a_wiped_server_takes_new_experiences_of_a_live_process(
    chroma: Chroma, tmp_path: Path, loss: Callable[[Chroma], None]
) -> None:
    store = open_experiences(Settings(home=tmp_path, chroma_url=chroma.url))

    async def live() -> int:
        await store.add(experience("a cat"))
        loss(chroma)
        await store.add(experience("a dog"))
        count = await store.count()
        await store.aclose()
        return count

    assert asyncio.run(live()) == 1


class Gateway(ThreadingHTTPServer):
    """Passes requests below /chroma on that carry the token, as a reverse proxy does."""

    def __init__(self, target: str) -> None:
        self.target, self.headers_seen = target, [""]
        super().__init__(("127.0.0.1", 0), PassOn)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/chroma/"


class PassOn(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nobody reads it."""

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        allowed = self.headers.get("Authorization") == "Bearer the-token-of-9"
        if not allowed or not self.path.startswith("/chroma/api/"):
            self.send_error(403 if not allowed else 404)
            return
        assert isinstance(self.server, Gateway)
        url = self.server.target + self.path.removeprefix("/chroma")
        answer = httpx.request(
            self.command, url, content=body, headers={"content-type": "application/json"}
        )
        self.send_response(answer.status_code)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815


@pytest.fixture
def gateway(chroma: Chroma) -> Iterator[Gateway]:
    server = Gateway(chroma.url)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_path_and_token_of_the_settings_reach_the_server(gateway: Gateway, tmp_path: Path) -> None:
    def counted(**more: Any) -> int:
        store = open_experiences(Settings(home=tmp_path, chroma_url=gateway.url, **more))

        async def work() -> int:
            try:
                await store.add(experience("a cat"))
                return await store.count()
            finally:
                await store.aclose()

        return asyncio.run(work())

    assert counted(chroma_token="the-token-of-9") == 1
    with pytest.raises(StorageError) as raised:
        counted(chroma_token="another-token-8")
    assert "another-token-8" not in str(raised.value)
