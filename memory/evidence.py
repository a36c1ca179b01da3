"""How far verdicts can be relied on: what is to be looked at again before it decides, and when a judge
contradicts itself too often to go on.

Two decisions are made on few verdicts: that a nearly right picture is not right, and that a picture
is better than the best so far. Wrong ones make the answer worse than the first picture, so they are
made on two or three looks. See docs/experiments.md for the figures.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..models.judges.votes import LOOKS, differs, is_open, votes_of
from .ledger import (
    Limits,
    best_of,
    best_of_round,
    cause_of,
    last_round,
    over_budget,
    raw_verdict,
    split,
    standing,
    verdict_on,
)
from .state import Attempt, Judged, Requirement, RunState, Verdict

NARROW = 2
"""Requirements between right and wrong, or between two pictures, that are looked at again."""
MORE_LOOKS = 5
"""At most so many looks at one requirement, where the judge wavers."""
WAVERS = 0.25
"""The share of second looks that contradict the first from which on a judge wavers."""
UNRELIABLE, CONTRADICTIONS = 0.5, 3
"""The share, and the least number, from which on nothing that it says decides anything."""

Doubt = tuple[Attempt, Judged]


def contradictions(state: RunState) -> tuple[int, int]:
    """(second looks that contradict the first, second looks) of the run."""
    twice = [verdict for verdict in state["verdicts"].values() if len(votes_of(verdict)) > 1]
    return sum(map(differs, twice)), len(twice)


def wavers(state: RunState) -> bool:
    """Whether the judge contradicts itself so often that more looks are called for."""
    contrary, twice = contradictions(state)
    return contrary > 0 and contrary >= WAVERS * twice


def distrust(state: RunState) -> str:
    """Why the judge cannot be relied on, in one line; empty: it can, as far as is known."""
    contrary, twice = contradictions(state)
    if contrary < CONTRADICTIONS or contrary < UNRELIABLE * twice:
        return ""
    return (
        f"the judge answered {contrary} of {twice} questions otherwise when it was asked again: name "
        "another one with GEMS_VERIFIERS, or verify = votes"
    )


def best_before(state: RunState, number: int) -> Attempt | None:
    """The best attempt of the rounds before ``number``; None: there are none."""
    earlier = [attempt for attempt in state["attempts"] if attempt["round"] < number]
    return best_of(state, earlier) if earlier else None


def doubts(state: RunState, limits: Limits) -> list[Doubt]:
    """The verdicts that another look is worth it for before the latest round counts: none that is sure,
    and none that decides nothing."""
    if not state["requirements"] or over_budget(state, limits):
        return []
    most = MORE_LOOKS if wavers(state) else LOOKS
    found: dict[tuple[int, int, str], Doubt] = {}
    for attempt, requirement in in_question(state, limits):
        verdict = raw_verdict(state, attempt, requirement)
        if is_open(verdict, most) or is_dim(verdict):
            key = (attempt["round"], attempt["candidate"], requirement["id"])
            found[key] = attempt, (requirement, verdict)
    return list(found.values())


def in_question(state: RunState, limits: Limits) -> Iterator[tuple[Attempt, Requirement]]:
    """What the coming decisions hang on: whether the latest picture is right, and whether it replaces
    the best one."""
    number = last_round(state)
    latest, best = best_of_round(state, number), best_before(state, number)
    behind = best is not None and standing(state, latest) < standing(state, best)
    if number < limits.rounds and not behind:
        yield from ((latest, requirement) for requirement in nearly_right(state, latest))
    if best is None or not wins_narrowly(state, latest, best):
        return
    for requirement in state["requirements"]:
        values = [verdict_on(state, a, requirement)["value"] for a in (latest, best)]
        if values[0] != values[1]:
            yield latest, requirement
            yield best, requirement
        elif wavers(state):
            yield latest, requirement


def nearly_right(state: RunState, attempt: Attempt) -> list[Requirement]:
    """What alone keeps an attempt from being right, where that is little: what fails, and what could
    not be told, or was told both ways."""
    _, failed, unjudged = split(state, attempt)
    unclear = [requirement for requirement, verdict in unjudged if cause_of(verdict) == "unclear"]
    wanted = [requirement for requirement, _ in failed] + unclear
    return wanted if len(wanted) <= NARROW else []


def is_dim(verdict: Verdict) -> bool:
    """Whether it could not be told in the one look that there was: alone it may be."""
    return cause_of(verdict) == "unclear" and len(votes_of(verdict)) == 1


def wins_narrowly(state: RunState, latest: Attempt, best: Attempt) -> bool:
    """Whether ``latest`` would replace ``best`` on a few verdicts."""
    one, other = standing(state, latest), standing(state, best)
    return one > other and one.passed - other.passed <= NARROW
