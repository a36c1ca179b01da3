"""Finish: names the outcome and puts the result together."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from ..errors import StorageError
from ..events import RunFinished
from ..memory.ending import outcome_of
from ..memory.state import RunState
from .context import RunContext
from .dependencies import Dependencies
from .node import Update, context_of, emit, make_node, thread_of
from .results import conclude

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableLambda
    from langgraph.runtime import Runtime


def make_finish(deps: Dependencies) -> RunnableLambda[RunState, Update]:
    """The last node. It also forgets what was asked of the run from outside, so that the thread can
    be run again, and what its steps, which are all stored now, were answered."""

    async def finish(state: RunState, runtime: Runtime[RunContext]) -> Update:
        thread = thread_of(runtime)
        # None: by the facts it could go on, and an edge found too little budget for what comes next.
        outcome = outcome_of(state, context_of(runtime), deps.signals.stopping(thread)) or "budget"
        deps.signals.clear(thread)
        emit(runtime, RunFinished(event="finished", outcome=outcome))
        if thread is not None:
            with suppress(StorageError):
                await asyncio.to_thread(deps.paid.drop, thread)
        return await asyncio.to_thread(conclude, state, deps, thread, outcome)

    return make_node(deps, "finish", finish)
