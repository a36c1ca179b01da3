"""Runs while everything around them fails now and then: servers, memory, disk, database.

``python tests/soak.py --runs 1000 [--faults 0.2] [--seed 0]`` has that share of all requests for
answers and pictures, of all looks into the collection of experiences and of all files that are written
fail, and in that share of all starts and resumes one checkpoint. What a run raises is answered as a
user would, with a resume. Fails if a run is
lost: if it does not come to a picture, or forgets one that it had, or if anything is raised that is no
error of GEMS. Waits that a server asks for are left out.
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import os
import random
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from conftest import settings_for
from fake_server import HANG_UP, Answer, Call, FakeServer
from gems import Session
from gems.errors import GemsError, InputError
from gems.memory import chroma, files, objects, runs
from gems.memory.finishing import FinishesWrites
from gems.memory.state import RunResult
from gems.models import retry
from PIL import Image

SIDE_BY_SIDE = 12
CHECKPOINTS = 12
"""About as many as a run writes."""
MOST_RESUMES = 200
"""Beyond this a run counts as lost."""
CHAT: dict[str, Any] = {
    "500": Answer("down", status=500),
    "429": Answer("slow down", status=429, headers={"retry-after": "20"}),
    "503": Answer("overloaded", status=503),
    "401": Answer("no such key", status=401),
    "400": Answer("something is wrong", status=400),
    "filtered": Answer("content_filter", status=400),
    "hang-up": HANG_UP,
    "prose": "I would rather not say.",
    "cut": '{"skill": "no',
    "empty": Answer(data=b""),
    "a page": Answer(data=b"<html>maintenance</html>"),
    "an error as 200": Answer(data=b'{"error": {"message": "overloaded"}}', media="application/json"),
    "length": Answer("", finish_reason="length"),
    "refusal": Answer("", message={"refusal": "I will not"}),
}
PICTURES: dict[str, Any] = {
    "500": Answer("down", status=500),
    "429": Answer("slow down", status=429),
    "403": Answer("no", status=403),
    "flagged": Answer("flagged by the safety system", status=400),
    "hang-up": HANG_UP,
    "empty": Answer(data=b""),
    "half": Answer(data=b"\x89PNG\r\n\x1a\n" + bytes(40)),
    "a page": Answer(data=b"<html>maintenance</html>"),
}
DISK = (errno.ENOSPC, errno.EIO, errno.EACCES)
fdopen = os.fdopen
DATABASE = ("database or disk is full", "disk I/O error", "database is locked")


class Faults:
    """Decides what fails, and counts it; ``off`` for what a user repairs in the end."""

    def __init__(self, share: float, seed: int) -> None:
        self._share = share
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self._due: dict[str, int] = {}
        self.operations: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()

    def strike(self, kind: str) -> bool:
        """Whether this operation fails."""
        with self._lock:
            self.operations[kind] += 1
            hit = self._chance.random() < self._share
            self.failed[kind] += hit
            return hit

    def doom(self, thread: str) -> None:
        """Decides whether, before the run stops again, one of its checkpoints fails, and which."""
        hit = self.strike("checkpoints")
        with self._lock:
            self._due[thread] = self._chance.randrange(CHECKPOINTS) if hit else -1

    def is_due(self, thread: str) -> bool:
        """Whether this checkpoint is the one."""
        with self._lock:
            left = self._due.get(thread, -1)
            self._due[thread] = left - 1
        return left == 0

    def pick(self, troubles: Any) -> Any:
        """One of the troubles."""
        with self._lock:
            return self._chance.choice(list(troubles))


class Disk(threading.local):
    """Stands in for ``os.fdopen``, once for all: it fails in the one thread that ``number`` was set in.

    Writes go on side by side: a stand-in put in and taken out for each would in the end be left in.
    """

    number = 0

    def fdopen(self, handle: int, mode: str, *args: Any) -> Any:
        """The file, or the error that is due; the handle is closed then: none must be left open."""
        if self.number:
            os.close(handle)
            raise OSError(self.number, os.strerror(self.number))
        return fdopen(handle, mode, *args)


def inject(faults: Faults) -> None:
    """Has disk, database and memory fail where GEMS reaches them, beneath what handles it."""
    write_file, open_folder, aput = files.write_file, chroma.open_folder, FinishesWrites.aput
    disk = Disk()

    def failing_write(path: Path, data: bytes) -> None:
        disk.number = faults.pick(DISK) if faults.strike("files") else 0
        try:
            write_file(path, data)
        finally:
            disk.number = 0

    def failing_open(folder: Path) -> Any:
        if faults.strike("memory"):
            raise faults.pick([OSError(errno.EIO, "I/O error"), RuntimeError("Chroma's own trouble")])
        return open_folder(folder)

    async def failing_put(self: Any, config: Any, *args: Any, **options: Any) -> Any:
        if faults.is_due(config["configurable"]["thread_id"]):
            raise sqlite3.OperationalError(faults.pick(DATABASE))
        return await aput(self, config, *args, **options)

    for owner, name, stand_in in (
        (objects, "write_file", failing_write),
        (runs, "write_file", failing_write),
        (chroma, "open_folder", failing_open),
        (FinishesWrites, "aput", failing_put),
        (retry, "wait_a_while", no_wait),
        (os, "fdopen", disk.fdopen),
    ):
        setattr(owner, name, stand_in)


async def no_wait(seconds: float, why: str) -> None:
    """Stands in for real waits."""


class Soak:
    """Many runs of one session, each followed to its end."""

    def __init__(self, session: Session, faults: Faults) -> None:
        self._session = session
        self._faults = faults
        self.outcomes: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.resumes: list[int] = []
        self.lost: list[str] = []

    async def follow(self, number: int) -> None:
        """One run, resumed until it has ended."""
        thread, resumes, seen, last = f"run-{number}", 0, set[str](), ""
        while resumes < MOST_RESUMES:
            try:
                result = await self._advance(thread, number)
            except GemsError as exc:
                self.errors[type(exc).__name__] += 1
                resumes, last = resumes + 1, str(exc)
                seen |= await self._pictures(thread)
                continue
            except BaseException as exc:
                self.lost.append(f"{thread} raised {exc!r}")
                raise
            self._conclude(thread, result, seen, resumes)
            return
        self.lost.append(f"{thread} was resumed {resumes} times in vain, at last: {last}")

    async def _advance(self, thread: str, number: int) -> RunResult:
        self._faults.doom(thread)
        if self._session.index.has(thread):
            return await self._session.aresume(thread)
        return await self._session.agenerate(f"picture {number}", thread_id=thread, seed=number)

    async def _pictures(self, thread: str) -> set[str]:
        """The pictures that an unfinished run has."""
        try:
            report = await self._session.areport(thread)
        except InputError:
            raise
        except GemsError:
            return set()
        return {item["image"] for item in report["rounds"]}

    def _conclude(self, thread: str, result: RunResult, seen: set[str], resumes: int) -> None:
        drawn = {item["image"] for item in result["rounds"]}
        if not seen <= drawn:
            self.lost.append(f"{thread} forgot {seen - drawn}")
        with Image.open(result["image"]) as picture:
            picture.load()
        self.outcomes[result["outcome"]] += 1
        self.resumes.append(resumes)
        if len(self.resumes) % 100 == 0:
            print(f"{len(self.resumes)} runs ended", flush=True)


async def soak(session: Session, faults: Faults, count: int) -> Soak:
    """All runs, some side by side."""
    work, turns = Soak(session, faults), asyncio.Semaphore(SIDE_BY_SIDE)

    async def follow(number: int) -> None:
        async with turns:
            await work.follow(number)

    await asyncio.gather(*(follow(number) for number in range(count)), return_exceptions=True)
    return work


def main(count: int, share: float, seed: int) -> int:
    """The exit code."""
    faults = Faults(share, seed)

    def chat(call: Call, number: int) -> Any:
        return CHAT[faults.pick(CHAT)] if faults.strike("chat") else None

    def pictures(call: Call, number: int) -> Any:
        return PICTURES[faults.pick(PICTURES)] if faults.strike("pictures") else None

    inject(faults)
    start = time.monotonic()
    with (
        FakeServer(chat, pictures, questions=2, keep=False) as server,
        tempfile.TemporaryDirectory() as folder,
        Session(settings_for(server, Path(folder))) as session,
    ):
        work = asyncio.run(soak(session, faults, count))
    for line in work.lost[:20]:
        print(line)
    kinds = [f"{kind} {faults.failed[kind]} of {count}" for kind, count in faults.operations.items()]
    seconds = time.monotonic() - start
    print(f"{count} runs, {len(work.lost)} lost, {seconds:.0f} s; failed: {', '.join(kinds)}")
    print(f"ended as {dict(work.outcomes)}, raised on the way {dict(work.errors)}")
    resumes = sorted(work.resumes)
    print(
        f"resumes a run: {sum(resumes) / max(1, len(resumes)):.1f}, at most {max(resumes, default=0)}"
    )
    return bool(work.lost) or len(work.resumes) != count


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--faults", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    sys.exit(main(options.runs, options.faults, options.seed))
