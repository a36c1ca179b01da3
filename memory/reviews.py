"""What people say of rounds, as facts: when they are asked, what follows."""

from __future__ import annotations

from collections.abc import Sequence

from .ledger import last_round, of_round
from .state import Outcome, Requirement, Review, RunState, Verdict

REVIEWED = ("all_passed", "max_rounds", "unverified", "unreliable")
"""Endings that a person may look at before they are; others are somebody's wish or a limit's."""

BY_HAND = "by hand"
"""The strategy of a draft that a person wrote."""


def latest_review(state: RunState) -> Review | None:
    """The last review, where it is of the latest round."""
    reviews = state.get("reviews") or []
    return reviews[-1] if reviews and reviews[-1]["round"] == last_round(state) else None


def decision_on(state: RunState) -> Outcome | None:
    """How a person ended the run; None: nobody did."""
    review = latest_review(state)
    decided: dict[str, Outcome] = {"take": "accepted", "stop": "cancelled"}
    return decided.get(review["decision"]) if review is not None else None


def has_next(state: RunState) -> bool:
    """Whether the next round's draft is there."""
    return state["draft"]["round"] > last_round(state)


def wants_review(state: RunState, when: str, ending: str | None) -> bool:
    """Whether a person is asked now.

    Args:
        state: the run after its latest round was judged.
        when: the run's ``review`` option.
        ending: how it would end now; None: it goes on.
    """
    if when == "never" or (ending is not None and ending not in REVIEWED):
        return False
    if ending is not None and latest_review(state) is not None:
        return False
    if ending is None and state["draft"].get("strategy") == BY_HAND:
        # Whoever wrote what is drawn next has looked at the round: a fork begins so.
        return False
    return when == "every_round" or ending != "all_passed"


def without(requirements: Sequence[Requirement], dropped: Sequence[str]) -> list[Requirement]:
    """``requirements`` without some; what depended on one of those stands by itself."""
    kept = []
    for requirement in requirements:
        if requirement["id"] in dropped:
            continue
        free: Requirement = {**requirement}
        if free["parent"] in dropped:
            free["parent"] = None
        if parents := free.get("parents"):
            free["parents"] = [parent for parent in parents if parent not in dropped]
        kept.append(free)
    return kept


def next_id(requirements: Sequence[Requirement]) -> str:
    """An id that no requirement has."""
    numbers = [int(r["id"][1:]) for r in requirements if r["id"][1:].isdigit()]
    return f"q{max(numbers, default=0) + 1}"


def ask_of(state: RunState, requirement: Requirement, words: str) -> dict[str, Verdict]:
    """Verdicts by which the latest round's pictures are still to be asked about ``requirement``."""
    verdict = Verdict(value="not_judged", reason="a person added it", cause="unasked", pending=True)
    return on_latest(state, requirement, verdict)


def fail(state: RunState, requirement: Requirement, words: str) -> dict[str, Verdict]:
    """Verdicts by which ``requirement``, what a person complains of, fails on the latest pictures."""
    verdict = Verdict(value="fail", reason=words, confidence=1.0, judge="person")
    return on_latest(state, requirement, verdict)


def on_latest(state: RunState, requirement: Requirement, verdict: Verdict) -> dict[str, Verdict]:
    """``verdict`` for every picture of the latest round."""
    number = last_round(state)
    return {
        f"{number}.{attempt['candidate']}.{requirement['id']}": verdict
        for attempt in of_round(state, number)
    }
