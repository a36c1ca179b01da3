"""What the workers on one evaluation share: who is at what, and lines that all of them read."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..errors import StorageError
from ..memory.files import write_file
from ..memory.leases import FileLeases, Lease
from ..models.lines import Tail, append_line
from ..settings import Settings

ALONE_SECONDS = 30.0
"""How long ``alone`` waits for others; each takes milliseconds."""


NAME_FILE = "evaluation"
"""Holds what a folder's evaluation is called in a database."""


class Log(Protocol):
    """Lines that only grow."""

    def append(self, line: str) -> None:
        """Adds a line.

        Raises:
            StorageError: it cannot be kept.
        """
        ...

    def lines(self) -> list[str]:
        """What was added since the last call, by whomever."""
        ...


class Sharing(Protocol):
    """How workers share an evaluation."""

    @property
    def name(self) -> str:
        """What the evaluation is called where it is shared."""
        ...

    def take(self, name: str) -> Lease | None:
        """Holds ``name``; None: it is held, here or elsewhere. Who dies lets go. May block.

        Raises:
            StorageError: it cannot be noted.
        """
        ...

    def log(self, path: Path) -> Log:
        """The lines that belong in the file ``path`` of the evaluation's folder; the same one for the
        same path."""
        ...

    def settle(self) -> None:
        """Sees to it that the folder's files hold what all workers have written."""
        ...

    def read(self, path: Path) -> str | None:
        """What is in a small file of the folder; None: there is none."""
        ...

    def write(self, path: Path, text: str) -> None:
        """Replaces a small file of the folder.

        Raises:
            StorageError: it cannot be written.
        """
        ...


@contextmanager
def alone(sharing: Sharing, name: str, seconds: float = ALONE_SECONDS) -> Iterator[None]:
    """Waits for ``name``, for ``seconds`` at most, and holds it for the block.

    Raises:
        StorageError: it cannot be noted, or somebody hangs.
    """
    until = time.monotonic() + seconds
    while (lease := sharing.take(name)) is None:
        if time.monotonic() > until:
            raise StorageError(f"another worker has held {name!r} for {seconds:g} s: end it and go on")
        time.sleep(0.005)
    try:
        yield
    finally:
        lease.release()


class FileLog:
    """A file that grows by lines; for the processes of one machine."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tail = Tail(path)

    def append(self, line: str) -> None:
        """See ``Log``."""
        append_line(self._path, line)

    def lines(self) -> list[str]:
        """See ``Log``; whole lines."""
        return self._tail.lines()


@dataclass(frozen=True)
class FileLease:
    """A locked file. It goes while it is still locked, and who waits for it begins anew."""

    lock: Lease
    path: Path

    def release(self) -> None:
        """See ``Lease``."""
        # Windows keeps a file that is open.
        with suppress(OSError):
            self.path.unlink()
        self.lock.release()


class FileSharing:
    """By the folder alone, for the processes of one machine. The system itself takes locks from who
    dies, at once; so there is nothing to expire and nothing to renew."""

    def __init__(self, out: Path) -> None:
        self.name = out.name
        self._folder = out / "leases"
        self._leases = FileLeases(self._folder)
        self._logs: dict[Path, FileLog] = {}

    def take(self, name: str) -> FileLease | None:
        """See ``Sharing``."""
        digest = hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=10).hexdigest()
        lock = self._leases.take(digest)
        return None if lock is None else FileLease(lock, self._folder / digest)

    def log(self, path: Path) -> FileLog:
        """See ``Sharing``."""
        return self._logs.setdefault(path, FileLog(path))

    def settle(self) -> None:
        """See ``Sharing``; they always do."""

    def read(self, path: Path) -> str | None:
        """See ``Sharing``."""
        return path.read_text("utf-8", "replace") if path.is_file() else None

    def write(self, path: Path, text: str) -> None:
        """See ``Sharing``."""
        write_file(path, text.encode())


def name_held(out: Path) -> str | None:
    """The name in the folder ``out``; None: it has none."""
    path = out / NAME_FILE
    return path.read_text("utf-8", "replace").strip() if path.is_file() else None


def open_sharing(settings: Settings, out: Path) -> Sharing:
    """How the workers on the folder ``out`` share: by PostgreSQL with ``GEMS_DATABASE_URL``, else by
    the folder alone."""
    if settings.database_url is None:
        return FileSharing(out)
    from ..memory.database import shared_database
    from .sharing_postgres import PostgresSharing

    return PostgresSharing(shared_database(settings.database_url.get_secret_value()), out)
