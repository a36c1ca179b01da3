"""One thread that owns a pipeline: draws of all runs are queued here and drawn in batches.

Pipelines are not thread-safe, and a batch is cheaper than its pictures one by one. This file knows
neither torch nor diffusers; what loads and what draws is handed in.
"""

from __future__ import annotations

import atexit
import logging
import os
import queue
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress

from ....errors import RefusedError
from ...forks import gate
from ..generator import Draw, OnStep, Picture

GATHER_SECONDS = 0.01
"""How long a worker that has something to draw waits for more to join it."""
EXIT_SECONDS = 10.0
"""How long the end of the process waits for the step that is being computed."""

Load = Callable[[], int]
"""Makes the pipeline ready and returns how many pictures may be drawn at once."""
DrawBatch = Callable[[Sequence[Draw], OnStep], Sequence[Picture | Exception]]
"""Draws jobs of one ``batch_key``; reports steps, and lets pass what the report raises."""

logger = logging.getLogger("gems.diffusers")


class AbandonedError(Exception):
    """Nobody waits for the running batch any more, or the process ends."""


class Request:
    """The jobs of one call of ``draw`` and the caller's progress callback."""

    def __init__(self, draws: Sequence[Draw], on_step: OnStep | None) -> None:
        self.jobs = [Job(draw, self) for draw in draws]
        self._on_step = on_step
        self._reported = 0

    def report(self, total: int) -> None:
        """Reports the mean progress of the jobs, where it has grown; they may lie in several
        batches, and the count must not run backwards."""
        done = sum(job.steps_done for job in self.jobs) // len(self.jobs)
        if self._on_step is None or done <= self._reported or not alive(self.jobs):
            return
        self._reported = done
        # A watcher's own error must not spoil the pictures, which may be other callers', too.
        try:
            self._on_step(done, total)
        except Exception:
            logger.exception("a progress callback failed")


class Job:
    """One picture to draw. Cancelling ``future`` takes it out of the queue."""

    def __init__(self, draw: Draw, request: Request) -> None:
        self.draw = draw
        self.request = request
        self.steps_done = 0
        self.future: Future[Picture] = Future()

    @property
    def batch_key(self) -> tuple[object, ...]:
        """What pictures must have in common to be drawn together: the size, and which arguments
        the call has; a negative prompt beside draws without one would change their pictures."""
        return (self.draw.width, self.draw.height, self.draw.needs)

    def settle(self, result: Picture | Exception) -> None:
        """Hands the result to whoever waits for it, if anybody does."""
        # Between a look and the call the caller may cancel.
        with suppress(InvalidStateError):
            if isinstance(result, Exception):
                self.future.set_exception(result)
            else:
                self.future.set_result(result)


class Worker:
    """The queue and its thread, which starts with the first request and is a daemon."""

    def __init__(self, name: str, load: Load, draw_batch: DrawBatch) -> None:
        self._name = name
        self._load = load
        self._draw_batch = draw_batch
        self._stopping = False
        self.begin_anew()
        _workers.add(self)

    def begin_anew(self) -> None:
        """Forgets thread, lock and queue: after a fork the child has the first one no more, and the
        others as they were in the middle of whatever went on."""
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def submit(self, request: Request) -> None:
        """Queues the jobs. May be called from any thread.

        Raises:
            RefusedError: the worker was stopped.
        """
        with self._lock:
            if self._stopping:
                raise RefusedError(f"{self._name} is closed; open it again to draw")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            for job in request.jobs:
                self._queue.put(job)

    def stop(self, timeout: float) -> None:
        """Ends the thread at the next step and cancels what waits; returns after ``timeout``."""
        with self._lock:
            self._stopping = True
            thread = self._thread
        self._queue.put(None)
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)

    def _run(self) -> None:
        waiting: list[Job] = []
        while not self._stopping:
            waiting = self._serve(waiting)
        for job in [*waiting, *self._arrived(0.0)]:
            job.future.cancel()

    def _serve(self, waiting: list[Job]) -> list[Job]:
        """Draws one batch out of ``waiting`` and the queue; returns who still waits."""
        waiting = alive(waiting) or alive([self._queue.get()])
        if not waiting:
            return []
        # The worker's edge: whatever breaks belongs to those who wait for it.
        try:
            with gate.held_off():
                limit = self._load()
        except Exception as exc:  # noqa: BLE001
            return self._fail([*waiting, *self._arrived(0.0)], exc)
        if len(waiting) < limit:
            waiting += self._arrived(GATHER_SECONDS)
        batch, rest = next_batch(alive(waiting), limit)
        if batch:
            self._draw(batch)
        return rest

    def _draw(self, batch: list[Job]) -> None:
        try:
            with gate.held_off():
                results = self._draw_batch([job.draw for job in batch], self._watch(batch))
        except AbandonedError:
            for job in batch:
                job.future.cancel()
        except Exception as exc:  # noqa: BLE001
            self._fail(batch, exc)
        else:
            for job, result in zip(batch, results, strict=True):
                job.settle(result)

    def _watch(self, batch: list[Job]) -> OnStep:
        """What a running batch reports its steps to."""
        requests = dict.fromkeys(job.request for job in batch)

        def on_step(done: int, total: int) -> None:
            if self._stopping or not alive(batch):
                raise AbandonedError
            gate.gap()
            for job in batch:
                job.steps_done = done
            for request in requests:
                request.report(total)

        return on_step

    def _fail(self, jobs: Sequence[Job], exc: Exception) -> list[Job]:
        for job in jobs:
            job.settle(exc)
        return []

    def _arrived(self, seconds: float) -> list[Job]:
        """What is in the queue and what joins it within ``seconds``."""
        jobs: list[Job | None] = []
        deadline = time.monotonic() + seconds
        with suppress(queue.Empty):
            while True:
                jobs.append(self._queue.get(timeout=max(0.0, deadline - time.monotonic())))
        return alive(jobs)


def alive(jobs: Sequence[Job | None]) -> list[Job]:
    """The jobs somebody still waits for; None wakes the worker and is no job."""
    return [job for job in jobs if job is not None and not job.future.cancelled()]


def next_batch(jobs: Sequence[Job], limit: int) -> tuple[list[Job], list[Job]]:
    """The first job with those that can be drawn with it, at most ``limit``; and the others, in
    order."""
    batch = [job for job in jobs if job.batch_key == jobs[0].batch_key][:limit]
    return batch, [job for job in jobs if job not in batch]


_workers: weakref.WeakSet[Worker] = weakref.WeakSet()


def begin_all_anew() -> None:
    """In the child of a fork: every worker begins with a thread of its own when it is asked to draw."""
    for worker in list(_workers):
        worker.begin_anew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=begin_all_anew)


@atexit.register
def stop_all() -> None:
    """Ends every worker: a thread inside torch while the interpreter goes away may crash it."""
    for worker in list(_workers):
        worker.stop(EXIT_SECONDS)
