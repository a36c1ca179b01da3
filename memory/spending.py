"""What the callers of a graph server have spent, by calendar months of UTC."""

from __future__ import annotations

import json
import secrets
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from ..errors import StorageError
from ..models.lines import Tail, append_line
from ..settings import Settings
from .database import Database, shared_database
from .leases import file_name


class Spending(Protocol):
    """Money by who spent it and month (``2026-11``). May be used from any thread; every method may
    block, and raises StorageError where it cannot be read or written."""

    def spent(self, who: str, month: str) -> float:
        """What was spent so far."""
        ...

    def add(self, who: str, month: str, money: float) -> None:
        """Adds to it; returns when that outlives the process."""
        ...


class FileSpending:
    """A file of lines for each month and caller, below ``folder``; each is read on from where it was
    read to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._known: dict[Path, tuple[Tail, float]] = {}

    def spent(self, who: str, month: str) -> float:
        """See ``Spending``; what a kill cut off is passed over."""
        path = self._path(who, month)
        with self._lock:
            tail, known = self._known.get(path) or (Tail(path), 0.0)
            try:
                known += sum(map(money_in, tail.lines()))
            except OSError as exc:
                raise StorageError(f"cannot read {path}: {exc.strerror}") from exc
            self._known[path] = (tail, known)
        return known

    def add(self, who: str, month: str, money: float) -> None:
        """See ``Spending``."""
        append_line(self._path(who, month), json.dumps(money))

    def _path(self, who: str, month: str) -> Path:
        return self._folder / month / f"{file_name(who)}.jsonl"


class RowSpending:
    """Rows of ``database``, the same for every machine; a token tells one that was written already."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def spent(self, who: str, month: str) -> float:
        """See ``Spending``."""
        [row] = self._database.rows(
            "SELECT coalesce(sum(money), 0) AS spent FROM gems_spending WHERE who = %s AND month = %s",
            who,
            month,
        )
        return float(row["spent"])

    def add(self, who: str, month: str, money: float) -> None:
        """See ``Spending``."""
        self._database.rows(
            "INSERT INTO gems_spending VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
            secrets.token_hex(16),
            who,
            month,
            money,
        )


def money_in(line: str) -> float:
    """A line's money; none where it was cut off."""
    with suppress(ValueError, TypeError):
        return float(json.loads(line))
    return 0.0


def this_month() -> str:
    """The month that it is, everywhere the same."""
    return time.strftime("%Y-%m", time.gmtime())


def open_spending(settings: Settings) -> Spending:
    """Where the settings keep it: beside the keys, as rows where machines share pictures and a
    database, else in the home's files."""
    if settings.objects is None or settings.database_url is None:
        return FileSpending(settings.root / "spending")
    return RowSpending(shared_database(settings.database_url.get_secret_value()))
