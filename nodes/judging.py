"""What a round's pictures are asked, and asked again, within the call budget."""

from __future__ import annotations

from typing import Any, NotRequired

from typing_extensions import TypedDict

from ..memory.evidence import doubts
from ..memory.ledger import cost_so_far, last_round, of_round, over_budget, pending, seconds_busy
from ..memory.state import Attempt, Requirement, RunState, Verdict
from ..models.judges.votes import votes_of
from .client import calls_left
from .context import RunContext
from .dependencies import Dependencies


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
    cost: NotRequired[float | None]
    """What the run had cost when the task was sent; None: that is not known."""
    knobs: NotRequired[dict[str, Any]]
    """See ``RunState``."""
    earlier: NotRequired[list[Verdict]]
    """Of another look: the verdicts so far, one a requirement, after equally many looks."""


Wanted = tuple[Attempt, list[Requirement], list[Verdict]]
"""What to ask of an attempt, and the verdicts so far where it is another look."""


def first_tasks(state: RunState, context: RunContext, deps: Dependencies) -> list[VerifierTask]:
    """A task for every group of requirements that a judge wants at once, on every picture of the latest
    round: earlier candidates and earlier requirements first, as many as the budget allows."""
    return tasks_for(groups(state, context, deps, again=False), state, context, deps)


def further_tasks(
    state: RunState, context: RunContext, deps: Dependencies, *, stopped: bool
) -> list[VerifierTask]:
    """What is to be asked before the latest round counts: what nobody could be reached for, else what
    is looked at again. None: it counts as it is."""
    if stopped or over_budget(state, context):
        return []
    wanted = groups(state, context, deps, again=True) or further_looks(state, context, deps)
    return tasks_for(wanted, state, context, deps)


def groups(state: RunState, context: RunContext, deps: Dependencies, *, again: bool) -> list[Wanted]:
    """What the latest round's pictures are asked; with ``again`` what could not be asked before."""
    judge = deps.judge(context)
    return [
        (attempt, group, [])
        for attempt in of_round(state, last_round(state))
        for group in judge.groups(pending(state, attempt) if again else state["requirements"])
    ]


def further_looks(state: RunState, context: RunContext, deps: Dependencies) -> list[Wanted]:
    """The verdicts in doubt that whoever gave them might give otherwise: one group for those on one
    picture that had equally many looks."""
    if not context.second_looks:
        return []
    judge = deps.judge(context)
    found: dict[tuple[int, int, int], Wanted] = {}
    for attempt, (requirement, verdict) in doubts(state, context):
        if judge.may_differ(requirement, verdict):
            key = (attempt["round"], attempt["candidate"], len(votes_of(verdict)))
            _, requirements, verdicts = found.setdefault(key, (attempt, [], []))
            requirements.append(requirement)
            verdicts.append(verdict)
    return list(found.values())


def tasks_for(
    wanted: list[Wanted], state: RunState, context: RunContext, deps: Dependencies
) -> list[VerifierTask]:
    """``wanted`` as tasks, as many as the budget allows."""
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
            requirements=requirements,
            calls_left=None if left is None else max(1, left // len(wanted)),
            seconds_left=seconds_left,
            cost=cost_so_far(state),
            knobs=state["knobs"],
            earlier=verdicts,
        )
        for attempt, requirements, verdicts in wanted
    ]
