"""Threads of a server that kept all of them in memory, as ``langgraph dev`` and earlier versions do."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from fake_server import FakeServer
from graph_server import DevServer, GraphServer

pytestmark = [pytest.mark.servers, pytest.mark.slow]


def told(history: list[Any]) -> list[Any]:
    """A history without what comes next, which memory forgot before a node that waits for two."""
    return [{key: step[key] for key in step if key not in ("next", "tasks")} for step in history]


def test_threads_of_an_earlier_version_are_there_and_go_on(tmp_path: Path) -> None:
    with FakeServer() as fake:
        server: GraphServer = DevServer(tmp_path, fake)
        try:
            with server.client() as client:
                done, waits = (client.threads.create()["thread_id"] for _ in range(2))
                server.run(done, context={"seed": 2})
                server.run(waits, context={"seed": 3, "review": "on_failure", "memory": False})
                before = {thread: client.threads.get_state(thread) for thread in (done, waits)}
                steps = client.threads.get_history(done, limit=100)
            server.process.stop()
            shutil.move(tmp_path / ".langgraph_api", tmp_path / "home" / "server" / ".langgraph_api")
            server = GraphServer(tmp_path, fake)
            assert "took over the steps of 2 threads" in server.said()
            with server.client() as client:
                assert {thread: client.threads.get_state(thread) for thread in before} == before
                assert told(client.threads.get_history(done, limit=100)) == told(steps)
                assert before[waits]["interrupts"]
                take: Any = {"resume": {"decision": "take"}}
                ended = client.runs.wait(waits, "gems", command=take)
                assert ended["outcome"] == "accepted" and not client.threads.get_state(waits)["next"]
        finally:
            server.process.stop()
