"""The runs that are at work in this process, for however many pages that watch them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import suppress

from ...errors import CancelledRunError, GemsError
from ...events import Event
from .source import Stream

KEPT = 200
"""Runs of which it is remembered why they stopped."""


class LiveRun:
    """One run and what was heard of it. Everything here belongs to the event loop of the page."""

    def __init__(self, thread_id: str) -> None:
        self.thread_id = thread_id
        self.events: list[Event] = []
        self.error = ""
        """Why it could not go on, in one line."""
        self.over = False
        """Whether it is at work no more: it ended, waits or failed."""
        self.version = 0
        """Counts what changed."""
        self.shown: tuple[int, str] = (-1, "")
        """How it was last written for those that watch, by version: once for all of them."""
        self.writing = asyncio.Lock()
        self._changed = asyncio.Event()

    def change(self) -> None:
        """Wakes whoever watches."""
        self.version += 1
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def changes(self, seen: int, seconds: float) -> None:
        """Waits until there is more than version ``seen``, or for so many seconds."""
        if self.version == seen:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), seconds)


class LiveRuns:
    """Follows runs to their end, whether somebody watches or not."""

    def __init__(self) -> None:
        self.ending = asyncio.Event()
        """Set once the server ends: whoever is sent something lets go."""
        self._runs: OrderedDict[str, LiveRun] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    def get(self, thread_id: str) -> LiveRun | None:
        """What was heard of a run; None: nothing in this process."""
        return self._runs.get(thread_id)

    def forget(self, thread_id: str) -> None:
        """A run that is at work no more is gone."""
        self._runs.pop(thread_id, None)

    def at_work(self) -> list[str]:
        """The runs under way, the latest first."""
        return [run.thread_id for run in reversed(self._runs.values()) if not run.over]

    def end(self) -> None:
        """Says that the server ends, to all that watch."""
        self.ending.set()
        for run in self._runs.values():
            run.change()

    def follow(self, stream: Stream) -> None:
        """Reads a run's events from here on. Needs the page's event loop."""
        run = LiveRun(stream.thread_id)
        self._runs.pop(stream.thread_id, None)
        self._runs[stream.thread_id] = run
        task = asyncio.create_task(self._read(run, stream))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._forget_old()

    async def _read(self, run: LiveRun, stream: Stream) -> None:
        try:
            async for event in stream:
                # A step takes the place of the one before it.
                if event["event"] == "step" and run.events and run.events[-1]["event"] == "step":
                    run.events.pop()
                run.events.append(event)
                run.change()
        except CancelledRunError:
            run.error = "The run was stopped before it had a picture. It can go on from here."
        except GemsError as exc:
            run.error = str(exc)
        finally:
            # What it did is stored.
            run.over, run.events, run.shown = True, [], (-1, "")
            run.change()

    def _forget_old(self) -> None:
        over = [name for name, run in self._runs.items() if run.over]
        for name in over[: max(0, len(self._runs) - KEPT)]:
            del self._runs[name]
