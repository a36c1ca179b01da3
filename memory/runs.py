"""The index of runs: one small file a thread, so that runs can be named, listed and resumed."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout
from pydantic import BaseModel, Field

from ..errors import InputError, RunError, StorageError
from ..models.text import clean
from .images import write_file
from .leases import FileLeases, holding

CLAIM_SECONDS = 30.0
"""How long a caller waits for others to enter their runs; each takes milliseconds."""
THREAD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")


Entered = Literal["before", "named", "unnamed"]
"""How an entry came to be: earlier, or just now, by a name of the caller's or one made up."""


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
    afresh: bool = False
    """What checkpoints its name has are another run's, and are deleted when it begins."""
    entered: Entered = Field(default="before", exclude=True)


def read_record(path: Path) -> RunRecord:
    """An entry, of this version or another: fields that are not known here are passed over, and those
    that every version could do without have defaults.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no entry.
    """
    fields = json.loads(path.read_bytes())
    if not isinstance(fields, dict):
        raise ValueError("no object")
    usual = {"context": {}, "created": path.stat().st_mtime, "version": "unknown"}
    # json.loads, unlike pydantic, reads the lone surrogates that an earlier version let pass.
    own = {"prompt": clean(fields.get("prompt")), "thread_id": path.stem, "entered": "before"}
    return RunRecord.model_validate({**usual, **fields, **own})


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

    def claim(self, record: RunRecord, *, exact: bool, fresh: bool = False) -> RunRecord:
        """Enters a new run. Where its name is taken, a number is added, or ``exact`` it is refused, or
        with ``fresh`` the other run's entry replaced. Callers at the same time, in any process, get
        different names.

        Raises:
            InputError: the name is taken, or cannot be a name.
            RunError: the run to be replaced is under way.
            StorageError: the index cannot be written.
        """
        self._path(record.thread_id)
        how = "named" if exact else "unnamed"
        with self._claiming():
            if fresh:
                claimed = record.model_copy(update={"entered": how, "afresh": True})
                with self.hold(record.thread_id):
                    self.write(claimed)
                return claimed
            name = self._free_name(record.thread_id, exact)
            claimed = record.model_copy(update={"thread_id": name, "entered": how})
            self.write(claimed)
        return claimed

    def _free_name(self, wanted: str, exact: bool) -> str:
        """``wanted``, or where that is taken the first number that makes it free.

        Raises:
            InputError: it is taken, and only ``exact`` it will do.
        """
        if not self.has(wanted):
            return wanted
        if exact:
            raise InputError(
                f"the thread {wanted!r} exists: `gems resume {wanted}` goes on with it, another "
                "--thread starts afresh, --fresh does under this name"
            )
        numbered = (f"{wanted}-{number}" for number in count(2))
        return next(name for name in numbered if not self.has(name))

    def has(self, thread_id: str) -> bool:
        """Whether a run has been entered. An empty entry, left by a kill of an earlier version in that
        moment, is none."""
        path = self._path(thread_id)
        return path.is_file() and path.stat().st_size > 0

    def drop(self, thread_id: str) -> None:
        """Takes out a run that was entered and never begun."""
        self._path(thread_id).unlink(missing_ok=True)

    @contextmanager
    def _claiming(self) -> Iterator[None]:
        """One caller at a time.

        Raises:
            StorageError: nothing can be written under the root, or somebody hangs there.
        """
        folder = self.root / "locks"
        lock = FileLock(folder / ".claims", thread_local=False)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=CLAIM_SECONDS, poll_interval=0.01)
        except Timeout as exc:
            raise StorageError(
                f"another process has held {lock.lock_file} for {CLAIM_SECONDS:g} s: end it"
            ) from exc
        except (FileExistsError, NotADirectoryError) as exc:
            raise StorageError(f"{self.root} is no folder: choose another GEMS_HOME") from exc
        except OSError as exc:
            raise StorageError(
                f"cannot write in {self.root}: {exc.strerror}; choose another folder with GEMS_HOME"
            ) from exc
        try:
            yield
        finally:
            lock.release()

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
            return read_record(path)
        except FileNotFoundError as exc:
            raise RunError(f"no run is called {thread_id!r}: `gems runs` lists them") from exc
        except (OSError, ValueError, RecursionError) as exc:
            raise RunError(f"the entry {path} cannot be read; start the run again", thread_id) from exc

    def all(self) -> list[RunRecord]:
        """Every run, the latest first; entries that cannot be read are left out."""
        return self.examine()[0]

    def examine(self) -> tuple[list[RunRecord], list[Path]]:
        """Every run, the latest first, and the entries that cannot be read."""
        records, broken = [], []
        for path in sorted(self.root.glob("*.json")):
            try:
                records.append(read_record(path))
            except (OSError, ValueError, RecursionError):
                # What a kill left empty was never a run.
                if path.is_file() and path.stat().st_size:
                    broken.append(path)
        return sorted(records, key=lambda record: -record.created), broken

    @contextmanager
    def hold(self, thread_id: str) -> Iterator[None]:
        """Keeps other processes from working on the same run; a killed process lets go.

        Raises:
            RunError: another process is at it.
        """
        leases = FileLeases(self.root / "locks")
        with holding(leases, self._path(thread_id).stem) as held:
            if not held:
                raise RunError(
                    f"the run {thread_id!r} is under way {leases.holder(thread_id)}: wait, or end it "
                    "first",
                    thread_id,
                )
            yield
