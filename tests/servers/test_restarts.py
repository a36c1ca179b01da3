"""A graph server that is ended in the middle of a run and started again."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from fake_server import FakeServer
from graph_server import GraphServer

pytestmark = [pytest.mark.servers, pytest.mark.slow]


def test_a_run_that_a_servers_end_cut_off_is_gone_on_with(tmp_path: Path) -> None:
    with FakeServer() as fake:
        fake.image_script = lambda call, count: (
            "silence" if sum(c.kind == "image" for c in fake.calls) == 2 else None
        )
        server = GraphServer(tmp_path, fake)
        try:
            with server.client() as client:
                thread = client.threads.create()["thread_id"]
                client.runs.create(thread, "gems", input={"prompt": "a cat"}, context={"seed": 2})
                deadline = time.monotonic() + 90
                while sum(call.kind == "image" for call in fake.calls) < 2:
                    assert time.monotonic() < deadline
                    time.sleep(0.05)
            server.process.stop()
            fake.image_script = None
            server.process = server.start()
            with server.client() as client:
                while not (state := client.threads.get_state(thread))["values"].get("outcome"):
                    assert time.monotonic() < deadline, server.said()[-3000:]
                    time.sleep(0.2)
        finally:
            server.process.stop()
        values: Any = state["values"]
    assert values["outcome"] == "all_passed" and len(values["rounds"]) == 2
    assert sum(call.kind == "planner" for call in fake.calls) == 1
