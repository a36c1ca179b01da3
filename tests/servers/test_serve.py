"""``gems serve`` itself: which home it is of, and what it says before it serves."""

from __future__ import annotations

import subprocess
from pathlib import Path

import httpx
import pytest
from fake_server import FakeServer
from gems.app.http.keys import KeyRing
from graph_server import BIN, GraphServer, free_port, kept_environment

pytestmark = [pytest.mark.servers, pytest.mark.slow]


def test_a_home_that_is_named_from_where_it_is_started_is_the_one_with_the_keys(tmp_path: Path) -> None:
    key = KeyRing(tmp_path / "home").add("alice")[1]
    with FakeServer() as fake:
        server = GraphServer(tmp_path, fake, GEMS_HOME="home")
        try:
            assert httpx.get(f"{server.url}/info").status_code == 401
            with server.client(Authorization=f"Bearer {key}") as client:
                thread = client.threads.create()["thread_id"]
                result = client.runs.wait(thread, "gems", input={"prompt": "a cat"})
        finally:
            server.process.stop()
    assert Path(result["image"]).is_relative_to(tmp_path / "home" / "images")
    assert not (tmp_path / "home" / "server" / "home").exists()


@pytest.mark.parametrize("name", ["checkpoints.sqlite", ".langgraph_api/.langgraph_checkpoint.1.pckl"])
def test_threads_that_cannot_be_read_are_one_line_and_stay(tmp_path: Path, name: str) -> None:
    path = tmp_path / "server" / name
    path.parent.mkdir(parents=True)
    path.write_text("torn " * 999)
    command = [str(BIN / "gems"), "serve", "--port", str(free_port())]
    env = {**kept_environment(), "GEMS_HOME": str(tmp_path)}
    ended = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)
    assert ended.returncode and not ended.stdout
    [line] = ended.stderr.splitlines()
    assert str(path) in line and "move" in line and path.read_text() == "torn " * 999
