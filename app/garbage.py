"""Garbage collections that stay short: while one lasts, no thread of the process runs."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from .heaps import give_back

LONG = 0.02
"""Processor seconds of a full collection from which on it is too long."""
ALL = 2
"""The generation of a full collection."""
MANY, TOO_MANY = 10_000, 500_000
"""Objects that are looked at no more since all were, from which on they are worth a long collection
when there is no work, and in any case: what some 50 and 2,500 runs leave behind."""
REST = 5.0
"""Seconds between two looks whether there is work."""
QUIET = 2
"""Looks in a row without work from which on there is none."""


@contextmanager
def short_collections() -> Iterator[Callable[[int], None]]:
    """Keeps collections short as long as the block lasts.

    A full collection looks at every object that Python knows of, most of which are the libraries' and
    stay for ever: a quarter of a second, at any moment. What outlived a long one is looked at no more.
    It goes all the same when nothing refers to it; only cycles among it, which are the work of that
    moment, do not.

    Yields:
        what frees those cycles by one long collection, if more objects than that may be in any.
    """
    began, looked_at = 0.0, 0

    def note(phase: str, info: dict[str, Any]) -> None:
        nonlocal began
        if info["generation"] != ALL:
            return
        if phase == "start":
            began = time.thread_time()
        elif time.thread_time() - began > LONG:
            gc.freeze()

    def look_at_all(many: int) -> None:
        nonlocal looked_at
        if gc.get_freeze_count() - looked_at > many:
            gc.unfreeze()
            gc.collect()
            looked_at = gc.get_freeze_count()

    gc.callbacks.append(note)
    try:
        yield look_at_all
    finally:
        gc.callbacks.remove(note)
        gc.unfreeze()


@asynccontextmanager
async def collected_at_rest(at_work: Callable[[], int]) -> AsyncIterator[None]:
    """Keeps collections short as long as the block lasts, and makes up for it where there is no work.

    Args:
        at_work: how much work there is; none: a long collection keeps nobody waiting.
    """
    with short_collections() as look_at_all:
        task = asyncio.create_task(look_at_rest(at_work, look_at_all))
        try:
            yield
        finally:
            task.cancel()


async def look_at_rest(at_work: Callable[[], int], look_at_all: Callable[[int], None]) -> None:
    """Calls ``look_at_all``, and once in each rest gives free memory back."""
    quiet = 0
    while True:
        await asyncio.sleep(REST)
        quiet = 0 if at_work() else quiet + 1
        look_at_all(MANY if quiet >= QUIET else TOO_MANY)
        if quiet == QUIET:
            await asyncio.to_thread(give_back)
