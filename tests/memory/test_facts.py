"""State reducers and the ledger."""

from __future__ import annotations

import hypothesis.strategies as st
from gems.memory.ledger import best_attempt, seed_for, verdict_on
from gems.memory.reducers import join_new, merge_busy
from hypothesis import given

INTERVALS = st.lists(
    st.tuples(st.integers(0, 500), st.integers(0, 50)).map(lambda p: [p[0], p[0] + p[1]]), max_size=8
)


@given(INTERVALS, INTERVALS)
def test_busy_time_is_a_union_in_any_order(left: list[list[float]], right: list[list[float]]) -> None:
    one = merge_busy(merge_busy([], left), right)
    two = merge_busy(merge_busy([], right), left)
    assert one == two
    seconds = {s for a, b in [*left, *right] for s in range(int(a), int(b))}
    assert sum(b - a for a, b in one) >= len(seconds)
    assert all(a[1] < b[0] for a, b in zip(one, one[1:], strict=False))


def test_a_reducer_does_not_change_what_it_is_given() -> None:
    left = [[0.0, 1.0]]
    merge_busy(left, [[0.5, 2.0]])
    assert left == [[0.0, 1.0]]


def test_warnings_are_said_once() -> None:
    assert join_new(["a"], ["b", "a", "b"]) == ["a", "b"]


@given(st.integers(0, 2**63 - 1), st.integers(1, 50), st.integers(0, 15))
def test_seeds_are_stable_and_small(seed: int, round_number: int, candidate: int) -> None:
    value = seed_for(seed, round_number, candidate)
    assert 0 <= value < 2**31
    assert value == seed_for(seed, round_number, candidate)


def requirement(key: str, parent: str | None = None) -> dict[str, object]:
    return {"id": key, "question": key, "statement": key, "kind": "object", "parent": parent}


def attempt(number: int) -> dict[str, object]:
    return {"round": number, "candidate": 0}


def test_voidness_goes_down_the_whole_chain() -> None:
    state: dict[str, object] = {
        "requirements": [requirement("q1"), requirement("q2", "q1"), requirement("q3", "q2")],
        "verdicts": {
            "1.0.q1": {"value": "fail", "reason": ""},
            "1.0.q2": {"value": "pass", "reason": ""},
            "1.0.q3": {"value": "pass", "reason": ""},
        },
    }
    verdict = verdict_on(state, attempt(1), requirement("q3", "q2"))  # type: ignore[arg-type]
    assert verdict["value"] == "not_judged" and "q1" in verdict["reason"]


def test_of_equal_attempts_the_earliest_is_best() -> None:
    state: dict[str, object] = {
        "requirements": [requirement("q1"), requirement("q2")],
        "attempts": [attempt(1), attempt(2), attempt(3)],
        "verdicts": {
            f"{n}.0.q1": {"value": value, "reason": ""}
            for n, value in ((1, "fail"), (2, "pass"), (3, "pass"))
        },
    }
    assert best_attempt(state)["round"] == 2  # type: ignore[arg-type]
