"""An evaluation shared through PostgreSQL, for workers on several machines, under the name that its
folder holds (see ``naming``); what all of them wrote is copied into the folder when a step ends."""

from __future__ import annotations

import secrets
from pathlib import Path

from ..memory.database import Database
from ..memory.files import write_file
from ..memory.leases import Lease
from ..memory.postgres_leases import PostgresLeases
from ..models.lines import read_lines
from .sharing import alone, name_held

APPEND = """
WITH next AS (
    INSERT INTO gems_eval_logs (evaluation, log, last) VALUES (%s, %s, 1)
    ON CONFLICT (evaluation, log) DO UPDATE SET last = gems_eval_logs.last + 1 RETURNING last
)
INSERT INTO gems_eval_lines (evaluation, log, number, key, line)
SELECT %s, %s, last, %s, %s FROM next ON CONFLICT (key) DO NOTHING
"""
"""The log's row is locked until the line is there, so a reader that sees a number has seen all before
it; and a line that is sent twice, over a connection that broke, is one."""
READ = """
SELECT number, line FROM gems_eval_lines
WHERE evaluation = %s AND log = %s AND number > %s ORDER BY number
"""
LAST = """
SELECT line FROM gems_eval_lines WHERE evaluation = %s AND log = %s ORDER BY number DESC LIMIT 1
"""


class PostgresLog:
    """Lines as rows; see ``Log``."""

    def __init__(self, database: Database, place: tuple[str, str], path: Path) -> None:
        self._database = database
        self._place = place
        self._path = path
        self._read = 0

    def append(self, line: str) -> None:
        """See ``Log``."""
        clean = line.encode("utf-8", "replace").decode()
        self._database.rows(APPEND, *self._place, *self._place, secrets.token_hex(16), clean)

    def lines(self) -> list[str]:
        """See ``Log``."""
        rows = self._database.rows(READ, *self._place, self._read)
        self._read = rows[-1]["number"] if rows else self._read
        return [row["line"] for row in rows]

    def settle(self) -> None:
        """Copies all lines into the folder's file."""
        rows = self._database.rows(READ, *self._place, 0)
        if rows:
            text = "".join(f"{row['line']}\n" for row in rows)
            write_file(self._path, text.encode("utf-8", "replace"))

    def begin(self) -> None:
        """Takes over what the folder holds from a time without the database."""
        if not self._database.rows(LAST, *self._place):
            for line in read_lines(self._path):
                self.append(line)


class PostgresSharing:
    """By the rows of a database; see ``Sharing``."""

    def __init__(self, database: Database, out: Path) -> None:
        self._database = database
        self._leases = PostgresLeases(database)
        self._out = out
        self.name = name_held(out) or out.name
        self._logs: dict[Path, PostgresLog] = {}

    def take(self, name: str) -> Lease | None:
        """See ``Sharing``."""
        return self._leases.take(f"eval/{self.name}/{name}")

    def log(self, path: Path) -> PostgresLog:
        """See ``Sharing``."""
        if path not in self._logs:
            log = PostgresLog(self._database, self._place(path), path)
            with alone(self, f"begin {path.name}"):
                log.begin()
            self._logs[path] = log
        return self._logs[path]

    def settle(self) -> None:
        """See ``Sharing``."""
        for log in self._logs.values():
            log.settle()

    def read(self, path: Path) -> str | None:
        """See ``Sharing``."""
        rows = self._database.rows(LAST, *self._place(path))
        if rows:
            return str(rows[0]["line"])
        return path.read_text("utf-8", "replace") if path.is_file() else None

    def write(self, path: Path, text: str) -> None:
        """See ``Sharing``."""
        if self.read(path) != text:
            PostgresLog(self._database, self._place(path), path).append(text)
        write_file(path, text.encode())

    def _place(self, path: Path) -> tuple[str, str]:
        return (self.name, path.relative_to(self._out).as_posix())
