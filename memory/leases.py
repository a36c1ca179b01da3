"""Leases: one holder of a name at a time, among processes on one machine or on many.

Who dies lets go: a file's lock at once, a row in PostgreSQL when nobody has renewed it for a while, or
as soon as somebody on the same machine asks and sees that its process is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from filelock import FileLock, Timeout

from ..errors import StorageError

Lost = Callable[[], None]
"""Called, from any thread, when a lease that is held has become another's."""


class Lease(Protocol):
    """What is held."""

    def release(self) -> None:
        """Lets go; raises nothing. May block."""
        ...


class Leases(Protocol):
    """Names that are held. May be used from any thread; every method may block."""

    def take(self, name: str, lost: Lost | None = None) -> Lease | None:
        """Holds ``name`` until what is returned is released, or forgotten; None: it is held, here or
        elsewhere.

        Raises:
            StorageError: where it is noted cannot be written.
        """
        ...

    def holder(self, name: str) -> str:
        """Who holds ``name``, for a person to read after "under way"."""
        ...


@contextmanager
def holding(leases: Leases, name: str, lost: Lost | None = None) -> Iterator[bool]:
    """Whether ``name`` is held by the block, which lets go at its end."""
    lease = leases.take(name, lost)
    try:
        yield lease is not None
    finally:
        if lease is not None:
            lease.release()


def file_name(name: str) -> str:
    """Any text as the name of one file, as it is where it can be one."""
    quoted = quote(name, safe="")
    return f"%2E{quoted[1:]}" if quoted.startswith(".") else quoted


class FileLeases:
    """Locked files below ``folder``, which may be gone and is made again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, name: str, lost: Lost | None = None) -> Lease | None:
        """See ``Leases``; a file's lock is never lost."""
        lock = FileLock(self._folder / file_name(name), timeout=0, thread_local=False)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout:
            return None
        except OSError as exc:
            raise StorageError(
                f"cannot write in {self._folder}: {exc.strerror}; choose another folder "
                "(GEMS_HOME, --out)"
            ) from exc
        return lock

    def holder(self, name: str) -> str:
        """See ``Leases``."""
        return "in another process"
