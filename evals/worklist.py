"""Work that several workers share: each takes what nobody is at, and what a dead one left."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..errors import AccessError, CapError, GemsError, StorageError, UnreachableError
from ..memory.leases import Lease
from .sharing import Sharing

WAIT_SECONDS = 1.0
"""Until what others are at is looked at again."""
FINAL = (UnreachableError, AccessError, StorageError, CapError)
"""After these nothing more can be done now; other errors are of one piece of work."""

T = TypeVar("T")


@dataclass(frozen=True)
class Pieces(Generic[T]):
    """What a worklist must know of its work."""

    name_of: Callable[[T], str]
    """What it is leased by."""
    is_open: Callable[[T], bool]
    """Whether nobody has done it; looks afresh at what others did."""
    do: Callable[[T], Awaitable[None]]


class Worklist(Generic[T]):
    """Does work, at most ``at_once`` of it side by side, until nobody has any of it left to do."""

    def __init__(self, pieces: Pieces[T], sharing: Sharing, at_once: int) -> None:
        self._pieces = pieces
        self._sharing = sharing
        self._at_once = at_once
        self._open: list[T] = []
        self._turn = asyncio.Lock()
        self._changed = asyncio.Event()
        self._stopped = False
        self._failures: list[GemsError] = []

    async def run(self, work: Sequence[T]) -> None:
        """Does what is open of ``work``, and waits for what other workers are at.

        Raises:
            GemsError: a piece failed. What is under way is finished first, and so is the rest of the
                work where that is possible.
        """
        self._open = [item for item in work if self._pieces.is_open(item)]
        slots = min(self._at_once, len(self._open))
        await asyncio.gather(*(self._slot() for _ in range(slots)))
        if self._failures:
            final = (failure for failure in self._failures if isinstance(failure, FINAL))
            raise to_go_on(next(final, self._failures[0]))

    async def _slot(self) -> None:
        try:
            while (taken := await self._next()) is not None:
                item, lease = taken
                try:
                    await self._do(item)
                finally:
                    await asyncio.to_thread(lease.release)
                    self._changed.set()
        except GemsError as exc:
            self._fail(exc)

    async def _do(self, item: T) -> None:
        try:
            await self._pieces.do(item)
        except GemsError as exc:
            self._fail(exc)

    def _fail(self, exc: GemsError) -> None:
        self._failures.append(exc)
        self._stopped = self._stopped or isinstance(exc, FINAL)
        self._changed.set()

    async def _next(self) -> tuple[T, Lease] | None:
        """A piece that is this worker's now; None: there is no more to do. One slot at a time looks,
        and waits where others hold all that is left."""
        async with self._turn:
            while self._open and not self._stopped:
                self._changed.clear()
                if (taken := await self._take()) is not None:
                    return taken
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), WAIT_SECONDS)
        return None

    async def _take(self) -> tuple[T, Lease] | None:
        """The first piece that can be taken. Only then is it sure that nobody ends it meanwhile, so
        only then is it looked at whether it is open still."""
        for item in list(self._open):
            lease = await asyncio.to_thread(self._sharing.take, self._pieces.name_of(item))
            if lease is None:
                continue
            self._open.remove(item)
            if self._pieces.is_open(item):
                return item, lease
            await asyncio.to_thread(lease.release)
        return None


def to_go_on(failure: GemsError) -> GemsError:
    """``failure``, saying how an evaluation goes on; not by its runs, which are in homes of its own."""
    failure.thread_id = None
    if "same command" not in str(failure):
        failure.args = (f"{failure}; then the same command goes on from here",)
    return failure
