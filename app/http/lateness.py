"""How long a server's event loop keeps its callers waiting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

EVERY = 0.05
"""Seconds between two looks."""


class Lateness:
    """Looks every ``EVERY`` seconds how late the event loop is: what a new request would wait for its
    turn.

    Args:
        hears: is told the seconds of each look.

    Attributes:
        looked: when it last did, by ``time.monotonic``.
    """

    def __init__(self, hears: Callable[[float], None]) -> None:
        self._hears = hears
        self.looked = 0.0

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Looks as long as the block lasts."""
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()

    async def _watch(self) -> None:
        while True:
            self.looked = time.monotonic()
            await asyncio.sleep(EVERY)
            self._hears(max(0.0, time.monotonic() - self.looked - EVERY))
