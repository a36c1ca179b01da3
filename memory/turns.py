"""A thread's turns: what is kept of a finished one, and what the next goes out from."""

from __future__ import annotations

from typing import Any, cast

from .ledger import best_attempt, request_of
from .older import completed
from .state import Basis, RunState

KEPT = (
    "prompt", "request", "briefing", "basis", "seed", "skill", "requirements", "drafts", "attempts",
    "verdicts", "experiences", "reviews", "references", "spent", "busy", "work", "warnings", "outcome",
    "reason",
)  # fmt: skip
"""Facts of a turn that are kept when the next begins."""
CARRIED = (
    "requirements", "facts", "skill", "recalled", "track_record", "recalled_lessons", "references",
)  # fmt: skip
"""Facts of a turn that hold in the next."""


def turn_of(state: RunState) -> dict[str, Any]:
    """What is kept of the turn that is over."""
    return {name: value for name, value in state.items() if name in KEPT}


def as_state(turn: dict[str, Any]) -> RunState:
    """A turn that was kept, as the state of a run."""
    return cast(RunState, completed(turn))


def basis_of(state: RunState, edits: bool) -> Basis:
    """What the next turn goes out from: the best picture.

    Args:
        state: the turn that is over.
        edits: whether the generator changes the picture itself.
    """
    best = best_attempt(state)
    return Basis(request=request_of(state), drawn=best["prompt"], image=best["image"], edits=edits)


def with_picture(state: RunState) -> RunState:
    """The state as the thread's last turn with a picture left it: a follow-up that broke off before it
    had drawn anything is none to go on from."""
    turns = state.get("turns") or []
    if state["attempts"] or not turns:
        return state
    earlier = state.get("earlier", [])[:-1]
    return as_state({**state, **turns[-1], "turns": turns[:-1], "earlier": earlier})
