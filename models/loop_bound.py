"""Values that belong to one event loop, made anew when that loop is replaced by another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class LoopBound(Generic[T]):
    """Makes a value on first use in an event loop, and keeps it as long as that loop asks for it.

    HTTP clients and semaphores belong to the loop they were first used on. The loop of all model
    traffic is another one after a fork; what was made on the old one would wait for ever there.

    Args:
        make: makes the value; called with its loop running.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        # The loop itself, not its id: the id of a collected loop may be given to the next one.
        self._held: tuple[asyncio.AbstractEventLoop, T] | None = None

    def get(self) -> T:
        """The value of the running loop, made when this loop asks for the first time."""
        loop = asyncio.get_running_loop()
        if self._held is None or self._held[0] is not loop:
            self._held = (loop, self._make())
        return self._held[1]

    def take(self) -> T | None:
        """The value of the running loop, which is given up here; None: this loop has none.

        Another loop's value is dropped: nobody can close it any more.
        """
        held, self._held = self._held, None
        return held[1] if held is not None and held[0] is asyncio.get_running_loop() else None
