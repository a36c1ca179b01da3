"""The index of runs: one small file a thread, so that runs can be named, listed and resumed."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from pydantic import BaseModel, ValidationError

from ..errors import InputError, RunError, StorageError
from .images import write_file

THREAD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")


class RunRecord(BaseModel):
    """What is known of a run beside its checkpoints."""

    thread_id: str
    prompt: str
    context: dict[str, Any]
    """The options it runs with: the fields of ``RunContext`` that are not at their defaults."""
    created: float
    """Seconds since the epoch."""
    version: str
    out: str | None = None
    """Folder that the best picture is copied to."""
    outcome: str | None = None
    """None, as all below, while the run is unfinished."""
    image: str | None = None
    """Path of the best picture."""
    passed: int | None = None
    """Requirements that it passes."""
    total: int | None = None


def name_thread(prompt: str, context: dict[str, Any], unique: bool = False) -> str:
    """A readable thread id that follows from prompt and options, so that the same run elsewhere is
    called the same; with ``unique`` a random part is added."""
    words = re.findall(r"[a-z0-9]+", prompt.lower())
    slug = "-".join(words)[:40].strip("-") or "run"
    text = json.dumps([prompt, context], sort_keys=True, ensure_ascii=False)
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=3).hexdigest()
    return f"{slug}-{digest}" + (f"-{secrets.token_hex(3)}" if unique else "")


class RunIndex:
    """The runs under ``root``: ``THREAD.json`` each, and ``locks/THREAD`` while one is under way."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _path(self, thread_id: str) -> Path:
        if not THREAD.fullmatch(thread_id):
            raise InputError(
                f"{thread_id[:60]!r} cannot name a thread: use up to 120 letters, digits, . _ and -"
            )
        return self.root / f"{thread_id}.json"

    def claim(self, record: RunRecord, *, exact: bool) -> RunRecord:
        """Enters a new run. Where its name is taken, a number is added, or with ``exact`` refused.

        Raises:
            InputError: the name is taken, or cannot be a name.
            StorageError: the index cannot be written.
        """
        number = 1
        while True:
            name = record.thread_id if number == 1 else f"{record.thread_id}-{number}"
            if self._create(self._path(name)) or (exact and not self.has(name)):
                claimed = record.model_copy(update={"thread_id": name})
                self.write(claimed)
                return claimed
            if exact:
                raise InputError(
                    f"the thread {name!r} exists: `gems resume {name}` goes on with it, "
                    "another --thread starts afresh"
                )
            number += 1

    def has(self, thread_id: str) -> bool:
        """Whether a run has been entered. An empty entry, left by a kill in that moment, is none."""
        path = self._path(thread_id)
        return path.is_file() and path.stat().st_size > 0

    def _create(self, path: Path) -> bool:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
        except FileExistsError:
            if path.is_file():
                return False
            raise StorageError(f"{self.root} is no folder: choose another GEMS_HOME") from None
        except OSError as exc:
            raise StorageError(
                f"cannot write {path}: {exc.strerror}; choose another folder with GEMS_HOME"
            ) from exc
        return True

    def write(self, record: RunRecord) -> None:
        """Replaces a run's entry, or makes it.

        Raises:
            StorageError: it cannot be written; the old one is intact.
        """
        text = record.model_dump_json(indent=1)
        write_file(self._path(record.thread_id), text.encode("utf-8", "replace"))

    def read(self, thread_id: str) -> RunRecord:
        """A run's entry.

        Raises:
            RunError: there is none, or it was never written to the end.
        """
        path = self._path(thread_id)
        try:
            return RunRecord.model_validate_json(path.read_bytes())
        except FileNotFoundError as exc:
            raise RunError(
                f"no run is called {thread_id!r}: `gems runs` lists them", thread_id
            ) from exc
        except (OSError, ValidationError) as exc:
            raise RunError(f"the entry {path} cannot be read; start the run again", thread_id) from exc

    def all(self) -> list[RunRecord]:
        """Every run, the latest first; entries that cannot be read are left out."""
        records = []
        for path in self.root.glob("*.json"):
            try:
                records.append(RunRecord.model_validate_json(path.read_bytes()))
            except (OSError, ValidationError):
                continue
        return sorted(records, key=lambda record: -record.created)

    @contextmanager
    def hold(self, thread_id: str) -> Iterator[None]:
        """Keeps other processes from working on the same run; a killed process lets go.

        Raises:
            RunError: another process is at it.
        """
        folder = self.root / "locks"
        lock = FileLock(folder / self._path(thread_id).stem, timeout=0, thread_local=False)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout as exc:
            raise RunError(
                f"the run {thread_id!r} is under way in another process: wait, or end it first",
                thread_id,
            ) from exc
        except OSError as exc:
            raise StorageError(
                f"cannot write in {self.root}: {exc.strerror}; choose another folder with GEMS_HOME"
            ) from exc
        try:
            yield
        finally:
            lock.release()
