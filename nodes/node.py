"""What all nodes share: one async function serves ``invoke`` and ``ainvoke``; calls are counted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from langchain_core.runnables import RunnableLambda
from langgraph.runtime import Runtime, get_runtime

from ..errors import AnswerError, Cost
from ..memory.state import RunState, Spent
from ..models.chat.mllm import AnswerT, Reply, Role
from ..models.loop import run_blocking
from .context import RunContext
from .dependencies import Dependencies

Update = dict[str, Any]
NodeFunction = Callable[[Any, Runtime[RunContext]], Awaitable[Update]]


def make_node(deps: Dependencies, name: str, work: NodeFunction) -> RunnableLambda[Any, Update]:
    """``work`` as a node that runs both synchronously and asynchronously, and says when it was busy.

    Synchronously it runs on the model loop, so the caller needs no event loop. What nodes
    depend on is opened in a thread: reading skills or importing a client would block the event loop.
    """

    async def timed(state: Any, runtime: Runtime[RunContext]) -> Update:
        start = time.time()
        context = context_of(runtime)
        if not deps.prepared(context):
            await asyncio.to_thread(deps.prepare, context)
        update = await work(state, runtime)
        return {**update, "busy": [[start, time.time()]]}

    def sync(state: Any) -> Update:
        return run_blocking(timed(state, get_runtime(RunContext)))

    async def asynchronous(state: Any) -> Update:
        return await timed(state, get_runtime(RunContext))

    return RunnableLambda(sync, afunc=asynchronous, name=name)


def context_of(runtime: Runtime[RunContext]) -> RunContext:
    """The context of a run; the defaults where the caller gave none."""
    context = runtime.context
    if context is None:
        return RunContext()
    if isinstance(context, Mapping):
        return RunContext.model_validate(context)
    return context


def thread_of(runtime: Runtime[RunContext]) -> str | None:
    """The thread a run belongs to, where it has one."""
    info = runtime.execution_info
    return info.thread_id if info else None


def emit(runtime: Runtime[RunContext], event: str, **data: Any) -> None:
    """Streams an event to whoever watches the run (``stream_mode="custom"``)."""
    runtime.stream_writer({"event": event, **data})


def spent_on(cost: Cost, images: int = 0) -> Spent:
    """``cost`` and ``images`` as an update of the state's ``spent``."""
    return Spent(
        mllm_calls=cost.requests,
        images=images,
        input_tokens=cost.input_tokens,
        output_tokens=cost.output_tokens,
    )


class RoleClient:
    """How a node speaks to the MLLM: within the run's call budget."""

    def __init__(self, deps: Dependencies, runtime: Runtime[RunContext], left: int | None) -> None:
        self._mllm = deps.mllm(context_of(runtime))
        self._left = left

    @classmethod
    def for_state(cls, deps: Dependencies, runtime: Runtime[RunContext], state: RunState) -> RoleClient:
        """A client with what ``state`` leaves of the call budget."""
        return cls(deps, runtime, calls_left(state, context_of(runtime)))

    async def ask(
        self, role: Role[AnswerT], fields: Mapping[str, Any], images: Sequence[Path] = ()
    ) -> Reply[AnswerT]:
        """One call; see ``MLLM.ask``."""
        return await self._mllm.ask(role, fields, images, max_requests=self._left)

    async def ask_or_none(
        self, role: Role[AnswerT], fields: Mapping[str, Any], images: Sequence[Path] = ()
    ) -> tuple[Reply[AnswerT] | None, Cost, str]:
        """As ``ask``, for roles a run can do without: (reply or None, cost, why there is none).

        Only an unusable answer is forgiven; a server that is away or refuses stops the run, which
        can then be resumed.
        """
        try:
            reply = await self.ask(role, fields, images)
        except AnswerError as exc:
            return None, exc.cost, f"{role.name}: {exc}"
        return reply, reply.cost, ""


def calls_left(state: RunState, context: RunContext) -> int | None:
    """What is left of the call budget, at least 1; None: no budget."""
    if context.max_mllm_calls is None:
        return None
    return max(1, context.max_mllm_calls - state["spent"]["mllm_calls"])
