"""Threads that are deleted over the graph API, and their pictures."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from fake_server import FakeServer
from gems.app.http.keys import KeyRing
from graph_server import GraphServer
from langgraph_sdk import get_client

pytestmark = [pytest.mark.servers, pytest.mark.slow]


def drawn(studio: GraphServer, client: Any) -> tuple[str, list[Path]]:
    thread = client.threads.create()["thread_id"]
    result = client.runs.wait(thread, "gems", input={"prompt": f"a cat {thread}"})
    return thread, [Path(item["image"]) for item in result["rounds"]]


def steps(studio: GraphServer, thread: str) -> int:
    """Rows of a thread in the server's file."""
    counted = "SELECT count(*) FROM {} WHERE thread_id = ?"
    with closing(sqlite3.connect(studio.home / "server" / "checkpoints.sqlite")) as file:
        tables = ("checkpoints", "writes")
        return sum(file.execute(counted.format(t), [thread]).fetchone()[0] for t in tables)


def test_a_deleted_threads_pictures_go_also_those_of_its_earlier_runs(studio: GraphServer) -> None:
    with studio.client() as client:
        thread, first = drawn(studio, client)
        again = client.runs.wait(thread, "gems", input={"prompt": "a dog"})
        second = [Path(item["image"]) for item in again["rounds"]]
        assert set(first).isdisjoint(second)
        link = f"{studio.url}/gems/pictures/{first[0].name}"
        assert httpx.get(f"{link}?side=128").status_code == 200
        small = list((studio.home / "thumbnails").glob(f"{first[0].stem}-*"))
        other, kept = drawn(studio, client)
        assert steps(studio, thread) > steps(studio, other)
        client.threads.delete(thread)
        assert not steps(studio, thread) and steps(studio, other)
    assert not any(path.exists() for path in [*first, *second, *small]) and len(small) == 1
    assert all(path.exists() for path in kept)
    assert httpx.get(link).status_code == 404


def test_pictures_stay_for_a_copy_of_the_thread(studio: GraphServer) -> None:
    with studio.client() as client:
        thread, pictures = drawn(studio, client)
        copy = httpx.post(f"{studio.url}/threads/{thread}/copy", timeout=30).json()["thread_id"]
        assert copy != thread
        client.threads.delete(thread)
        assert all(path.exists() for path in pictures)
        client.threads.delete(copy)
    assert not any(path.exists() for path in pictures)


def test_a_run_that_is_rolled_back_leaves_the_thread_as_it_was(studio: GraphServer) -> None:
    with studio.client() as client:
        thread, pictures = drawn(studio, client)
        before, rows = client.threads.get_state(thread), steps(studio, thread)
        studio.fake.image_script = lambda call, count: "silence"
        run = client.runs.create(thread, "gems", input={"prompt": "a dog"})["run_id"]
        deadline = time.monotonic() + 60
        while steps(studio, thread) < rows + 3:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        client.runs.cancel(thread, run, wait=True, action="rollback")
        after = client.threads.get_state(thread)
    assert after["values"] == before["values"] and after["checkpoint"] == before["checkpoint"]
    assert all(path.exists() for path in pictures)


def test_threads_that_are_pruned_in_one_request_go_with_their_pictures(studio: GraphServer) -> None:
    with studio.client() as client:
        both = [drawn(studio, client) for _ in range(2)]
        [(kept, stays), *_] = [drawn(studio, client)]
    body = {"thread_ids": [thread for thread, _ in both]}
    assert httpx.post(f"{studio.url}/threads/prune", json=body, timeout=30).status_code == 200
    assert not any(path.exists() for _, pictures in both for path in pictures)
    latest = {"thread_ids": [kept], "strategy": "keep_latest"}
    httpx.post(f"{studio.url}/threads/prune", json=latest, timeout=30)
    assert all(path.exists() for path in stays)


def test_what_somebody_may_not_delete_keeps_its_pictures(tmp_path: Path) -> None:
    with FakeServer() as fake:
        server = GraphServer(tmp_path, fake)
        try:
            ring = KeyRing(server.home)
            alice, bob = ring.add("alice")[1], ring.add("bob")[1]
            with server.client(Authorization=f"Bearer {alice}") as client:
                thread, pictures = drawn(server, client)
            with server.client(Authorization=f"Bearer {bob}") as stranger:
                with pytest.raises(Exception, match=r"40[34]|not found"):
                    stranger.threads.delete(thread)
                assert all(path.exists() for path in pictures)
            assert httpx.delete(f"{server.url}/threads/{thread}").status_code == 401
            assert all(path.exists() for path in pictures)
            with server.client(Authorization=f"Bearer {alice}") as client:
                client.threads.delete(thread)
            assert not any(path.exists() for path in pictures)
        finally:
            server.process.stop()


def test_threads_that_are_deleted_side_by_side_take_no_other_with_them(studio: GraphServer) -> None:
    """Also those of runs without a thread, which the server deletes by itself."""
    given: Any = {"input": {"prompt": "a cat"}, "context": {"rounds": 1}}

    async def work() -> list[int]:
        async with get_client(url=studio.url) as client:
            threads = [(await client.threads.create())["thread_id"] for _ in range(30)]
            going, staying = threads[::2], threads[1::2]
            alone = [client.runs.wait(None, "gems", **given) for _ in range(4)]
            ended: list[Any] = await asyncio.gather(*alone, *map(client.threads.delete, going))
            assert all(result["outcome"] for result in ended[:4])
        async with httpx.AsyncClient(base_url=studio.url) as asking:
            answers = [await asking.get(f"/threads/{thread}") for thread in [*going, *staying]]
        return [answer.status_code for answer in answers]

    assert asyncio.run(work()) == [404] * 15 + [200] * 15
