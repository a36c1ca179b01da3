"""What runs cost, by the operator's prices, and runs that may cost so much and no more."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from conftest import settings_for
from fake_server import Answer, Call, FakeServer
from gems import Session
from gems.errors import BudgetError, GemsError, InputError, StorageError
from gems.memory.finishing import FinishesWrites
from gems.memory.state import RunReport, RunResult
from gems.nodes.context import RunContext
from gems.nodes.dependencies import Dependencies
from gems.settings import Settings

CALL, PICTURE = 0.2, 0.5
"""What the fake server's 100 tokens in and 20 out come to, and a picture."""
PRICES = f"""
["openai:fake"]
input = 1000.0
output = 5000.0
picture = {PICTURE}
"""


def priced(server: FakeServer, home: Path, prices: str = PRICES, **more: object) -> Settings:
    file = home.with_suffix(".toml")
    file.write_text(prices)
    return settings_for(server, home, prices=file, **more)


def cost_of(server: FakeServer) -> float:
    """What the server was paid in all."""
    pictures = len(server.done("image"))
    return CALL * (len(server.done()) - pictures) + PICTURE * pictures


def told(result: RunReport | RunResult) -> float:
    cost = result["usage"].get("cost")
    assert cost is not None
    return cost


@pytest.fixture
def settings(server: FakeServer, tmp_path: Path) -> Settings:
    return priced(server, tmp_path / "home")


def test_a_run_says_what_it_cost_in_all_and_by_node(server: FakeServer, settings: Settings) -> None:
    with Session(settings) as session:
        result = session.generate("a cat", thread_id="mine", seed=3, memory=False)
        facts = session.facts("mine")
        assert told(session.report("mine")) == told(result)
    assert told(result) == pytest.approx(cost_of(server)) == pytest.approx(2.6)
    by_node = {name: work["cost"] for name, work in facts["work"].items()}
    assert by_node["generator"] == pytest.approx(2 * PICTURE)
    assert sum(by_node.values()) == pytest.approx(told(result))
    json.dumps(facts, default=str)


def test_what_has_no_price_is_said_nowhere(server: FakeServer, tmp_path: Path) -> None:
    for number, prices in enumerate(
        ["", '["openai:fake"]\npicture = 1.0\n', '["openai:fake"]\ninput = 1.0\noutput = 2.0\n']
    ):
        with Session(priced(server, tmp_path / f"home{number}", prices)) as session:
            result = session.generate("a cat", thread_id="mine", seed=3, memory=False)
            facts = session.facts("mine")
        assert "cost" not in result["usage"] and "cost" not in facts["spent"]


def test_failed_calls_and_unusable_answers_count_as_far_as_they_were_paid(
    server: FakeServer, tmp_path: Path
) -> None:
    settings = priced(server, tmp_path / "home", mllm_retries=3)
    server.script = lambda call, number: Answer("busy", 503) if number % 3 == 1 else None
    with Session(settings) as session:
        result = session.generate("a cat", seed=3, memory=False)
    assert told(result) == pytest.approx(cost_of(server))


@pytest.mark.parametrize("verify", ["each", "together"])
@pytest.mark.parametrize("cap", [0.95, 1.1, 1.3, 1.6, 2.1])
def test_a_capped_run_ends_with_its_best_picture_before_it_costs_more(
    server: FakeServer, settings: Settings, cap: float, verify: Any
) -> None:
    with Session(settings) as session:
        result = session.generate("a cat", seed=3, memory=False, max_cost=cap, verify=verify)
    assert result["outcome"] == "budget" and Path(result["image"]).is_file()
    assert "max_cost" in result.get("reason", "")
    assert told(result) == pytest.approx(cost_of(server))
    assert cost_of(server) < cap + CALL


def test_calls_side_by_side_wait_for_each_other_near_the_cap(
    server: FakeServer, settings: Settings
) -> None:
    server.latency["vision"] = 0.05
    server.conversation.questions = 30
    with Session(settings) as session:
        result = session.generate("a cat", seed=3, memory=False, max_cost=3.0, verify="each")
    assert result["outcome"] == "budget"
    assert 3.0 - CALL < cost_of(server) < 3.0 + CALL


def test_candidates_are_as_many_as_can_be_paid(server: FakeServer, settings: Settings) -> None:
    with Session(settings) as session:
        result = session.generate("a cat", seed=3, memory=False, max_cost=2.45, candidates=8, rounds=1)
    assert result["usage"]["images"] == len(server.done("image")) == 4


def test_without_a_picture_there_is_one_line_and_a_way_on(
    server: FakeServer, settings: Settings
) -> None:
    with Session(settings) as session:
        with pytest.raises(BudgetError, match="max_cost = 0.5.* takes 0.5") as refused:
            session.generate("a cat", thread_id="mine", seed=3, memory=False, max_cost=0.5)
        assert refused.value.thread_id == "mine" and not server.done("image")
        paid = len(server.done())
        session.raise_limits("mine", max_cost=5.0)
        assert session.resume("mine")["outcome"] == "all_passed"
    assert paid == 2 and cost_of(server) == pytest.approx(2.6)


@pytest.mark.parametrize("cap", [0.95, 1.1, 1.3, 1.6, 1.8, 2.1])
def test_a_run_that_was_out_of_money_goes_on_with_more(
    server: FakeServer, settings: Settings, cap: float
) -> None:
    with Session(settings) as session:
        first = session.generate("a cat", thread_id="mine", seed=3, memory=False, max_cost=cap)
        assert first["outcome"] == "budget" and session.resume("mine")["outcome"] == "budget"
        session.raise_limits("mine", max_cost=10.0)
        result = session.resume("mine")
    assert (result["outcome"], len(result["rounds"])) == ("all_passed", 2)
    assert "reason" not in result or not result["reason"]
    assert told(result) == pytest.approx(cost_of(server))


def test_other_limits_can_be_raised_and_a_run_that_is_done_is_left_alone(
    server: FakeServer, settings: Settings
) -> None:
    with Session(settings) as session:
        first = session.generate("a cat", thread_id="mine", seed=3, memory=False, rounds=1)
        assert first["outcome"] == "max_rounds"
        session.raise_limits("mine", rounds=4)
        assert session.resume("mine")["outcome"] == "all_passed"
        with pytest.raises(GemsError, match="all_passed"):
            session.raise_limits("mine", rounds=5)
        with pytest.raises(InputError, match="rounds"):
            session.raise_limits("mine", rounds=99)


@pytest.mark.parametrize("number", [6, 13, 14, 22, 26])
def test_a_kill_neither_loses_nor_doubles_what_was_spent(
    server: FakeServer, settings: Settings, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    with monkeypatch.context() as patched:
        fail_from(patched, number)
        with Session(settings) as session, pytest.raises(StorageError, match="disk I/O error"):
            session.generate("a cat", thread_id="mine", seed=3, memory=False, max_cost=50.0)
    with Session(settings) as session:
        result = session.resume("mine")
    assert result["outcome"] == "all_passed"
    assert told(result) == pytest.approx(cost_of(server))


@pytest.mark.parametrize("number", [22, 26])
def test_a_cap_counts_what_a_killed_process_paid(
    server: FakeServer, settings: Settings, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    with monkeypatch.context() as patched:
        fail_from(patched, number)
        with Session(settings) as session, suppress(GemsError):
            session.generate("a cat", thread_id="mine", seed=3, memory=False, max_cost=1.6)
    with Session(settings) as session:
        assert session.resume("mine")["outcome"] == "budget"
    assert cost_of(server) < 1.6 + CALL


def fail_from(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """No write of a checkpoint reaches the disk any more from that one on, as after a kill."""
    writes: list[str] = []

    def failing(name: str) -> Any:
        real = getattr(FinishesWrites, name)

        async def write(self: Any, *args: Any, **options: Any) -> Any:
            writes.append(name)
            if len(writes) > number:
                import sqlite3

                raise sqlite3.OperationalError("disk I/O error")
            return await real(self, *args, **options)

        return write

    for name in ("aput", "aput_writes"):
        monkeypatch.setattr(FinishesWrites, name, failing(name))


@pytest.mark.parametrize(
    ("prices", "names"),
    [
        ("", "openai:fake"),
        ('["openai:fake"]\ninput = 1.0\noutput = 2.0\n', "a picture of 'openai:fake'"),
        ('["openai:fake"]\npicture = 1.0\n', "a call of 'openai:fake'"),
        ('["openai:other"]\npicture = 1.0\n', "openai:fake"),
    ],
)
def test_a_cap_without_a_price_is_refused_before_anything_is_sent(
    server: FakeServer, tmp_path: Path, prices: str, names: str
) -> None:
    session = Session(priced(server, tmp_path / "home", prices))
    with session, pytest.raises(InputError, match=names) as refused:
        session.generate("a cat", max_cost=1.0)
    assert "GEMS_PRICES" in str(refused.value) and not server.calls
    assert not session.index.all()


def test_a_cap_that_cannot_be_counted_is_not_given_to_a_run(
    server: FakeServer, settings: Settings, tmp_path: Path
) -> None:
    with Session(settings) as session:
        assert session.generate("a cat", thread_id="mine", rounds=1)["outcome"] == "max_rounds"
    file = tmp_path / "fewer.toml"
    file.write_text('["openai:fake"]\npicture = 1.0\n')
    with Session(settings.model_copy(update={"prices": file})) as session:
        with pytest.raises(InputError, match="a call of 'openai:fake'"):
            session.raise_limits("mine", max_cost=9.0, rounds=3)
        session.raise_limits("mine", rounds=3)
        assert session.resume("mine")["outcome"] == "all_passed"


@pytest.mark.parametrize("wrong", [{"embedder": "nothing"}, {"knowledge": "nothing:x"}])
def test_settings_that_cannot_be_used_leave_no_run_behind(
    server: FakeServer, tmp_path: Path, wrong: dict[str, str]
) -> None:
    session = Session(settings_for(server, tmp_path / "home", **wrong))
    with session, pytest.raises(InputError, match="nothing"):
        session.generate("a cat")
    assert not session.index.all() and not server.calls


def test_a_judge_of_its_own_needs_a_price_too(server: FakeServer, settings: Settings) -> None:
    with Session(settings) as session, pytest.raises(InputError, match="openai:judge"):
        session.generate("a cat", max_cost=1.0, verifiers="mllm:openai:judge")
    assert not server.calls


def test_a_server_that_tells_no_tokens_is_not_taken_to_be_free(
    server: FakeServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fake_server.USAGE", {})
    with Session(settings) as session:
        with pytest.raises(BudgetError, match="tokens"):
            session.generate("a cat", seed=3, memory=False, max_cost=50.0)
        assert not server.done("image")
        free = session.generate("a dog", seed=3, memory=False)
        assert "cost" not in free["usage"] and free["outcome"] != "budget"


def test_prices_by_call_and_by_pattern_count(server: FakeServer, tmp_path: Path) -> None:
    prices = '["openai:*"]\ncall = 0.25\npicture = 2.0\n["openai:f*"]\ncall = 9.0\n'
    with Session(priced(server, tmp_path / "home", prices)) as session:
        result = session.generate("a cat", seed=3, memory=False)
    usage = result["usage"]
    assert told(result) == pytest.approx(0.25 * usage["mllm_calls"] + 2.0 * usage["images"])


def test_the_embedded_models_are_free_and_run_under_any_cap(tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    file.write_text(PRICES)
    capped = RunContext(max_cost=0.01)
    Dependencies(Settings(home=tmp_path, prices=file)).check_prices(capped)
    file.write_text("[embedded]\npicture = 0.5\n")
    with pytest.raises(InputError, match="a call of 'embedded'"):
        Dependencies(Settings(home=tmp_path, prices=file)).check_prices(capped)
    with pytest.raises(InputError, match="the embedded models cost nothing, so leave out the cap"):
        Dependencies(Settings(home=tmp_path)).check_prices(capped)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[", "TOML"),
        ('["openai:x"]\nprice = 1', "openai:x.price"),
        ('["openai:x"]\ninput = -1\noutput = 2', "openai:x.input"),
        ('["openai:x"]\ninput = 1', "input and output go together"),
        ('["openai:x"]\npicture = inf', "openai:x.picture"),
        ("openai = 3", "openai"),
        (None, "No such file"),
    ],
)
def test_a_price_list_that_cannot_be_used_is_one_line(
    server: FakeServer, tmp_path: Path, text: str | None, says: str
) -> None:
    file = tmp_path / "prices.toml"
    if text is not None:
        file.write_text(text)
    session = Session(settings_for(server, tmp_path / "home", prices=file))
    with session, pytest.raises(InputError, match=says) as refused:
        session.generate("a cat")
    assert "\n" not in str(refused.value) and str(file) in str(refused.value)


def test_a_thread_from_before_there_were_prices_cannot_be_capped(
    server: FakeServer, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    calls: list[Call] = []

    def away(call: Call, number: int) -> Answer | None:
        calls.append(call)
        return Answer("gone", 401) if call.kind == "refiner" else None

    server.script = away
    with Session(settings_for(server, home)) as session, suppress(GemsError):
        session.generate("a cat", thread_id="mine", seed=3, memory=False)
    server.script = None
    with Session(priced(server, home)) as session:
        with pytest.raises(InputError, match="not known"):
            session.raise_limits("mine", max_cost=50.0)
        result = session.resume("mine")
    assert result["outcome"] == "all_passed" and "cost" not in result["usage"]


def test_a_follow_up_has_the_cap_to_itself(server: FakeServer, settings: Settings) -> None:
    with Session(settings) as session:
        session.generate("a cat", thread_id="mine", seed=3, memory=False, max_cost=3.0)
        result = session.follow_up("mine", "make it darker")
    assert result["outcome"] == "all_passed" and 0 < told(result) < 3.0


EMBEDDINGS = '["openai:vectors"]\ninput = 500.0\noutput = 0\n'
"""What the fake server's 100 tokens come to: 0.05 a request."""


def embeddings(server: FakeServer) -> int:
    """Requests for vectors that the server answered."""
    return sum(head[":target"].endswith("/embeddings") for head in server.heads)


def test_embeddings_count_where_they_have_a_price(server: FakeServer, tmp_path: Path) -> None:
    paid = priced(server, tmp_path / "home", PRICES + EMBEDDINGS, embedder="openai:vectors")
    with Session(paid) as session:
        first = session.generate("a cat", thread_id="mine", seed=3)
        asked = embeddings(server)
        assert asked and told(first) == pytest.approx(cost_of(server) + 0.05 * asked)
        facts = session.facts("mine")
        assert sum(work["cost"] for work in facts["work"].values()) == pytest.approx(told(first))
        assert first["usage"]["mllm_calls"] == len(server.done()) - len(server.done("image"))
        before = cost_of(server) + 0.05 * asked
        with pytest.raises(BudgetError, match=r"max_cost = 0\.1"):
            session.generate("a dog", seed=3, max_cost=0.1)
    assert cost_of(server) + 0.05 * embeddings(server) - before < 0.1 + CALL
    free = priced(server, tmp_path / "other", embedder="openai:vectors")
    before = cost_of(server)
    with Session(free) as session:
        assert told(session.generate("a cat", seed=3)) == pytest.approx(cost_of(server) - before)


def test_embeddings_without_tokens_make_the_sum_unknown(
    server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_call = '["openai:fake"]\ncall = 0.2\npicture = 0.5\n'
    settings = priced(server, tmp_path / "home", by_call + EMBEDDINGS, embedder="openai:vectors")
    monkeypatch.setattr("fake_server.USAGE", {})
    with Session(settings) as session:
        assert "cost" not in session.generate("a cat", seed=3)["usage"]
