"""Leases as rows in PostgreSQL, renewed by a thread while anything is held.

The database's clock alone counts, so machines' clocks may differ.
"""

from __future__ import annotations

import logging
import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ..errors import GemsError
from .database import Database, Row
from .forks import forget_in_children
from .leases import Lost
from .machine import ProcessName, is_gone, this_process

LEASE_SECONDS = 30.0
"""How long a lease outlives its holder's last sign of life."""
BEAT_SECONDS = 5.0
"""How often a holder gives one."""
TAKE = """
INSERT INTO gems_leases (name, token, until, machine, host, pid, started)
VALUES (%s, %s, now() + make_interval(secs => %s), %s, %s, %s, %s)
ON CONFLICT (name) DO UPDATE SET token = excluded.token, until = excluded.until,
    machine = excluded.machine, host = excluded.host, pid = excluded.pid, started = excluded.started
WHERE gems_leases.until < now() OR gems_leases.token = excluded.token
RETURNING token
"""
RENEW = """
UPDATE gems_leases SET until = now() + make_interval(secs => %s) WHERE token = ANY(%s) RETURNING token
"""
WHO = """
SELECT *, ceil(extract(epoch FROM until - now()))::int AS seconds FROM gems_leases WHERE name = %s
"""
logger = logging.getLogger("gems.leases")


@dataclass(frozen=True)
class PostgresLease:
    """One row."""

    leases: PostgresLeases
    token: str

    def release(self) -> None:
        """See ``Lease``. Where the database is away the row ends by itself."""
        self.leases.let_go(self.token)


class PostgresLeases:
    """The rows of ``database``.

    Args:
        database: where they are.
        seconds: how long a lease outlives its holder.
        beat: how often it is renewed, in seconds.
    """

    def __init__(
        self, database: Database, seconds: float = LEASE_SECONDS, beat: float = BEAT_SECONDS
    ) -> None:
        self._database = database
        self._seconds = seconds
        self._beat = beat
        self.forget()
        forget_in_children(self)

    def forget(self) -> object:
        """See ``Forgets``: what is held is the parent's."""
        self._changed = threading.Condition()
        self._held: dict[str, Lost | None] = {}
        self._renewing = False
        return None

    def take(self, name: str, lost: Lost | None = None) -> PostgresLease | None:
        """See ``Leases``."""
        token, values = secrets.token_hex(16), this_process()
        taken = self._database.rows(TAKE, name, token, self._seconds, *values)
        if not taken and self._bury(name):
            taken = self._database.rows(TAKE, name, token, self._seconds, *values)
        if not taken:
            return None
        with self._changed:
            self._held[token] = lost
            if not self._renewing:
                self._renewing = True
                threading.Thread(target=self._renew, name="gems-leases", daemon=True).start()
        return PostgresLease(self, token)

    def holder(self, name: str) -> str:
        """See ``Leases``."""
        row = self._row(name)
        if row is None:
            return "elsewhere until a moment ago"
        return (
            f"in process {row['pid']} on {row['host']} (should that be gone, it is free in "
            f"{max(1, row['seconds'])} s)"
        )

    def let_go(self, token: str) -> None:
        """Ends a lease; raises nothing."""
        with self._changed:
            self._held.pop(token, None)
            self._changed.notify_all()
        with suppress(GemsError):
            self._database.rows("DELETE FROM gems_leases WHERE token = %s", token)

    def _row(self, name: str) -> Row | None:
        rows = self._database.rows(WHO, name)
        return rows[0] if rows else None

    def _bury(self, name: str) -> bool:
        """Whether the holder's process is known to have ended; its row is taken away."""
        row: Any = self._row(name)
        if row is None:
            return True
        process = ProcessName(*(row[field] for field in ProcessName._fields))
        if not is_gone(process):
            return False
        self._database.rows("DELETE FROM gems_leases WHERE token = %s", row["token"])
        return True

    def _renew(self) -> None:
        """Renews what is held until nothing is."""
        while held := self._wait():
            try:
                rows = self._database.rows(RENEW, self._seconds, list(held))
            except GemsError as exc:
                # Nobody else can take them meanwhile either.
                logger.warning("leases could not be renewed: %s", exc)
                continue
            self._tell(held, {row["token"] for row in rows})

    def _wait(self) -> dict[str, Lost | None]:
        """What is held after a beat; where that is nothing, the thread is about to end."""
        with self._changed:
            self._changed.wait_for(lambda: not self._held, self._beat)
            self._renewing = bool(self._held)
            return dict(self._held)

    def _tell(self, held: dict[str, Lost | None], kept: set[str]) -> None:
        """Tells those who hold what has become another's."""
        with self._changed:
            # What was let go meanwhile is not lost.
            gone = [token for token in held if token not in kept and token in self._held]
            told = [self._held.pop(token) for token in gone]
        for lost in told:
            if lost is not None:
                lost()
