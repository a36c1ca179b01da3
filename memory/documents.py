"""Small texts that a system has one of each: the keys of its callers, the secret of its links."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from ..errors import StorageError
from ..settings import Settings
from .database import Database, shared_database
from .files import write_file

WAIT_SECONDS = 10.0
Change = Callable[[bytes | None], bytes]
"""Makes the new content of the old one, None where there is none. It may be asked twice, the second
time with what it made: it changes nothing then."""


class Documents(Protocol):
    """Texts by name, ``keys.json``. May be used from any thread; every method may block, and raises
    StorageError where they cannot be read or written."""

    def read(self, name: str) -> bytes | None:
        """The content; None: there is none."""
        ...

    def change(self, name: str, change: Change) -> bytes:
        """Replaces the content, one caller at a time. Returns the new one."""
        ...


class FileDocuments:
    """Files of ``home`` that its owner alone may read."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def read(self, name: str) -> bytes | None:
        """See ``Documents``."""
        try:
            return (self._home / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise StorageError(f"cannot read {self._home / name}: {exc.strerror}") from exc

    def change(self, name: str, change: Change) -> bytes:
        """See ``Documents``."""
        path = self._home / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(path.with_suffix(".lock"), timeout=WAIT_SECONDS):
                old = self.read(name)
                new = change(old)
                if new != old:
                    write_file(path, new, mode=0o600)
        except Timeout as exc:
            raise StorageError(
                f"another process has held {path} for {WAIT_SECONDS:g} s: end it"
            ) from exc
        except OSError as exc:
            raise StorageError(
                f"cannot write {path}: {exc.strerror}; choose another GEMS_HOME"
            ) from exc
        return new


class RowDocuments:
    """Rows of ``database``, the same for every machine."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, name: str) -> bytes | None:
        """See ``Documents``."""
        rows = self._database.rows("SELECT body FROM gems_documents WHERE name = %s", name)
        return bytes(rows[0]["body"]) if rows else None

    def change(self, name: str, change: Change) -> bytes:
        """See ``Documents``."""
        while True:
            old = self.read(name)
            new = change(old)
            if new == old or self._replaced(name, old, new):
                return new

    def _replaced(self, name: str, old: bytes | None, new: bytes) -> bool:
        """Whether ``old`` was still there to be replaced."""
        if old is None:
            statement = (
                "INSERT INTO gems_documents VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING name"
            )
            return bool(self._database.rows(statement, name, new))
        statement = "UPDATE gems_documents SET body = %s WHERE name = %s AND body = %s RETURNING name"
        return bool(self._database.rows(statement, new, name, old))


def open_documents(settings: Settings) -> list[Documents]:
    """Where the settings keep them: first the place that is written to, rows where machines share
    pictures and a database, then the home's files, which may hold what there was before."""
    files = FileDocuments(settings.root)
    if settings.objects is None or settings.database_url is None:
        return [files]
    return [RowDocuments(shared_database(settings.database_url.get_secret_value())), files]
