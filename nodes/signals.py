"""What a run of this process is told beside its state: that it should stop with its best picture, or
pause, or that a judge could not be reached."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass

from ..errors import BackendError
from ..memory.state import PauseReason


@dataclass(frozen=True)
class Pause:
    """Why a run should pause; both fields go into its result."""

    reason: PauseReason = "person"
    message: str = ""


class Signals:
    """The requests to runs of this process, by thread. May be used from any thread."""

    def __init__(self) -> None:
        self._stops: set[str] = set()
        self._pauses: dict[str, Pause] = {}
        self._outages: dict[str, BackendError] = {}
        self._waiters: list[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = []
        self._lock = threading.Lock()

    def stop(self, thread_id: str) -> None:
        """Asks the run of ``thread_id`` to end at once with what it has."""
        with self._lock:
            self._stops.add(thread_id)
            for waiting, loop, stopped in self._waiters:
                if waiting == thread_id and not loop.is_closed():
                    loop.call_soon_threadsafe(stopped.set)

    def stopping(self, thread_id: str | None) -> bool:
        """Whether the run of ``thread_id`` was asked to end; False for a run without a thread."""
        return thread_id in self._stops

    async def until_stopped(self, thread_id: str | None) -> None:
        """Returns when the run of ``thread_id`` was asked to end; never for a run without a thread."""
        stopped = asyncio.Event()
        waiter = (thread_id or "", asyncio.get_running_loop(), stopped)
        with self._lock:
            self._waiters.append(waiter)
        try:
            if not self.stopping(thread_id):
                await stopped.wait()
        finally:
            with self._lock:
                self._waiters.remove(waiter)

    def pause(self, thread_id: str, pause: Pause) -> None:
        """Asks the run of ``thread_id`` to pause before the next round's thinking or drawing."""
        with self._lock:
            self._pauses[thread_id] = pause

    def take_pause(self, thread_id: str | None) -> Pause | None:
        """The pause asked of a run, if any; asked once, it is not asked again when the run goes on."""
        with self._lock:
            return self._pauses.pop(thread_id or "", None)

    def note_outage(self, thread_id: str, error: BackendError) -> None:
        """A judge of the run of ``thread_id`` could not be reached."""
        with self._lock:
            self._outages.setdefault(thread_id, error)

    def outage(self, thread_id: str | None) -> BackendError | None:
        """What was noted, if anything."""
        return self._outages.get(thread_id or "")

    def take_outage(self, thread_id: str | None) -> BackendError | None:
        """The same, once: when the run goes on, its judges are tried again."""
        with self._lock:
            return self._outages.pop(thread_id or "", None)

    def clear(self, thread_id: str | None) -> None:
        """Forgets what was asked of a run, which is over."""
        with self._lock:
            self._stops.discard(thread_id or "")
            self._pauses.pop(thread_id or "", None)
            self._outages.pop(thread_id or "", None)
