"""One event loop for all model traffic of the process.

HTTP clients and semaphores belong to the event loop they were first used on. GEMS is called from
many (Studio's, a user's ``asyncio.run``, none at all), so everything that holds a connection runs
on a loop of its own, in a daemon thread. What users hand in to watch a run never runs here.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import Future, wait
from typing import Any, Generic, TypeVar

from ..errors import InputError

T = TypeVar("T")
CLEAN_UP_SECONDS = 30.0
"""How long an interrupt waits for a cancelled call to clean up."""
logger = logging.getLogger("gems.loop")

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def model_loop() -> asyncio.AbstractEventLoop:
    """The loop, started on first use; a forked child starts its own."""
    global _loop
    with _lock:
        if _loop is None or _loop.is_closed():
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_serve, args=(_loop,), name="gems-models", daemon=True).start()
        return _loop


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    """Runs the loop for good. A SystemExit in one of its tasks belongs to who waits for that task; it
    would end the loop under everybody else."""
    while not loop.is_closed():
        try:
            loop.run_forever()
            return
        except (SystemExit, KeyboardInterrupt) as exc:
            logger.error("a task on the model loop raised %r; the loop goes on", exc)


def _forget_after_fork() -> None:
    """The parent's thread does not exist in a forked child, and its lock may be held for ever."""
    global _lock, _loop
    _lock, _loop = threading.Lock(), None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)


class LoopCall(Generic[T]):
    """Work under way on the model loop, for callers in other threads and loops.

    Attributes:
        future: resolved when the work has ended, its cleaning up after ``cancel`` included. Cancelling
            the future itself lets its waiters go at once and reaches the work too.
    """

    def __init__(self, work: Coroutine[Any, Any, T]) -> None:
        self.future: Future[T] = Future()
        self._loop = model_loop()
        self._task: asyncio.Task[T] | None = None
        self._cancelled = False
        self._loop.call_soon_threadsafe(self._begin, work)
        self.future.add_done_callback(lambda done: self.cancel() if done.cancelled() else None)

    def _begin(self, work: Coroutine[Any, Any, T]) -> None:
        self._task = self._loop.create_task(work)
        self._task.add_done_callback(self._end)
        if self._cancelled:
            self._task.cancel()

    def _end(self, task: asyncio.Task[T]) -> None:
        if task.cancelled():
            self.future.cancel()
        # Asked first: a cancelled future takes no result, and its waiters hear of it here.
        if not self.future.set_running_or_notify_cancel():
            return
        if (error := task.exception()) is not None:
            self.future.set_exception(error)
        else:
            self.future.set_result(task.result())

    def cancel(self) -> None:
        """Asks the work to stop; returns at once."""
        self._cancelled = True
        self._loop.call_soon_threadsafe(self._cancel_task)

    def _cancel_task(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def wait(self) -> T:
        """What the work returns, for callers without an event loop.

        A KeyboardInterrupt cancels the work, waits until it has cleaned up, and is raised again.

        Raises:
            InputError: the caller runs on the model loop itself, which would wait for itself for ever.
        """
        if on_the_loop_itself():
            self.cancel()
            raise InputError(
                "a blocking call was made from the models' own event loop, where a model or store of "
                "yours runs: await its async twin (agenerate, aresume) there"
            )
        try:
            return self.future.result()
        except KeyboardInterrupt:
            self.cancel()
            wait([self.future], timeout=CLEAN_UP_SECONDS)
            raise


async def until_done(call: LoopCall[T]) -> T:
    """What ``call`` returns, in any loop. Cancelling it stops the work and waits until that has cleaned
    up, so that what it held can be had again."""
    result = asyncio.wrap_future(call.future)
    try:
        return await asyncio.shield(result)
    except asyncio.CancelledError:
        call.cancel()
        await asyncio.wait({result}, timeout=CLEAN_UP_SECONDS)
        raise


async def on_model_loop(work: Coroutine[Any, Any, T]) -> T:
    """Awaits ``work`` on the model loop, from any loop. Cancelling reaches ``work``."""
    if asyncio.get_running_loop() is model_loop():
        return await work
    return await asyncio.wrap_future(LoopCall(work).future)


def run_blocking(work: Coroutine[Any, Any, T]) -> T:
    """Runs ``work`` on the model loop and waits for it; see ``LoopCall.wait``."""
    return LoopCall(work).wait()


def on_the_loop_itself() -> bool:
    """Whether the caller runs on the model loop."""
    try:
        return asyncio.get_running_loop() is _loop
    except RuntimeError:
        return False
