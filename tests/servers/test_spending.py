"""Keys that may spend so much a month, and what runs of a graph server cost, on real servers."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fake_server import SILENCE, Call, FakeServer
from gems.app.http.accounts import KeyAccounts
from gems.app.http.keys import Key, KeyRing
from gems.memory.database import Database
from gems.memory.documents import RowDocuments
from gems.memory.spending import FileSpending, RowSpending, Spending
from graph_server import GraphServer
from object_store import KEYS, ObjectStore
from postgres_cluster import Cluster

pytestmark = [pytest.mark.servers, pytest.mark.slow]
CALL, PICTURE = 0.2, 0.5
PRICES = f'["openai:fake"]\ninput = 1000.0\noutput = 5000.0\npicture = {PICTURE}\n'


@dataclass
class Priced:
    """Two servers of one system, with keys of two owners."""

    servers: list[GraphServer]
    fake: FakeServer
    ring: KeyRing
    spending: Spending
    alice: tuple[Key, str]
    bob: tuple[Key, str]

    def spent(self, key: Key) -> float:
        return KeyAccounts(self.ring, self.spending).of(key).spent()

    def paid(self) -> float:
        pictures = len(self.fake.done("image"))
        return CALL * (len(self.fake.done()) - pictures) + PICTURE * pictures

    def ask(self, path: str, key: str, server: int, body: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"}
        url = f"{self.servers[server].url}{path}"
        return httpx.post(url, headers=headers, json=body, timeout=60)

    def get(self, path: str, key: str, server: int = 0) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.get(f"{self.servers[server].url}{path}", headers=headers, timeout=60)

    def wait_for(self, thread: str, key: str) -> dict[str, Any]:
        """The state of a thread of the first server once its run has ended."""
        deadline = time.monotonic() + 90
        while True:
            values = self.get(f"/threads/{thread}/state", key).json().get("values") or {}
            if values.get("outcome"):
                return dict(values)
            assert time.monotonic() < deadline, self.servers[0].said()[-3000:]
            time.sleep(0.2)

    def draw(self, key: str, server: int = 0, **context: Any) -> httpx.Response:
        return self.ask("/runs/wait", key, server, drawing(**context))


def drawing(**context: Any) -> dict[str, Any]:
    """What is sent to have a picture drawn."""
    given = {"seed": 3, "memory": False, **context}
    return {"assistant_id": "gems", "input": {"prompt": "a cat"}, "context": given}


def stop(server: GraphServer) -> None:
    server.process.stop()


@contextmanager
def on_one_disk(folder: Path) -> Iterator[tuple[dict[str, str], KeyRing, Spending]]:
    """What two workers of one home have in common."""
    home = folder / "home"
    yield {"GEMS_HOME": str(home)}, KeyRing(home), FileSpending(home / "spending")


@contextmanager
def on_one_database(_: Path) -> Iterator[tuple[dict[str, str], KeyRing, Spending]]:
    """What two machines of one database and object store have in common."""
    with Cluster() as cluster, ObjectStore() as store:
        url = cluster.new_database("money")
        shared = {
            **KEYS,
            "GEMS_DATABASE_URL": url,
            "GEMS_OBJECTS": store.new_place(),
            "GEMS_OBJECTS_URL": store.url,
        }
        database = Database(url)
        try:
            yield shared, KeyRing([RowDocuments(database)]), RowSpending(database)
        finally:
            database.close()


@pytest.fixture(scope="module", params=[on_one_disk, on_one_database])
def priced(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Priced]:
    folders = [tmp_path_factory.mktemp(f"priced{number}") for number in range(2)]
    (folders[0] / "prices.toml").write_text(PRICES)
    given = {
        "GEMS_PRICES": str(folders[0] / "prices.toml"),
        "GEMS_LIMIT_COST": "50",
        "GEMS_ALLOW": "openai:other",
    }
    with ExitStack() as stack:
        shared, ring, spending = stack.enter_context(request.param(folders[0]))
        keys = ring.add("alice", 3.3), ring.add("bob")
        fake = stack.enter_context(FakeServer())
        servers = [GraphServer(folder, fake, **given, **shared) for folder in folders]
        for server in servers:
            stack.callback(stop, server)
        yield Priced(servers, fake, ring, spending, *keys)


@pytest.fixture(autouse=True)
def sensible(priced: Priced) -> Iterator[None]:
    """No test's script outlives it."""
    yield
    priced.fake.image_script = None
    priced.fake.latency = dict.fromkeys(priced.fake.latency, 0.0)
    priced.fake.conversation.questions = 3


def test_a_key_spends_what_it_may_and_no_more_on_every_worker(priced: Priced) -> None:
    (alice, key), (bob, bobs) = priced.alice, priced.bob
    first = priced.draw(key).json()
    assert first["outcome"] == "all_passed"
    assert first["usage"]["cost"] == pytest.approx(2.6) == pytest.approx(priced.spent(alice))
    assert priced.spent(bob) == 0
    # The other worker goes on counting where this one stopped.
    short = priced.draw(key, server=1, rounds=1)
    assert "alice" in short.text and "3.30" in short.text, short.text
    assert 3.3 - PICTURE <= priced.spent(alice) < 3.3 + CALL
    assert priced.paid() == pytest.approx(priced.spent(alice))
    priced.ring.cap(alice.id, priced.spent(alice))
    body = {"assistant_id": "gems", "input": {"prompt": "a cat"}}
    for server in (0, 1):
        for path in ("/runs/wait", "/runs", "/runs/stream", "/runs/batch"):
            refused = priced.ask(path, key, server, body)
            assert refused.status_code == 402, (path, refused.text)
            assert alice.id in refused.json()["detail"] and "\n" not in refused.json()["detail"]
    thread = priced.ask("/threads", key, 0, {}).json()["thread_id"]
    assert priced.ask(f"/threads/{thread}/runs/wait", key, 0, body).status_code == 402
    before = priced.spent(alice)
    assert priced.draw(bobs).json()["outcome"] == "all_passed"
    assert priced.spent(bob) == pytest.approx(2.6) and priced.spent(alice) == before
    priced.servers[1].process.stop()
    priced.servers[1].process = priced.servers[1].start()
    assert priced.draw(key, server=1).status_code == 402
    priced.ring.cap(alice.id, 20.0)
    assert priced.draw(key, server=1).json()["outcome"] == "all_passed"


def test_a_run_in_the_middle_of_which_a_key_is_spent_ends_with_its_best_picture(
    priced: Priced,
) -> None:
    carol, key = priced.ring.add("carol", 1.3)
    result = priced.draw(key).json()
    assert result["outcome"] == "budget" and Path(result["image"]).is_file()
    assert f"the key {carol.id} of carol" in result["reason"]
    assert result["usage"]["cost"] == pytest.approx(priced.spent(carol))
    assert priced.spent(carol) < 1.3 + CALL


def test_the_operators_bound_and_what_clients_see(priced: Priced) -> None:
    _, key = priced.bob
    refused = priced.draw(key, max_cost=51)
    assert refused.status_code == 422 and "max_cost = 51" in refused.text
    result = priced.draw(key, max_cost=1.3).json()
    assert result["outcome"] == "budget" and "max_cost = 1.30" in result["reason"]
    counted = priced.get("/gems/metrics", key).text
    assert 'gems_cost_total{node="generator"}' in counted


def test_a_model_without_a_price_is_refused_to_a_key_with_a_cap(priced: Priced) -> None:
    dave, key = priced.ring.add("dave", 5.0)
    answer = priced.draw(key, mllm="openai:other")
    assert "no price for a call of 'openai:other'" in answer.text
    assert priced.spent(dave) == 0


def test_runs_of_one_key_at_the_same_time_exceed_its_cap_by_a_call_each_at_most(
    priced: Priced,
) -> None:
    erin, key = priced.ring.add("erin", 6.0)
    before = priced.paid()
    priced.fake.latency.update(text=0.1, vision=0.3, image=0.1)
    priced.fake.conversation.questions = 12

    def run(number: int) -> httpx.Response:
        return priced.draw(key, server=number % 2, seed=number, verify="each", rounds=2)

    with ThreadPoolExecutor(6) as pool:
        results = [answer.json() for answer in pool.map(run, range(6))]
    assert priced.spent(erin) == pytest.approx(priced.paid() - before)
    assert 6.0 - PICTURE <= priced.spent(erin) < 6.0 + 6 * CALL
    assert any(result.get("outcome") == "budget" for result in results), results
    assert priced.draw(key).status_code == 402


@pytest.mark.parametrize("seconds", [0.0, 12.0])
def test_what_a_killed_server_paid_counts_and_is_not_paid_again(priced: Priced, seconds: float) -> None:
    """A server knows again of what began ten seconds ago; before that its sender has to say."""
    fay, key = priced.ring.add("fay", 5.0)
    before = priced.paid(), len(priced.fake.calls)
    cut = threading.Event()

    def silent(call: Call, number: int) -> str | None:
        second = sum(c.kind == "image" for c in priced.fake.calls[before[1] :]) == 2
        if second and not cut.is_set():
            cut.set()
            return SILENCE
        return None

    priced.fake.image_script = silent
    server = priced.servers[0]
    body = drawing(max_cost=2.3)
    thread = priced.ask("/threads", key, 0, {}).json()["thread_id"]
    assert priced.ask(f"/threads/{thread}/runs", key, 0, body).status_code == 200
    assert cut.wait(60)
    time.sleep(seconds)
    server.process.stop(signal.SIGKILL)
    paid = priced.paid() - before[0]
    assert priced.spent(fay) == pytest.approx(paid) and paid > 1
    server.process = server.start()
    if not seconds:
        priced.ask("/threads", key, 0, {"thread_id": thread, "if_exists": "do_nothing"})
        again = {"assistant_id": "gems", "input": None}
        assert priced.ask(f"/threads/{thread}/runs/wait", key, 0, again).status_code == 200
    values = priced.wait_for(thread, key)
    assert values["spent"]["cost"] == pytest.approx(priced.paid() - before[0])
    assert priced.spent(fay) == pytest.approx(priced.paid() - before[0])
    assert paid < values["spent"]["cost"] < 2.3 + CALL
    kinds = [call.kind for call in priced.fake.calls[before[1] :] if call.done]
    assert (kinds.count("planner"), kinds.count("compressor"), kinds.count("image")) == (1, 1, 2)
