"""How events leave a run: to an iterator that is read whenever its reader likes, or to a callback in a
thread of its own. A run never waits for whoever watches it."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import CancelledError, Future, InvalidStateError, wait
from contextlib import suppress

from ..errors import CancelledRunError
from ..events import Event, ResultReady
from ..memory.state import RunResult
from ..models.loop import LoopCall
from .closing import Closing

OnEvent = Callable[[Event], None]
"""Hears every event of a run, in a thread of its own and in order. What it raises ends its watching and
nothing else."""
GRACE = 0.02
"""The share of a run's time that its end may wait for a callback to hear the last events."""
CLOSE_SECONDS = 30.0
"""How long closing a stream waits for the run: a request that cannot be cancelled may hold it up."""
logger = logging.getLogger("gems.events")


class EventBuffer:
    """Events on their way from the model loop to one reader, in any thread or loop.

    Writing never blocks. A step that nobody read before the next one came is replaced by it, so a slow
    reader costs a few hundred events at most.
    """

    def __init__(self) -> None:
        self._events: deque[Event] = deque()
        self._ended = False
        self._changed = threading.Condition()
        self._waiters: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    def put(self, event: Event) -> None:
        """Adds an event and wakes the reader; a step takes the place of an unread step before it."""
        with self._changed:
            last = self._events[-1] if self._events else None
            if event["event"] == "step" and last is not None and last["event"] == "step":
                self._events.pop()
            self._events.append(event)
            self._wake()

    def end(self) -> None:
        """Says that no more will come: after what is here the reader gets None."""
        with self._changed:
            self._ended = True
            self._wake()

    def _wake(self) -> None:
        self._changed.notify_all()
        waiters, self._waiters = self._waiters, []
        for loop, arrived in waiters:
            # The reader's loop may have been closed while it waited.
            if not loop.is_closed():
                loop.call_soon_threadsafe(arrived.set)

    def get(self) -> Event | None:
        """The next event, waiting for it; None: the end."""
        with self._changed:
            while not self._events and not self._ended:
                self._changed.wait()
            return self._events.popleft() if self._events else None

    async def aget(self) -> Event | None:
        """The same for a reader in an event loop. Cancelling it loses no event."""
        while True:
            with self._changed:
                if self._events:
                    return self._events.popleft()
                if self._ended:
                    return None
                arrived = asyncio.Event()
                self._waiters.append((asyncio.get_running_loop(), arrived))
            await arrived.wait()


class RunStream(Closing, Iterator[Event], AsyncIterator[Event]):
    """The events of one run, its result last; read it with ``for`` or with ``async for``.

    The run works on by itself, however slowly it is read. Closing the stream or losing it stops the
    run, which can be resumed: a loop over ``stream(...)`` itself does so when it is left; who keeps the
    stream in a variable uses ``with`` or ``async with``, which also wait until the run has let go.

    Attributes:
        thread_id: names the run; ``resume`` goes on with it.

    Raises:
        GemsError: from reading, when the run could not go on, as ``generate`` raises it.
    """

    def __init__(self, thread_id: str, buffer: EventBuffer, run: LoopCall[RunResult]) -> None:
        self.thread_id = thread_id
        self._buffer = buffer
        self._run = run
        self._concluded = False
        run.future.add_done_callback(lambda _: buffer.end())

    def __next__(self) -> Event:
        event = self._buffer.get()
        return self._conclude() if event is None else event

    async def __anext__(self) -> Event:
        event = await self._buffer.aget()
        if event is not None:
            return event
        try:
            return self._conclude()
        except StopIteration:
            raise StopAsyncIteration from None

    def _conclude(self) -> Event:
        """The result as an event, once; then the end.

        Raises:
            StopIteration: the result was read.
            GemsError: there is none.
        """
        if self._concluded:
            raise StopIteration
        self._concluded = True
        return ResultReady(event="result", result=self.result())

    def result(self) -> RunResult:
        """The run's result, waiting for it.

        Raises:
            GemsError: there is none; ``CancelledRunError`` where the run was stopped.
        """
        try:
            return self._run.future.result()
        except CancelledError:
            raise CancelledRunError(
                f"the run was stopped: gems resume {self.thread_id}", self.thread_id
            ) from None

    def stop(self) -> None:
        """Stops the run at once, without waiting for it; it can be resumed."""
        self._run.cancel()

    def close(self) -> None:
        """Stops the run, if it is still at work, and waits until it has let go of its thread."""
        self.stop()
        wait([self._run.future], timeout=CLOSE_SECONDS)

    async def aclose(self) -> None:
        """``close`` for a caller in an event loop."""
        self.stop()
        await asyncio.wait({asyncio.wrap_future(self._run.future)}, timeout=CLOSE_SECONDS)

    def __del__(self) -> None:
        if not self._run.future.done():
            self.stop()


class Watcher:
    """Hands the events of one run to a callback, in a thread of its own."""

    def __init__(self, callback: OnEvent) -> None:
        self.buffer = EventBuffer()
        self._callback = callback
        self._started = time.monotonic()
        self._heard_all: Future[None] = Future()
        threading.Thread(target=self._work, name="gems-watcher", daemon=True).start()

    def _work(self) -> None:
        try:
            self._hear()
        finally:
            # Cancelled where nobody waits for it any more.
            with suppress(InvalidStateError):
                self._heard_all.set_result(None)

    def _hear(self) -> None:
        while (event := self.buffer.get()) is not None:
            # Whatever it raises, SystemExit and cancellation among it, is about watching, not the run.
            try:
                self._callback(event)
            except BaseException:
                logger.exception("an on_event callback failed; it hears no more of this run")
                return

    def end(self) -> None:
        """No more events will come. A callback that keeps up has heard all of them when this returns,
        one that does not hears the rest later."""
        self.buffer.end()
        wait([self._heard_all], timeout=self._grace())

    async def aend(self) -> None:
        """The same for a caller in an event loop."""
        self.buffer.end()
        heard = asyncio.wrap_future(self._heard_all)
        await asyncio.wait({heard}, timeout=self._grace())
        heard.cancel()

    def _grace(self) -> float:
        """Seconds to wait, in proportion to what the run took."""
        return (time.monotonic() - self._started) * GRACE
