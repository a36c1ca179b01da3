"""What a round's pictures are asked, within the call budget."""

from __future__ import annotations

from typing import Any, NotRequired

from typing_extensions import TypedDict

from ...memory.ledger import last_round, of_round, over_budget, pending, seconds_busy
from ...memory.state import Requirement, RunState
from ..client import calls_left
from ..context import RunContext
from ..dependencies import Dependencies


class VerifierTask(TypedDict):
    """What one verifier is sent: an attempt's picture and the requirements to judge on it."""

    round: int
    candidate: int
    image: str
    """Path of the picture, absolute."""
    requirements: list[Requirement]
    calls_left: int | None
    seconds_left: NotRequired[float | None]
    """Of the time budget, when the round was drawn; None: no budget."""
    knobs: NotRequired[dict[str, Any]]
    """See ``RunState``."""


def verifier_tasks(
    state: RunState, context: RunContext, deps: Dependencies, *, again: bool = False
) -> list[VerifierTask]:
    """A task for every group of requirements that a judge wants at once, on every picture of the latest
    round: earlier candidates and earlier requirements first, as many as the budget allows. With
    ``again`` only what could not be asked before."""
    judge = deps.judge(context)
    wanted = [
        (attempt, group)
        for attempt in of_round(state, last_round(state))
        for group in judge.groups(pending(state, attempt) if again else state["requirements"])
    ]
    left = None if context.max_mllm_calls is None else calls_left(state, context)
    if over_budget(state, context):
        left = 0
    limit = context.max_seconds
    seconds_left = None if limit is None else limit - seconds_busy(state)
    wanted = wanted if left is None else wanted[:left]
    return [
        VerifierTask(
            round=attempt["round"],
            candidate=attempt["candidate"],
            image=str(deps.images.path(attempt["image"])),
            requirements=group,
            calls_left=None if left is None else max(1, left // len(wanted)),
            seconds_left=seconds_left,
            knobs=state["knobs"],
        )
        for attempt, group in wanted
    ]
