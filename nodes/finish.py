"""Finish: names the outcome and puts the result together."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from ..errors import StorageError
from ..events import RunFinished
from ..memory.ending import outcome_of
from ..memory.ledger import cost_so_far
from ..memory.state import RunState
from .context import RunContext
from .dependencies import Dependencies
from .node import Update, context_of, emit, make_node, thread_of
from .purse import spent_text
from .results import conclude

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableLambda
    from langgraph.runtime import Runtime


def explained(state: RunState, context: RunContext) -> RunState:
    """``state``, which says why nothing is paid any more where that is so."""
    cost, most = cost_so_far(state), context.max_cost
    if state.get("exhausted") or cost is None or most is None or cost < most:
        return state
    return {**state, "exhausted": spent_text(cost, most)}


def make_finish(deps: Dependencies) -> RunnableLambda[RunState, Update]:
    """The last node. It also forgets what was asked of the run from outside, so that the thread can
    be run again, and what its steps, which are all stored now, were answered."""

    async def finish(state: RunState, runtime: Runtime[RunContext]) -> Update:
        thread = thread_of(runtime)
        # None: by the facts it could go on, and an edge found too little budget for what comes next.
        context = context_of(runtime)
        outcome = outcome_of(state, context, deps.signals.stopping(thread)) or "budget"
        state = explained(state, context)
        deps.signals.clear(thread)
        finished = RunFinished(event="finished", outcome=outcome)
        if (cost := cost_so_far(state)) is not None:
            finished["cost"] = cost
        emit(runtime, finished)
        if thread is not None:
            with suppress(StorageError):
                await asyncio.to_thread(deps.paid.drop, thread)
        return await asyncio.to_thread(conclude, state, deps, thread, outcome)

    return make_node(deps, "finish", finish)
