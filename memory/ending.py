"""How a run ends, and what it has to say about that."""

from __future__ import annotations

from .evidence import distrust
from .ledger import (
    Limits,
    best_attempt,
    cause_of,
    last_attempt,
    last_round,
    over_budget,
    passed_count,
    split,
)
from .reviews import decision_on
from .state import Outcome, RunState


def outcome_of(state: RunState, limits: Limits, stopped: bool) -> Outcome | None:
    """How the run ends after its latest picture has been looked at; None: it goes on.

    Three calls are the least another round needs: compressor, refiner, one question.
    """
    if (decided := decision_on(state)) is not None:
        return decided
    return outcome_by_facts(state, limits, stopped)


def outcome_by_facts(state: RunState, limits: Limits, stopped: bool) -> Outcome | None:
    """The same, where no person decided it."""
    if not state["requirements"]:
        return "cancelled" if stopped and not state["attempts"] else "unverified"
    if passed_count(state, best_attempt(state)) == len(state["requirements"]):
        return "all_passed"
    if state.get("failure"):
        return "failed"
    if stopped:
        return "cancelled"
    if distrust(state):
        return "unreliable"
    if over_budget(state, limits, calls_needed=3):
        return "budget"
    _, failed, unjudged = split(state, last_attempt(state))
    if not failed and not any(cause_of(verdict) == "unclear" for _, verdict in unjudged):
        return "unverified"
    return "max_rounds" if last_round(state) >= limits.rounds else None


def reason_of(state: RunState, outcome: Outcome) -> str:
    """Why a run ended as ``failed`` or ``unreliable``, or for want of money; empty for the others."""
    if outcome == "unreliable":
        return distrust(state)
    if outcome == "budget":
        return state.get("exhausted", "")
    return state.get("failure", "") if outcome == "failed" else ""
