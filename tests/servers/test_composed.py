"""What compose.yaml starts, as plain processes: its commands and settings, its hosts on loopback."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from chroma_process import running_chroma
from compose_file import SERVICES, environment
from fake_server import FakeServer
from graph_server import BIN, Process, free_port, kept_environment, settings_of
from langgraph_sdk import get_sync_client
from object_store import KEYS, ObjectStore, object_store
from postgres_cluster import Cluster

__all__ = ["object_store"]
pytestmark = [pytest.mark.servers, pytest.mark.slow]


@pytest.fixture
def settings(tmp_path: Path, server: FakeServer, object_store: ObjectStore) -> Iterator[dict[str, str]]:
    """The variables of the file's own services, and of models that are played."""
    with Cluster() as cluster, running_chroma(tmp_path / "chroma") as chroma:
        yield {
            **environment("api"),
            **settings_of(server, tmp_path / "home"),
            **KEYS,
            "GEMS_DATABASE_URL": cluster.url,
            "GEMS_CHROMA_URL": chroma,
            "GEMS_OBJECTS_URL": object_store.url,
        }


def test_with_a_key_it_draws_into_the_object_store(
    settings: dict[str, str], object_store: ObjectStore, tmp_path: Path
) -> None:
    def call(*command: str) -> str:
        env = {**kept_environment(), **settings}
        return subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout

    call(sys.executable, *SERVICES["bucket"]["command"][1:])
    key = call(str(BIN / "gems"), "keys", "add", "alice").strip()
    port = free_port()
    here = {"0.0.0.0": "127.0.0.1", "2024": str(port), "gems": str(BIN / "gems")}
    command: list[str] = SERVICES["api"]["command"]
    api = Process([here.get(word, word) for word in command], tmp_path, settings)
    url, headers = f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {key}"}
    try:
        api.wait_until_up(f"{url}/gems/health")
        assert httpx.get(f"{url}/gems/ready").status_code == 401
        ready = httpx.get(f"{url}/gems/ready", headers=headers, timeout=60)
        assert ready.status_code == 200, ready.text
        with get_sync_client(url=url, headers=headers) as client:
            thread = client.threads.create()["thread_id"]
            drawn = client.runs.wait(thread, "gems", input={"prompt": "a cat"})
        assert isinstance(drawn, dict) and drawn["outcome"] == "all_passed"
    finally:
        api.stop()
    assert any(name.endswith(".png") for name in object_store.names(settings["GEMS_OBJECTS"]))
