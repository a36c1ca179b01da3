"""The job queue: a job's failure, its waiter's cancellation and a fork concern nobody else."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock
from gems.errors import StorageError
from gems.memory import jobs
from gems.memory.jobs import JobQueue


class Panic(BaseException):
    """As Chroma's Rust part raises them: no Exception."""


def translate(exc: BaseException) -> StorageError:
    return StorageError(f"{type(exc).__name__}: {exc}")


class Door:
    """Counts how often it is opened and closed; ``broken`` is raised instead of opening."""

    def __init__(self) -> None:
        self.opened = 0
        self.closed = 0
        self.broken: BaseException | None = None
        self.may_open = threading.Event()
        self.may_open.set()

    @contextmanager
    def open(self) -> Iterator[Door]:
        self.may_open.wait(10)
        if self.broken is not None:
            raise self.broken
        self.opened += 1
        try:
            yield self
        finally:
            self.closed += 1


def queue_of(door: Door) -> JobQueue[Door]:
    return JobQueue("test-jobs", door.open, translate)


def failing(exc: BaseException) -> Callable[[Door], int]:
    def job(door: Door) -> int:
        raise exc

    return job


def test_a_job_that_fails_fails_alone() -> None:
    door = Door()

    async def scenario() -> list[object]:
        queue = queue_of(door)
        work = [lambda _: 1, failing(ValueError("no")), failing(Panic("oh")), lambda _: 4]
        ended = await asyncio.gather(*map(queue.submit, work), return_exceptions=True)
        await queue.aclose()
        return list(ended)

    first, second, third, fourth = asyncio.run(scenario())
    assert (first, fourth) == (1, 4)
    assert str(second) == "ValueError: no" and str(third) == "Panic: oh"
    assert door.opened == door.closed == 1


def test_a_cancelled_job_is_skipped_and_the_others_are_done() -> None:
    door, done = Door(), []

    async def scenario() -> list[object]:
        queue = queue_of(door)
        door.may_open.clear()
        waiting = [
            asyncio.ensure_future(queue.submit(lambda _, n=number: done.append(n)))  # type: ignore[misc]
            for number in range(6)
        ]
        await asyncio.sleep(0)
        waiting[1].cancel()
        await asyncio.sleep(0)
        door.may_open.set()
        ended = await asyncio.gather(*waiting, return_exceptions=True)
        await queue.aclose()
        return list(ended)

    ended = asyncio.run(scenario())
    assert done == [0, 2, 3, 4, 5]
    assert [type(end) for end in ended if end is not None] == [asyncio.CancelledError]


def test_a_job_cancelled_while_it_runs_is_finished_and_harms_nobody() -> None:
    begun, may_end, done = threading.Event(), threading.Event(), []

    def slow(door: Door) -> None:
        begun.set()
        may_end.wait(10)
        done.append("slow")

    async def scenario() -> object:
        queue = queue_of(Door())
        first = asyncio.ensure_future(queue.submit(slow))
        await asyncio.to_thread(begun.wait, 10)
        second = asyncio.ensure_future(queue.submit(lambda _: "second"))
        first.cancel()
        await asyncio.sleep(0)
        may_end.set()
        said = await second
        await queue.aclose()
        return said

    assert asyncio.run(scenario()) == "second" and done == ["slow"]


@pytest.mark.parametrize("broken", [OSError("locked"), Panic("oh")])
def test_what_does_not_open_is_told_to_all_who_wait_and_tried_again(broken: BaseException) -> None:
    door = Door()
    door.broken = broken

    async def scenario() -> tuple[list[object], int]:
        queue = queue_of(door)
        door.may_open.clear()
        waiting = [asyncio.ensure_future(queue.submit(lambda _: 1)) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        door.may_open.set()
        ended = await asyncio.gather(*waiting, return_exceptions=True)
        door.broken = None
        again = await queue.submit(lambda _: 2)
        await queue.aclose()
        return list(ended), again

    ended, again = asyncio.run(scenario())
    assert again == 2
    assert [type(end) for end in ended] == [asyncio.CancelledError, StorageError, StorageError]
    assert ended[1] is not ended[2]


def test_jobs_that_come_one_after_the_other_share_an_opening() -> None:
    door = Door()

    async def scenario() -> None:
        queue = queue_of(door)
        for number in range(5):
            assert await queue.submit(lambda _, n=number: n) == number  # type: ignore[misc]
        await queue.aclose()

    asyncio.run(scenario())
    assert door.opened == door.closed == 1


def test_closing_does_what_was_asked_for_and_waits_for_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "LINGER_SECONDS", 60.0)
    door = Door()

    async def scenario() -> tuple[int, int]:
        queue = queue_of(door)
        await queue.submit(lambda _: 1)
        job = asyncio.ensure_future(queue.submit(lambda _: 2))
        await asyncio.sleep(0)
        await asyncio.wait_for(queue.aclose(), 10)
        closed = door.closed
        return await job, closed

    assert asyncio.run(scenario()) == (2, 1)


def test_it_is_let_go_for_others_while_jobs_keep_coming(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "HOLD_SECONDS", 0.05)
    door = Door()

    async def scenario() -> None:
        queue = queue_of(door)
        end = time.monotonic() + 0.4
        while time.monotonic() < end:
            await queue.submit(lambda _: time.sleep(0.01))
        await queue.aclose()

    asyncio.run(scenario())
    assert door.opened == door.closed > 2


def test_a_process_that_waits_gets_its_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "HOLD_SECONDS", 0.1)
    path = tmp_path / "lock"

    @contextmanager
    def opening() -> Iterator[None]:
        with FileLock(path, timeout=10):
            yield

    async def scenario() -> None:
        queue = JobQueue("test-jobs", opening, translate)
        end = time.monotonic() + 10
        other = asyncio.ensure_future(asyncio.to_thread(in_other_process, path))
        while not other.done() and time.monotonic() < end:
            await queue.submit(lambda _: time.sleep(0.005))
        assert other.done(), "the other process waited for the whole of it"
        assert await other == 0
        await queue.aclose()

    asyncio.run(scenario())


def in_other_process(path: Path) -> int:
    """The exit status of a process that waits for the lock at ``path``."""
    code = "import sys, filelock; filelock.FileLock(sys.argv[1]).acquire(timeout=20)"
    return subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_forked_child_works_off_its_own_jobs() -> None:
    """The parent's worker is in the middle of a job, and holds what it opened, while it forks."""
    may_end = threading.Event()

    async def scenario(queue: JobQueue[Door]) -> tuple[int, int]:
        begun = threading.Event()

        def slow(door: Door) -> None:
            begun.set()
            may_end.wait(20)

        running = asyncio.ensure_future(queue.submit(slow))
        await asyncio.to_thread(begun.wait, 10)
        status = await asyncio.to_thread(fork_and_ask, queue)
        may_end.set()
        await running
        again = await queue.submit(lambda _: 5)
        await queue.aclose()
        return status, again

    assert asyncio.run(scenario(queue_of(Door()))) == (7, 5)


def fork_and_ask(queue: JobQueue[Door]) -> int:
    """What the child found, as its exit status; -1: it hung."""
    child = os.fork()
    if child == 0:
        os._exit(asyncio.run(asyncio.wait_for(queue.submit(lambda _: 7), 10)))
    return exit_status(child)


def exit_status(child: int) -> int:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return -1
