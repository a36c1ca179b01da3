"""The same file served by aegra, an open graph server, over a PostgreSQL of the test's own."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from fake_server import FakeServer
from gems.app.http.keys import KeyRing
from graph_server import ROOT, Process, free_port, settings_of
from langgraph_sdk import get_sync_client
from postgres_cluster import Cluster

pytestmark = [pytest.mark.servers, pytest.mark.slow]
UVICORN = ROOT / ".venv-aegra" / "bin" / "uvicorn"


class Aegra:
    """An aegra server with a fake server for its models."""

    def __init__(self, folder: Path, fake: FakeServer, database: str) -> None:
        self.fake, self.home, port = fake, folder / "home", free_port()
        self.url = f"http://127.0.0.1:{port}"
        served = ROOT / "app" / "served.py"
        config = {
            "graphs": {"gems": f"{served}:graph"},
            "http": {"app": f"{served}:app"},
            "auth": {"path": f"{served}:auth"},
        }
        (folder / "aegra.json").write_text(json.dumps(config))
        env = {
            **settings_of(fake, self.home),
            "PYTHONPATH": str(ROOT / ".editable"),
            "GEMS_PUBLIC_URL": self.url,
            "DATABASE_URL": database,
            "AEGRA_CONFIG": str(folder / "aegra.json"),
        }
        command = [str(UVICORN), "aegra_api.main:app", "--port", str(port)]
        self.process = Process(command, folder, env, "aegra")
        self.process.wait_until_up(f"{self.url}/gems/health")

    def client(self, key: str = "") -> Any:
        headers = {"Authorization": f"Bearer {key}"} if key else None
        return get_sync_client(url=self.url, headers=headers)

    def run(self, number: int) -> Any:
        with self.client() as client:
            thread = client.threads.create()["thread_id"]
            given: Any = {"input": {"prompt": f"a cat {number}"}, "context": {"seed": number}}
            return client.runs.wait(thread, "gems", **given)


@pytest.fixture(scope="module")
def aegra(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aegra]:
    if not UVICORN.exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("aegra is not installed: make aegra")
    with Cluster() as cluster, FakeServer() as fake:
        server = Aegra(tmp_path_factory.mktemp("aegra"), fake, cluster.new_database("aegra"))
        try:
            yield server
        finally:
            server.process.stop()


def test_it_runs_and_streams_in_every_mode(aegra: Aegra) -> None:
    with aegra.client() as client:
        for mode in ("values", "updates", "messages", "custom"):
            thread = client.threads.create()["thread_id"]
            given: Any = {"input": {"prompt": "a cat"}, "context": {"seed": 3, "memory": False}}
            events = list(client.runs.stream(thread, "gems", stream_mode=mode, **given))
            assert not [event for event in events if event.event == "error"], mode
            values = client.threads.get_state(thread)["values"]
            assert (values["outcome"], values["passed"]) == ("all_passed", 3)
    link = values["messages"][-1]["content"].rpartition("(")[2].rstrip(")")
    assert httpx.get(link).content == Path(values["image"]).read_bytes()


def test_twenty_at_once_all_finish(aegra: Aegra) -> None:
    with ThreadPoolExecutor(20) as pool:
        results = list(pool.map(aegra.run, range(20)))
    assert [result["outcome"] for result in results] == ["all_passed"] * 20


def test_cancelled_it_ends_with_its_best_picture(aegra: Aegra) -> None:
    before = sum(call.kind == "image" for call in aegra.fake.calls)
    aegra.fake.latency["image"] = 3.0
    with aegra.client() as client:
        thread = client.threads.create()["thread_id"]
        run = client.runs.create(thread, "gems", input={"prompt": "a cat"})["run_id"]
        deadline = time.monotonic() + 60
        while sum(call.kind == "image" for call in aegra.fake.calls) < before + 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        client.runs.cancel(thread, run)
        while (values := client.threads.get_state(thread)["values"]).get("outcome") is None:
            assert time.monotonic() < deadline
            time.sleep(0.2)
    aegra.fake.latency["image"] = 0.0
    assert values["outcome"] == "cancelled" and values["best_round"] == 1


def test_a_person_reviews(aegra: Aegra) -> None:
    with aegra.client() as client:
        thread = client.threads.create()["thread_id"]
        given: Any = {"input": {"prompt": "a cat"}, "context": {"review": "on_failure"}}
        client.runs.wait(thread, "gems", **given)
        assert client.threads.get_state(thread)["next"] == ["review"]
        result: Any = client.runs.wait(thread, "gems", command={"resume": {"decision": "take"}})
    assert result["outcome"] == "accepted"


def test_with_keys_strangers_and_other_owners_see_nothing(aegra: Aegra) -> None:
    ring = KeyRing(aegra.home)
    alice, bob = ring.add("alice")[1], ring.add("bob")[1]
    for path in ("/threads/search", "/assistants", "/gems/ready", "/docs"):
        assert httpx.get(f"{aegra.url}{path}").status_code == 401, path
    with aegra.client(alice) as client:
        thread = client.threads.create()["thread_id"]
        client.runs.wait(thread, "gems", input={"prompt": "a cat"}, context={"rounds": 1})
        assert client.threads.get_state(thread)["values"]["image"]
    with aegra.client(bob) as client, pytest.raises(Exception, match="not found"):
        client.threads.get(thread)
