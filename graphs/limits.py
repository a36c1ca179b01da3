"""More rounds, pictures, calls, seconds or money for a run that has used up what it had."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from typing_extensions import TypedDict, Unpack

from ..errors import InputError, RunError
from ..models.loop import run_blocking
from ..nodes.context import check_context
from .holding import held

if TYPE_CHECKING:
    from ..memory.runs import RunRecord, Runs
    from ..nodes.dependencies import Dependencies
    from .execution import Executor

SHORT = ("budget", "max_rounds")
"""Outcomes of runs that would have gone on with other limits."""
ON: dict[str, Any] = {"outcome": None, "reason": "", "exhausted": ""}
"""What the state of a run says that goes on."""


class RunLimits(TypedDict, total=False):
    """The options that end a run; what is left out stays as it is. See ``RunOptions``."""

    rounds: int
    max_images: int
    max_mllm_calls: int
    max_seconds: float
    max_cost: float


class Limits:
    """What a session has for runs that go on with other limits."""

    deps: Dependencies
    index: Runs
    _executor: Executor

    def raise_limits(self, thread_id: str, **limits: Unpack[RunLimits]) -> None:
        """Gives a run other limits; ``resume`` goes on with it, also where it ended because of them.

        Raises:
            RunError: there is no such run, it is at work, or it ended for another reason.
            InputError: a limit is out of range, or money is to be capped and cannot be counted.
        """
        run_blocking(limited(self.deps, self._executor, self.index, thread_id, dict(limits)))


async def limited(
    deps: Dependencies, executor: Executor, index: Runs, thread_id: str, limits: Mapping[str, Any]
) -> None:
    """See ``Limits.raise_limits``."""
    from .inputs import config_for, known_options
    from .standing import is_over

    async with held(index, thread_id):
        record = await asyncio.to_thread(index.read, thread_id)
        known, _ = known_options(record)
        context = check_context({**known.model_dump(exclude_defaults=True), **limits})
        if "max_cost" in limits:
            await asyncio.to_thread(deps.check_prices, context)
        async with executor.standing(record) as (graph, snapshot):
            values = snapshot.values
            check_that_it_is_known("max_cost" in limits, values)
            if is_over(snapshot):
                check_that_it_fell_short(record, values["outcome"])
                update = {**ON, "knobs": dict(limits)}
                await graph.aupdate_state(config_for(record), update, as_node=goes_on_after(values))
        changed = {"context": context.model_dump(exclude_defaults=True), "outcome": None}
        await asyncio.to_thread(index.write, record.model_copy(update=changed))


def check_that_it_is_known(wanted: bool, values: Mapping[str, Any]) -> None:
    """Checks that a run that is to be capped has been counted from the beginning.

    Raises:
        InputError: it has not.
    """
    if wanted and "cost" not in values.get("spent", {"cost": 0}):
        raise InputError(
            "what this run has cost so far is not known, as it began without prices: money cannot be "
            "capped in it"
        )


def check_that_it_fell_short(record: RunRecord, outcome: str) -> None:
    """Checks that a run that has ended did so for want of something.

    Raises:
        RunError: it did not.
    """
    thread = record.thread_id
    if outcome not in SHORT:
        raise RunError(
            f"the run {thread!r} ended as {outcome}, not at a limit: gems follow-up {thread} changes "
            "its picture",
            thread,
        )


def goes_on_after(values: Mapping[str, Any]) -> str:
    """The node after which a run goes on that ended at a limit: it has judged its last round, or it has
    also written what comes next."""
    drawn = max(attempt["round"] for attempt in values["attempts"])
    return "refiner" if values["draft"]["round"] > drawn else "recorder"
