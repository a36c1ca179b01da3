"""Another way from a round of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from gems import Session
from gems.errors import InputError, RunError
from gems.models.fakes import FakeGenerator
from scripted_sessions import scripted, session_with


def drawn(tmp_path: Path, generator: FakeGenerator, **roles: Any) -> Session:
    """A session with a finished run of three rounds, called mine."""
    failing = {"verdict": "no", "reason": "no cat"}
    mllm = scripted(**{"verifier": [failing, failing, {"verdict": "yes"}], **roles})
    session = session_with(tmp_path, mllm=mllm, generator=generator)
    assert len(session.generate("a cat", thread_id="mine", seed=1)["rounds"]) == 3
    return session


def test_a_fork_shares_what_came_before_and_pays_for_nothing_of_it(tmp_path: Path) -> None:
    generator = FakeGenerator()
    with drawn(tmp_path, generator) as session:
        name = session.fork("mine", 2)
        result, before = session.resume(name), session.report("mine")
        assert name == "mine-fork" and result["outcome"] == "all_passed"
        assert [r["image"] for r in result["rounds"][:2]] == [r["image"] for r in before["rounds"][:2]]
        assert len(generator.history) == 4 and result["usage"]["images"] == 1
        assert session.report("mine")["rounds"] == before["rounds"]
        assert session.fork("mine", 2) == "mine-fork-2"


def test_it_draws_the_words_that_it_is_given(tmp_path: Path) -> None:
    generator = FakeGenerator()
    with drawn(tmp_path, generator) as session:
        result = session.resume(session.fork("mine", 1, prompt="a cat with a tail", name="other"))
    assert result["thread_id"] == "other" and generator.history[-1].prompt == "a cat with a tail"
    assert len(result["rounds"]) == 2


def test_a_corrected_verdict_decides(tmp_path: Path) -> None:
    generator = FakeGenerator()
    with drawn(tmp_path, generator) as session:
        result = session.resume(session.fork("mine", 1, verdicts={"q1": "pass"}))
    assert result["outcome"] == "all_passed" and result["best_round"] == 1
    assert len(generator.history) == 3


@pytest.mark.parametrize(
    "change",
    [
        {"after": 4}, {"after": 0}, {"after": 1, "verdicts": {"q9": "pass"}},
        {"after": 1, "prompt": " "}, {"after": 1, "verdicts": {"q1": "perhaps"}},
        {"after": 1, "name": "mine"}, {"after": 1, "name": "../x"},
    ],
)  # fmt: skip
def test_what_cannot_be_forked_leaves_no_run(tmp_path: Path, change: dict[str, Any]) -> None:
    with drawn(tmp_path, FakeGenerator()) as session:
        with pytest.raises(InputError) as raised:
            session.fork("mine", **change)
        assert len(str(raised.value).splitlines()) == 1
        with pytest.raises(RunError):
            session.fork("nobody", 1)
        assert [record.thread_id for record in session.index.all()] == ["mine"]


def test_words_of_ones_own_are_drawn_before_one_is_asked_again(tmp_path: Path) -> None:
    generator = FakeGenerator()
    mllm = scripted(verifier={"verdict": "no", "reason": "no cat"})
    with session_with(tmp_path, mllm=mllm, generator=generator) as session:
        session.generate("a cat", thread_id="mine", review="every_round", seed=1)
        result: Any = session.resume(session.fork("mine", 1, prompt="a cat with a tail"))
    assert [draw.prompt for draw in generator.history][1:] == ["a cat with a tail"]
    assert result["pause"]["asks"][0]["value"][0]["round"] == 2
