"""Jobs on something that is costly to open and may be open in one process at a time.

One thread opens it, works off whatever was asked for meanwhile, and closes it again. A job's failure
is its own: the others of its batch are done.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from .forks import forget_in_children

LINGER_SECONDS = 0.3
"""How long what is open waits for the next job: opening costs more than most jobs."""
HOLD_SECONDS = 2.0
"""How long one process may keep it open while others wait."""
PAUSE_SECONDS = 0.1
"""What it leaves them then: a waiting file lock looks every 0.05 s."""

T = TypeVar("T")
ResourceT = TypeVar("ResourceT")
Translate = Callable[[BaseException], Exception]
"""Makes the error that one waiter is told; a new one each time, since waiters add to theirs."""


@dataclass(frozen=True)
class WorkItem(Generic[ResourceT]):
    """A job and whoever waits for it. One whose waiter was cancelled in time is not done."""

    job: Callable[[ResourceT], Any]
    future: Future[Any]

    def run(self, resource: ResourceT, translate: Translate) -> None:
        """Does the job, unless its waiter was cancelled; what it raises is told to that waiter
        alone."""
        if not self.future.set_running_or_notify_cancel():
            return
        # Chroma raises errors of many kinds, from SQLite's to panics of its Rust part, which are no
        # Exception; each belongs to the caller whose job it was, and nobody else would hear of it.
        try:
            result = self.job(resource)
        except BaseException as exc:  # noqa: BLE001
            self.future.set_exception(translate(exc))
        else:
            self.future.set_result(result)

    def fail(self, exc: BaseException, translate: Translate) -> None:
        """Tells that the job could not be begun."""
        if self.future.set_running_or_notify_cancel():
            self.future.set_exception(translate(exc))


class JobQueue(Generic[ResourceT]):
    """Jobs on what ``opening`` opens, for callers on any event loop; works in forked children too."""

    def __init__(
        self,
        name: str,
        opening: Callable[[], AbstractContextManager[ResourceT]],
        translate: Translate,
    ) -> None:
        self._name = name
        self._opening = opening
        self._translate = translate
        self.forget()
        forget_in_children(self)

    def forget(self) -> object:
        """See ``Forgets``: the parent's jobs are the parent's to do."""
        self._changed = threading.Condition()
        self._waiting: deque[WorkItem[ResourceT]] = deque()
        self._worker: threading.Thread | None = None
        self._closing = False
        return None

    async def submit(self, job: Callable[[ResourceT], T]) -> T:
        """The result of ``job``, which runs in the queue's thread.

        Raises:
            what ``translate`` makes of the job's error, or of the opening's.
        """
        future: Future[T] = Future()
        with self._changed:
            self._waiting.append(WorkItem(job, future))
            self._changed.notify_all()
            if self._worker is None:
                worker = threading.Thread(target=self._work, name=self._name, daemon=True)
                worker.start()
                self._worker = worker
        return await asyncio.wrap_future(future)

    async def aclose(self) -> None:
        """Does what was asked for, without waiting for more, and lets go; may be used again."""
        with self._changed:
            worker, self._closing = self._worker, True
            self._changed.notify_all()
        try:
            if worker is not None:
                await asyncio.to_thread(worker.join)
        finally:
            with self._changed:
                self._closing = False

    def _work(self) -> None:
        while items := self._take_or_leave():
            deadline = time.monotonic() + HOLD_SECONDS
            self._serve(items, deadline)
            if time.monotonic() >= deadline:
                time.sleep(PAUSE_SECONDS)

    def _serve(self, items: deque[WorkItem[ResourceT]], deadline: float) -> None:
        """Opens, does ``items`` and those that come until ``deadline``, closes."""
        try:
            with self._opening() as resource:
                while items:
                    while items:
                        items.popleft().run(resource, self._translate)
                    items = self._take_more(deadline)
        except BaseException as exc:  # noqa: BLE001 - those who wait for the opening hear of it
            for item in items:
                item.fail(exc, self._translate)

    def _take_or_leave(self) -> deque[WorkItem[ResourceT]]:
        """What is asked for now; where that is nothing, the thread is about to end."""
        with self._changed:
            if not self._waiting:
                self._worker = None
            return self._drain()

    def _take_more(self, deadline: float) -> deque[WorkItem[ResourceT]]:
        """What is asked for within a moment; nothing after ``deadline``: others have their turn."""
        with self._changed:
            if time.monotonic() >= deadline:
                return deque()
            self._changed.wait_for(lambda: self._waiting or self._closing, LINGER_SECONDS)
            return self._drain()

    def _drain(self) -> deque[WorkItem[ResourceT]]:
        taken, self._waiting = self._waiting, deque()
        return taken
