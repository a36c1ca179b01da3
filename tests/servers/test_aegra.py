"""The same file served by aegra, an open graph server, over a PostgreSQL of the test's own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from aegra_server import Aegra, check_that_aegra_is_there
from fake_server import FakeServer
from gems.app.http.keys import KeyRing
from postgres_cluster import Cluster

pytestmark = [pytest.mark.servers, pytest.mark.slow]


@pytest.fixture(scope="module")
def aegra(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aegra]:
    check_that_aegra_is_there()
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


def test_a_person_is_asked_first_and_changes_what_came_of_it(aegra: Aegra) -> None:
    with aegra.client() as client:
        thread = client.threads.create()["thread_id"]
        given: Any = {"input": {"prompt": "a cat"}, "context": {"ask": True, "rounds": 1}}
        client.runs.wait(thread, "gems", **given)
        assert client.threads.get_state(thread)["next"] == ["briefing"]
        said: Any = {"resume": {"answers": {"c1": "watercolour"}}}
        first: Any = client.runs.wait(thread, "gems", command=said)
        change: Any = {"input": {"follow_up": "now darker"}, "context": {"ask": False, "rounds": 1}}
        result: Any = client.runs.wait(thread, "gems", **change)
    assert first["request"] == "a cat, watercolour"
    assert result["request"] == "a cat, watercolour, now darker" and result["earlier"]


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
