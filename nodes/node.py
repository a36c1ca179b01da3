"""What all nodes share: one async function serves ``invoke`` and ``ainvoke``; they say what happens."""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import (
    AccessError,
    AnswerError,
    BudgetError,
    CancelledRunError,
    Cost,
    GemsError,
    NotInWorldError,
    RefusedError,
)
from ..events import Event, PromptWritten, Waiting
from ..memory.ledger import seconds_busy
from ..memory.older import completed
from ..memory.state import Draft, Spent, Work
from ..models.loop import run_blocking
from ..models.patience import PATIENCE, Patience
from .context import RunContext, context_from, given_options
from .dependencies import Dependencies
from .paid import PAID, TaskAnswers
from .payers import payer_for
from .purse import PAYER, Payer

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableLambda
    from langgraph.runtime import Runtime

Update = dict[str, Any]
NodeFunction: TypeAlias = "Callable[[Any, Runtime[RunContext]], Coroutine[Any, Any, Update]]"
PAUSES = frozenset({"generator", "compressor", "refiner"})
"""Before these a run pauses where it was asked to; in the middle of judging it would lose answers."""
ENDS = frozenset({"intake", "finish"})
"""These take no time, and a run that is stopped needs them."""
LASTING = (RefusedError, AnswerError, NotInWorldError)
"""What the same request would meet again, but for ``AccessError``, which the user mends elsewhere."""
BEGAN = time.time() - time.monotonic()


def clock() -> float:
    """Seconds since the epoch by a clock that nobody sets: budgets do not feel it when the machine's
    is put right. Of another process it differs by what was put right in between."""
    return BEGAN + time.monotonic()


def make_node(deps: Dependencies, name: str, work: NodeFunction) -> RunnableLambda[Any, Update]:
    """``work`` as a node that runs both synchronously and asynchronously, and says when it was busy.

    Its context is what the caller gave, before what the thread was given earlier, which the state
    keeps: a run that goes on without a context keeps its limits.

    Synchronously it runs on the model loop, so the caller needs no event loop. What nodes
    depend on is opened in a thread: reading skills or importing a client would block the event loop.
    """

    # Imported when a graph is built: LangGraph takes half a second, which looking at runs need not pay.
    from langchain_core.runnables import RunnableLambda
    from langgraph.runtime import get_runtime
    from langgraph.types import Overwrite

    async def timed(state: Any, runtime: Runtime[RunContext]) -> Update:
        start, thread = clock(), thread_of(runtime)
        if name in PAUSES:
            pause_if_asked(deps, thread)
        kept, given = state.get("knobs") or {}, given_options(runtime.context)
        context = deps.policy.bound(context_from(given, kept))
        runtime = runtime.override(context=context)
        working = prepare_and_work(deps, name, work, state, runtime)
        update = await (working if name in ENDS else unless_stopped(working, deps, thread))
        if update is None:
            update = cut_short(state, thread)
        new = {knob: value for knob, value in given.items() if kept.get(knob) != value}
        end = clock()
        # The first node empties what others add to.
        begins = "work" in update
        did = {} if begins else {"work": {name: work_of(update, end - start)}}
        busy = Overwrite([[start, end]]) if begins else [[start, end]]
        return {**update, **did, **({"knobs": new} if new else {}), "busy": busy}

    def sync(state: Any) -> Update:
        return run_blocking(timed(state, get_runtime(RunContext)))

    async def asynchronous(state: Any) -> Update:
        return await timed(state, get_runtime(RunContext))

    return RunnableLambda(sync, afunc=asynchronous, name=name)


def work_of(update: Update, seconds: float) -> Work:
    """What a node did, by its update."""
    spent: Spent = update.get("spent") or spent_on(Cost())
    return Work(**spent, times=1, seconds=round(seconds, 3))


async def prepare_and_work(
    deps: Dependencies, name: str, work: NodeFunction, state: Any, runtime: Runtime[RunContext]
) -> Update:
    """``work_or_fail``, once everything is open, with the run's patience and what it was answered."""
    context = context_of(runtime)
    if not deps.prepared(context):
        await asyncio.to_thread(deps.prepare, context)
    PATIENCE.set(patience_of(state, runtime))
    paid = answers_of(deps, runtime)
    PAID.set(paid)
    try:
        payer = await payer_for(deps, state, runtime, begins=name == "intake")
        PAYER.set(payer)
        update = await metered(deps, name, counted(payer, work_or_fail(name, work, state, runtime)))
        return {**update, "exhausted": payer.refused} if payer.refused else update
    except Exception as exc:
        from langgraph.errors import GraphBubbleUp

        # A fault of ours that an answer brought about would come again. An interrupt is none.
        if paid is not None and not isinstance(exc, GemsError | GraphBubbleUp):
            await paid.forget()
        raise


def answers_of(deps: Dependencies, runtime: Runtime[RunContext]) -> TaskAnswers | None:
    """What the node's task was answered before; None: the run has no checkpoints to go on from."""
    info = runtime.execution_info
    if info is None or info.thread_id is None:
        return None
    return TaskAnswers(deps.paid, info.thread_id, info.task_id)


async def metered(deps: Dependencies, name: str, work: Coroutine[Any, Any, Update]) -> Update:
    """What ``work`` returns, counted where somebody counts."""
    if deps.meter is None:
        return await work
    start = clock()
    try:
        update = await work
    # An interrupt is none of the node's failures, and is an Exception all the same.
    except GemsError as exc:
        deps.meter.failed(name, clock() - start, exc)
        raise
    deps.meter.done(name, clock() - start, update)
    return update


async def counted(payer: Payer, work: Coroutine[Any, Any, Update]) -> Update:
    """What ``work`` returns, with the money for calls that it says nothing of."""
    update = await work
    if not payer.beside.requests:
        return update
    before: Spent = update.get("spent") or spent_on(Cost())
    spent = before.copy()
    known = spent.pop("cost", None)
    if known is not None and payer.beside.paid is not None:
        spent["cost"] = known + payer.beside.paid
    return {**update, "spent": spent}


async def work_or_fail(
    name: str, work: NodeFunction, state: Any, runtime: Runtime[RunContext]
) -> Update:
    """What ``work`` returns; or, once there is a picture, that the run cannot go on and why.

    A server that is away, or that the user must be let in to, stops the run instead: it goes on later.
    """
    state = completed(state)
    try:
        return await work(state, runtime)
    except BudgetError as exc:
        if name == "intake" or not has_picture(state):
            raise
        return {"spent": spent_on(exc.cost)}
    except LASTING as exc:
        if isinstance(exc, AccessError) or not has_picture(state):
            raise
        cost = getattr(exc, "cost", Cost())
        return {"failure": f"{name}: {exc}", "spent": spent_on(cost)}


async def unless_stopped(
    work: Coroutine[Any, Any, Update], deps: Dependencies, thread: str | None
) -> Update | None:
    """What ``work`` returns, or None where the run was asked to stop before that."""
    if deps.signals.stopping(thread):
        work.close()
        return None
    working = asyncio.ensure_future(work)
    stopped = asyncio.ensure_future(deps.signals.until_stopped(thread))
    try:
        await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        working.cancel()
        stopped.cancel()
        await asyncio.gather(working, stopped, return_exceptions=True)


def has_picture(state: Any) -> bool:
    """Whether the run, or the task of it that a verifier is sent, has a picture."""
    return bool(completed(state).get("attempts")) or "candidate" in state


def cut_short(state: Any, thread: str | None) -> Update:
    """What a node leaves that was stopped in its work: nothing, with which the run goes on to its end.

    Raises:
        CancelledRunError: there is no picture to end with.
    """
    if not has_picture(state):
        raise CancelledRunError(
            f"stopped before the first picture: gems resume {thread} draws it", thread
        )
    return {}


def patience_of(state: Any, runtime: Runtime[RunContext]) -> Patience:
    """How long a node's calls may wait for a busy server, by the run's time budget, and that waits are
    events of the run. A verifier's task has no state of the run, and brings its share along."""
    budget, loop = context_of(runtime).max_seconds, asyncio.get_running_loop()
    context = contextvars.copy_context()
    left = state.get("seconds_left")
    if left is None and budget is not None:
        left = budget - seconds_busy(state)

    def tell(seconds: float, why: str) -> None:
        waiting = Waiting(event="waiting", seconds=round(seconds, 1), why=why)
        loop.call_soon_threadsafe(lambda: emit(runtime, waiting), context=context.copy())

    return Patience(None if left is None else time.monotonic() + left, tell)


def pause_if_asked(deps: Dependencies, thread_id: str | None) -> None:
    """Interrupts the run, as LangGraph does it, where somebody asked for a pause."""
    pause = deps.signals.take_pause(thread_id)
    if pause is not None:
        from langgraph.types import interrupt

        interrupt({"reason": pause.reason, "message": pause.message})


def context_of(runtime: Runtime[RunContext]) -> RunContext:
    """The context of a run, as ``make_node`` has settled it."""
    return runtime.context


def thread_of(runtime: Runtime[RunContext]) -> str | None:
    """The thread a run belongs to, where it has one."""
    info = runtime.execution_info
    return info.thread_id if info else None


def emit(runtime: Runtime[RunContext], event: Event) -> None:
    """Streams an event to whoever watches the run (``stream_mode="custom"``)."""
    runtime.stream_writer(event)


def written(draft: Draft) -> PromptWritten:
    """The event that tells of ``draft``; shared by the two roles that write prompts."""
    return PromptWritten(
        event="prompt",
        round=draft["round"],
        action=draft["action"],
        prompt=draft["prompt"],
        reasoning=draft["reasoning"],
        strategy=draft.get("strategy", ""),
    )


def spent_on(cost: Cost, images: int = 0, drawing: float | None = 0.0) -> Spent:
    """``cost`` and ``images`` as an update of the state's ``spent``; ``drawing``: what the images cost,
    None where they have no price."""
    spent = Spent(
        mllm_calls=cost.requests,
        images=images,
        input_tokens=cost.input_tokens,
        output_tokens=cost.output_tokens,
    )
    if cost.paid is not None and drawing is not None:
        spent["cost"] = cost.paid + drawing
    return spent
