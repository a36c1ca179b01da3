"""A run that is this process's while a block lasts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager

from ..errors import RunError
from ..memory.runs import Runs


@asynccontextmanager
async def held(runs: Runs, thread_id: str) -> AsyncIterator[None]:
    """Holds a run without keeping the event loop waiting. The block is cancelled where another process
    has taken the run over, because this one could not be heard of for too long.

    Raises:
        RunError: another process is at the run, or has taken it over.
        StorageError: who holds what cannot be read or written.
    """
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None
    taken_over = False

    def lost() -> None:
        nonlocal taken_over
        taken_over = True
        loop.call_soon_threadsafe(task.cancel)

    run = runs.hold(thread_id, lost)
    await entered(run)
    try:
        yield
    except asyncio.CancelledError as exc:
        if not taken_over:
            raise
        task.uncancel()
        raise RunError(
            f"the run {thread_id!r} was taken over by another process, as this one could not renew its "
            "claim: look at `gems show` there, or resume it later",
            thread_id,
        ) from exc
    finally:
        await asyncio.shield(asyncio.to_thread(run.__exit__, None, None, None))


async def entered(context: AbstractContextManager[None]) -> None:
    """Enters ``context`` in a thread; cancelled meanwhile, leaves it again."""
    entering = asyncio.ensure_future(asyncio.to_thread(context.__enter__))
    try:
        await asyncio.shield(entering)
    except asyncio.CancelledError:
        await asyncio.wait({entering})
        if not entering.cancelled() and entering.exception() is None:
            await asyncio.to_thread(context.__exit__, None, None, None)
        raise
