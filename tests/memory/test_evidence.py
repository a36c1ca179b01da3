"""Which picture is better by what is known, and how far what is known can be relied on."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
from gems.memory.evidence import contradictions, distrust, wavers
from gems.memory.ledger import best_attempt, standing, verdict_on
from gems.models.judges.judge import Verdict
from gems.models.judges.votes import LOOKS, is_open, joined, votes_of
from hypothesis import given


def requirement(key: str, *parents: str) -> dict[str, Any]:
    question = f"Are there three of {key}?"
    return {
        "id": key, "question": question, "statement": key, "kind": "count", "parents": [*parents]
    }  # fmt: skip


def state(*rounds: dict[str, Any], parents: dict[str, list[str]] | None = None) -> Any:
    """Rounds of one picture each, by requirement its verdict or a verdict's value."""
    keys = list(rounds[0])
    full = {
        f"{n}.0.{key}": said if isinstance(said, dict) else {"value": said, "reason": ""}
        for n, verdicts in enumerate(rounds, 1)
        for key, said in verdicts.items()
    }
    return {
        "requirements": [requirement(key, *(parents or {}).get(key, ())) for key in keys],
        "attempts": [{"round": n, "candidate": 0} for n, _ in enumerate(rounds, 1)],
        "verdicts": full,
    }


def failed(**more: Any) -> dict[str, Any]:
    return {"value": "fail", "reason": "", **more}


def best(*rounds: dict[str, Any], **more: Any) -> int:
    return best_attempt(state(*rounds, **more))["round"]


def test_passes_come_first_then_what_is_known_not_to_be_met() -> None:
    assert best({"a": "pass", "b": "fail"}, {"a": "pass", "b": "pass"}) == 2
    assert best({"a": "pass", "b": "fail"}, {"a": "pass", "b": "not_judged"}) == 2
    assert best({"a": "pass", "b": "not_judged"}, {"a": "pass", "b": "fail"}) == 1
    assert best({"a": "pass", "b": "fail"}, {"a": "fail", "b": "pass"}) == 1


def test_what_is_nearly_met_is_better_than_what_is_missing() -> None:
    # The right objects in wrong numbers, after a picture that shows none of them.
    none = {"a": failed(credit=0.0), "b": failed(credit=0.0)}
    assert best(none, {"a": failed(credit=0.75), "b": failed(credit=0.5)}) == 2
    assert best(none, {"a": failed(confidence=0.6), "b": "fail"}) == 1
    # It is there, and of the wrong colour; or it is not there at all, and its colour void.
    parents = {"colour": ["there"], "other": []}
    gone = {"there": "fail", "colour": "not_judged", "other": "pass"}
    assert best(gone, {"there": "pass", "colour": "fail", "other": "fail"}, parents=parents) == 2
    hair = {"a": failed(credit=0.51), "b": "fail"}
    assert best({"a": failed(credit=0.5), "b": "fail"}, hair) == 1


def test_one_of_several_parents_that_fails_voids_a_question() -> None:
    parents = {"relation": ["one", "two"]}
    facts = state({"one": "pass", "two": "fail", "relation": "pass"}, parents=parents)
    verdict = verdict_on(facts, facts["attempts"][0], facts["requirements"][2])
    assert verdict.get("cause") == "void" and "two" in verdict["reason"]
    assert standing(facts, facts["attempts"][0])[:2] == (1, -2)


def look(value: Any) -> Verdict:
    return Verdict(value=value, reason=f"it is {value}")


def after(*values: Any) -> Verdict:
    verdict = look(values[0])
    for value in values[1:]:
        verdict = joined(verdict, look(value))
    return verdict


def test_the_majority_of_looks_counts() -> None:
    assert after("fail", "pass", "pass")["value"] == "pass"
    assert after("fail", "pass", "pass")["reason"] == "it is pass"
    even = after("fail", "pass")
    assert (even["value"], even.get("cause")) == ("not_judged", "unclear")
    assert "it is pass" in even["reason"] and "it is fail" in even["reason"]
    # A look that failed is none.
    assert after("pass", "not_judged")["value"] == "pass"


@given(st.lists(st.sampled_from(["pass", "fail"]), min_size=1, max_size=7))
def test_looking_ends_and_keeps_every_vote(values: list[str]) -> None:
    verdict = look(values[0])
    for value in values[1:]:
        if not is_open(verdict):
            break
        verdict = joined(verdict, look(value))
    votes = votes_of(verdict)
    assert votes == values[: len(votes)] and len(votes) <= LOOKS
    if len(votes) == LOOKS:
        assert verdict["value"] == max(set(votes), key=votes.count)


def test_who_is_sure_or_cannot_tell_is_not_asked_again() -> None:
    assert not is_open({"value": "pass", "reason": "", "confidence": 0.97})
    assert is_open({"value": "pass", "reason": "", "confidence": 0.7})
    assert not is_open(look("not_judged"))


def test_contradictions_are_counted_and_named() -> None:
    steady = state({"a": after("pass", "pass"), "b": after("fail", "fail"), "c": after("pass", "fail")})
    assert contradictions(steady) == (1, 3)
    assert wavers(steady) and not distrust(steady)
    torn = state({key: after("pass", "fail", "fail") for key in "abc"})
    assert "3 of 3" in distrust(torn)
    assert not wavers(state({"a": "pass", "b": "fail"}))
