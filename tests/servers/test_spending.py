"""Keys that may spend so much a month, and what runs of a graph server cost, on real servers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fake_server import FakeServer
from gems.app.http.accounts import KeyAccounts
from gems.app.http.keys import Key, KeyRing
from gems.memory.spending import FileSpending
from graph_server import GraphServer

pytestmark = [pytest.mark.servers, pytest.mark.slow]
CALL, PICTURE = 0.2, 0.5
PRICES = f'["openai:fake"]\ninput = 1000.0\noutput = 5000.0\npicture = {PICTURE}\n'


@dataclass
class Priced:
    """Two servers of one home, with keys of two owners."""

    servers: list[GraphServer]
    fake: FakeServer
    home: Path
    alice: tuple[Key, str]
    bob: tuple[Key, str]

    @property
    def ring(self) -> KeyRing:
        return KeyRing(self.home)

    def spent(self, key: Key) -> float:
        return KeyAccounts(self.ring, FileSpending(self.home / "spending")).of(key).spent()

    def paid(self) -> float:
        pictures = len(self.fake.done("image"))
        return CALL * (len(self.fake.done()) - pictures) + PICTURE * pictures

    def ask(self, path: str, key: str, server: int, body: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"}
        url = f"{self.servers[server].url}{path}"
        return httpx.post(url, headers=headers, json=body, timeout=60)

    def get(self, path: str, key: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.get(f"{self.servers[0].url}{path}", headers=headers, timeout=60)

    def draw(self, key: str, server: int = 0, **context: Any) -> httpx.Response:
        given = {"seed": 3, "memory": False, **context}
        body = {"assistant_id": "gems", "input": {"prompt": "a cat"}, "context": given}
        return self.ask("/runs/wait", key, server, body)


def stop(server: GraphServer) -> None:
    server.process.stop()


@pytest.fixture(scope="module")
def priced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Priced]:
    folders = [tmp_path_factory.mktemp(f"priced{number}") for number in range(2)]
    home = folders[0] / "home"
    ring = KeyRing(home)
    (folders[0] / "prices.toml").write_text(PRICES)
    given = {
        "GEMS_HOME": str(home),
        "GEMS_PRICES": str(folders[0] / "prices.toml"),
        "GEMS_LIMIT_COST": "50",
        "GEMS_ALLOW": "openai:other",
    }
    keys = ring.add("alice", 3.3), ring.add("bob")
    with ExitStack() as stack:
        fake = stack.enter_context(FakeServer())
        servers = [GraphServer(folder, fake, **given) for folder in folders]
        for server in servers:
            stack.callback(stop, server)
        yield Priced(servers, fake, home, *keys)


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
