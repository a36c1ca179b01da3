"""The index of runs as rows in PostgreSQL, the same for every machine."""

from __future__ import annotations

import secrets
from contextlib import AbstractContextManager
from itertools import chain, count

from ..errors import RunError
from ..settings import Settings
from .database import Database, Row, shared_database
from .leases import Leases, Lost
from .postgres_leases import PostgresLeases
from .run_record import RunRecord, check_name, record_from, taken, unknown, written
from .runs import RunIndex, Runs, holding_run

# A token tells a statement that is done twice, after its answer was lost, from somebody else's.
ENTER = """
INSERT INTO gems_runs (thread_id, token, record, created) VALUES (%s, %s, %s, %s)
ON CONFLICT (thread_id) DO UPDATE SET token = excluded.token WHERE gems_runs.token = excluded.token
RETURNING thread_id
"""
WRITE = """
INSERT INTO gems_runs (thread_id, token, record, created) VALUES (%s, %s, %s, %s)
ON CONFLICT (thread_id) DO UPDATE SET record = excluded.record, changed = now()
"""
UNTOUCHED = "SELECT * FROM gems_runs WHERE changed < to_timestamp(%s) ORDER BY created DESC"


def open_runs(settings: Settings) -> Runs:
    """The index that the settings name: rows where machines share pictures and a database, else the
    home's files. One without the other would list runs whose pictures or checkpoints are elsewhere."""
    files = RunIndex(settings.root / "runs")
    if settings.objects is None or settings.database_url is None:
        return files
    database = shared_database(settings.database_url.get_secret_value())
    return RunTable(database, PostgresLeases(database), files)


class RunTable:
    """The rows of ``database``; see ``Runs``.

    Args:
        database: where they are.
        leases: who is at which run.
        earlier: what this machine has from a time before it shared runs; read, and never written.
    """

    def __init__(self, database: Database, leases: Leases, earlier: RunIndex) -> None:
        self._database = database
        self._leases = leases
        self._earlier = earlier
        self.where = "the database of GEMS_DATABASE_URL"

    def claim(self, record: RunRecord, *, exact: bool, fresh: bool = False) -> RunRecord:
        """See ``Runs``."""
        wanted = check_name(record.thread_id)
        entered = record.model_copy(update={"entered": "named" if exact else "unnamed"})
        if fresh:
            claimed = entered.model_copy(update={"afresh": True})
            with self.hold(wanted):
                self.write(claimed)
            return claimed
        for name in chain([wanted], (f"{wanted}-{number}" for number in count(2))):
            claimed = entered.model_copy(update={"thread_id": name})
            if not self._earlier.has(name) and self._database.rows(ENTER, *row_of(claimed)):
                return claimed
            if exact:
                break
        raise taken(wanted)

    def has(self, thread_id: str) -> bool:
        """See ``Runs``."""
        return bool(self._rows(thread_id)) or self._earlier.has(thread_id)

    def drop(self, thread_id: str) -> None:
        """See ``Runs``."""
        self._database.rows("DELETE FROM gems_runs WHERE thread_id = %s", check_name(thread_id))
        self._earlier.drop(thread_id)

    def write(self, record: RunRecord) -> None:
        """See ``Runs``."""
        check_name(record.thread_id)
        self._database.rows(WRITE, *row_of(record))

    def read(self, thread_id: str) -> RunRecord:
        """See ``Runs``."""
        rows = self._rows(thread_id)
        if not rows and self._earlier.has(thread_id):
            return self._earlier.read(thread_id)
        if not rows:
            raise unknown(thread_id)
        try:
            return record_in(rows[0])
        except (ValueError, RecursionError) as exc:
            said = f"the entry of {thread_id!r} in {self.where} cannot be read; start the run again"
            raise RunError(said, thread_id) from exc

    def all(self) -> list[RunRecord]:
        """See ``Runs``."""
        return self.examine()[0]

    def examine(self) -> tuple[list[RunRecord], list[str]]:
        """See ``Runs``."""
        rows = self._database.rows("SELECT * FROM gems_runs ORDER BY created DESC")
        records, broken = records_in(rows)
        shared = {row["thread_id"] for row in rows}
        earlier, more = self._earlier.examine()
        records += [record for record in earlier if record.thread_id not in shared]
        return sorted(records, key=lambda record: -record.created), broken + more

    def untouched_since(self, moment: float) -> list[RunRecord]:
        """See ``Runs``."""
        records, _ = records_in(self._database.rows(UNTOUCHED, moment))
        earlier = self._earlier.untouched_since(moment)
        return records + [record for record in earlier if not self._rows(record.thread_id)]

    def hold(self, thread_id: str, lost: Lost | None = None) -> AbstractContextManager[None]:
        """See ``Runs``."""
        return holding_run(self._leases, f"run {check_name(thread_id)}", thread_id, lost)

    def _rows(self, thread_id: str) -> list[Row]:
        return self._database.rows(
            "SELECT * FROM gems_runs WHERE thread_id = %s", check_name(thread_id)
        )


def row_of(record: RunRecord) -> tuple[str, str, bytes, float]:
    """A row's values."""
    return record.thread_id, secrets.token_hex(16), written(record), record.created


def record_in(row: Row) -> RunRecord:
    """A row's record.

    Raises:
        ValueError: it is none.
    """
    return record_from(row["record"], row["thread_id"], row["created"])


def records_in(rows: list[Row]) -> tuple[list[RunRecord], list[str]]:
    """The records of rows, and the names of those that cannot be read."""
    records: list[RunRecord] = []
    broken: list[str] = []
    for row in rows:
        try:
            records.append(record_in(row))
        except (ValueError, RecursionError):
            broken.append(f"{row['thread_id']} in the database")
    return records, broken
