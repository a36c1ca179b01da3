"""One event loop for all model traffic of the process.

HTTP clients and semaphores belong to the event loop they were first used on. GEMS is called from
many (Studio's, a user's ``asyncio.run``, none at all), so everything that holds a connection runs
on a loop of its own, in a daemon thread.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def model_loop() -> asyncio.AbstractEventLoop:
    """The loop, started on first use."""
    global _loop
    with _lock:
        if _loop is None or _loop.is_closed():
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="gems-models", daemon=True).start()
        return _loop


async def on_model_loop(work: Coroutine[Any, Any, T]) -> T:
    """Awaits ``work`` on the model loop, from any loop. Cancelling reaches ``work``."""
    target = model_loop()
    if asyncio.get_running_loop() is target:
        return await work
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, target))


def run_blocking(work: Coroutine[Any, Any, T]) -> T:
    """Runs ``work`` on the model loop and waits for it; for callers without an event loop.

    A KeyboardInterrupt cancels ``work``, waits until it has cleaned up, and is raised again.
    """
    ended = threading.Event()

    async def watched() -> T:
        try:
            return await work
        finally:
            ended.set()

    future = asyncio.run_coroutine_threadsafe(watched(), model_loop())
    try:
        return future.result()
    except KeyboardInterrupt:
        future.cancel()
        ended.wait(timeout=30)
        raise
