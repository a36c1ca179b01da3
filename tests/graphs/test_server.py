"""``langgraph dev`` serves the graph, and a run over the SDK gives what the library gives."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import settings_for
from fake_server import FakeServer
from gems import Session

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def studio(server: FakeServer, tmp_path: Path) -> Iterator[str]:
    shutil.copy(ROOT / "langgraph.json", tmp_path)
    config = tmp_path / "langgraph.json"
    config.write_text(config.read_text().replace('["."]', '["gems"]'))
    port = free_port()
    env = {
        **os.environ,
        "GEMS_HOME": str(tmp_path / "served"),
        "GEMS_MLLM": "openai:fake",
        "GEMS_MLLM_BASE_URL": server.base_url,
        "GEMS_GENERATOR": "openai:fake",
        "GEMS_GENERATOR_BASE_URL": server.base_url,
        "LANGGRAPH_STRICT_MSGPACK": "true",
        "LANGSMITH_TRACING": "false",
    }
    command = [Path(sys.executable).parent / "langgraph", "dev", "--no-browser", "--no-reload"]
    options = ["--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    log = (tmp_path / "log").open("w")
    process = subprocess.Popen([*command, *options], env=env, cwd=tmp_path, stdout=log, stderr=log)
    try:
        wait_until_up(f"http://127.0.0.1:{port}", process, tmp_path / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def wait_until_up(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.time() + 90
    while time.time() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/ok", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.3)
    pytest.fail(f"langgraph dev did not come up:\n{log.read_text()[-3000:]}")


def test_a_served_run_gives_the_librarys_result(
    studio: str, server: FakeServer, tmp_path: Path
) -> None:
    from langgraph_sdk import get_sync_client

    client = get_sync_client(url=studio)
    assistant = client.assistants.search(graph_id="gems")[0]["assistant_id"]
    knobs = client.assistants.get_schemas(assistant)["context_schema"]["properties"]
    assert knobs["rounds"]["title"] == "Rounds" and knobs["rounds"]["description"]
    thread = client.threads.create()["thread_id"]
    served: Any = client.runs.wait(thread, "gems", input={"prompt": "a cat"}, context={"seed": 3})
    settings = settings_for(server, tmp_path / "library")
    mine: Any = Session(settings).generate("a cat", seed=3)
    assert served.keys() == mine.keys(), served
    for result in (served, mine):
        assert Path(result["image"]).is_file()
        for key in ("thread_id", "image"):
            del result[key]
        for item in result["rounds"]:
            del item["image"]
        del result["usage"]["seconds"]
    assert served == mine
    log = (tmp_path / "log").read_text()
    assert "BlockingError" not in log and "Traceback" not in log
    client.close()
