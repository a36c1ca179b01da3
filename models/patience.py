"""What a call to a model may know of the run it belongs to: how long it may wait, and whom it tells."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

TELL_FROM = 1.0
"""Seconds. Shorter waits are nothing that anybody wonders about."""


@dataclass(frozen=True)
class Patience:
    """The limits of whoever asks. ``deadline`` is on the monotonic clock; ``tell`` is called on the
    event loop of the models with the seconds of a wait that begins, and why."""

    deadline: float | None = None
    tell: Callable[[float, str], None] | None = None

    def allows(self, seconds: float) -> bool:
        """Whether a wait of that length ends in time."""
        return self.deadline is None or time.monotonic() + seconds <= self.deadline


NO_RUN = Patience()
PATIENCE: ContextVar[Patience] = ContextVar("gems_patience", default=NO_RUN)
"""Set for the time of a node's work; calls to models inherit it on whichever loop they run."""


async def wait_a_while(seconds: float, why: str) -> None:
    """Waits, and says so where somebody listens."""
    tell = PATIENCE.get().tell
    if tell is not None and seconds >= TELL_FROM:
        tell(seconds, why)
    await asyncio.sleep(seconds)
