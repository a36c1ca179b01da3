"""The index of runs: one small file a thread, so that runs can be named, listed and resumed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from ..errors import RunError, StorageError
from .files import write_file
from .leases import FileLeases, Leases, Lost, holding
from .run_record import RunRecord as RunRecord
from .run_record import check_name, read_record, taken, unknown, written
from .run_record import name_thread as name_thread

CLAIM_SECONDS = 30.0
"""How long a caller waits for others to enter their runs; each takes milliseconds."""


class Runs(Protocol):
    """The index of runs, on one machine or shared. May be used from any thread; every method may block.
    Errors are those of ``RunIndex``; StorageError also where the index cannot be reached."""

    @property
    def where(self) -> str:
        """For people to read."""
        ...

    def claim(self, record: RunRecord, *, exact: bool, fresh: bool = False) -> RunRecord:
        """Enters a new run. Where its name is taken, a number is added, or ``exact`` it is refused, or
        with ``fresh`` the other run's entry replaced. Callers at the same time, in any process, get
        different names.

        Raises:
            InputError: the name is taken, or cannot be a name.
            RunError: the run to be replaced is under way.
            StorageError: the index cannot be written.
        """
        ...

    def has(self, thread_id: str) -> bool:
        """Whether a run has been entered."""
        ...

    def drop(self, thread_id: str) -> None:
        """Takes out an entry."""
        ...

    def write(self, record: RunRecord) -> None:
        """Replaces a run's entry, or makes it.

        Raises:
            StorageError: it cannot be written; the old one is intact.
        """
        ...

    def read(self, thread_id: str) -> RunRecord:
        """A run's entry.

        Raises:
            RunError: there is none, or it was never written to the end.
        """
        ...

    def all(self) -> list[RunRecord]:
        """Every run, the latest first; entries that cannot be read are left out."""
        ...

    def examine(self) -> tuple[list[RunRecord], list[str]]:
        """Every run, the latest first, and the entries that cannot be read."""
        ...

    def untouched_since(self, moment: float) -> list[RunRecord]:
        """The runs whose entries were last written before ``moment``, in seconds since the epoch."""
        ...

    def hold(self, thread_id: str, lost: Lost | None = None) -> AbstractContextManager[None]:
        """Keeps other processes from working on the same run; a killed process lets go.

        Args:
            thread_id: the run.
            lost: called, from any thread, when another process has it after all.

        Raises:
            RunError: another process is at it.
        """
        ...


class RunIndex:
    """The runs under ``root``, a home's: ``THREAD.json`` each, and ``locks/THREAD`` while one is under
    way. See ``Runs``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._leases = FileLeases(root / "locks")

    @property
    def where(self) -> str:
        """See ``Runs``."""
        return str(self.root)

    def _path(self, thread_id: str) -> Path:
        return self.root / f"{check_name(thread_id)}.json"

    def claim(self, record: RunRecord, *, exact: bool, fresh: bool = False) -> RunRecord:
        """See ``Runs``."""
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
            raise taken(wanted)
        numbered = (f"{wanted}-{number}" for number in count(2))
        return next(name for name in numbered if not self.has(name))

    def has(self, thread_id: str) -> bool:
        """Whether a run has been entered. An empty entry, left by a kill of an earlier version in that
        moment, is none."""
        path = self._path(thread_id)
        return path.is_file() and path.stat().st_size > 0

    def drop(self, thread_id: str) -> None:
        """See ``Runs``."""
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
        """See ``Runs``."""
        write_file(self._path(record.thread_id), written(record))

    def read(self, thread_id: str) -> RunRecord:
        """See ``Runs``."""
        path = self._path(thread_id)
        try:
            return read_record(path)
        except FileNotFoundError as exc:
            raise unknown(thread_id) from exc
        except (OSError, ValueError, RecursionError) as exc:
            raise RunError(f"the entry {path} cannot be read; start the run again", thread_id) from exc

    def all(self) -> list[RunRecord]:
        """See ``Runs``."""
        return self.examine()[0]

    def examine(self) -> tuple[list[RunRecord], list[str]]:
        """See ``Runs``."""
        records: list[RunRecord] = []
        broken: list[str] = []
        for path in sorted(self.root.glob("*.json")):
            try:
                records.append(read_record(path))
            except (OSError, ValueError, RecursionError):
                # What a kill left empty was never a run.
                if path.is_file() and path.stat().st_size:
                    broken.append(str(path))
        return sorted(records, key=lambda record: -record.created), broken

    def untouched_since(self, moment: float) -> list[RunRecord]:
        """See ``Runs``."""
        return [record for record in self.all() if self._written(record.thread_id) < moment]

    def _written(self, thread_id: str) -> float:
        try:
            return self._path(thread_id).stat().st_mtime
        except OSError:
            return float("inf")

    def hold(self, thread_id: str, lost: Lost | None = None) -> AbstractContextManager[None]:
        """See ``Runs``; a file's lock is never lost."""
        return holding_run(self._leases, check_name(thread_id), thread_id)


@contextmanager
def holding_run(leases: Leases, name: str, thread_id: str, lost: Lost | None = None) -> Iterator[None]:
    """Holds a run by the lease called ``name``.

    Raises:
        RunError: another process has it.
    """
    with holding(leases, name, lost) as held:
        if not held:
            raise RunError(
                f"the run {thread_id!r} is under way {leases.holder(name)}: wait, or end it first",
                thread_id,
            )
        yield
