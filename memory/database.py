"""What machines share in PostgreSQL beside checkpoints: small rows, read and written from any thread
over connections that come back, in tables that are made under a lock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeAlias

from ..errors import InputError, StorageError, keep_secret
from .forks import forget_in_children
from .postgres import AWAY_SECONDS, CONNECT_SECONDS, SETUP_SECONDS, is_lost, quiet_pools, why

TABLES_LOCK = 0x67656D74
"""The number of the advisory lock under which these tables are made; checkpoints have their own."""
CONNECTIONS = 4
"""Of one process at most; each statement takes milliseconds."""
MIGRATIONS = (
    """
    CREATE TABLE gems_leases (
        name text PRIMARY KEY, token text NOT NULL, until timestamptz NOT NULL,
        machine text NOT NULL, host text NOT NULL, pid bigint NOT NULL, started text NOT NULL
    )
    """,
    """
    CREATE TABLE gems_runs (
        thread_id text PRIMARY KEY, token text NOT NULL, record bytea NOT NULL,
        created double precision NOT NULL, changed timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE TABLE gems_documents (name text PRIMARY KEY, body bytea NOT NULL)",
    """
    CREATE TABLE gems_eval_logs (
        evaluation text NOT NULL, log text NOT NULL, last bigint NOT NULL, PRIMARY KEY (evaluation, log)
    );
    CREATE TABLE gems_eval_lines (
        evaluation text NOT NULL, log text NOT NULL, number bigint NOT NULL, key text NOT NULL UNIQUE,
        line text NOT NULL, PRIMARY KEY (evaluation, log, number)
    )
    """,
    """
    CREATE TABLE gems_paid (
        thread_id text NOT NULL, task text NOT NULL, key text NOT NULL, answer bytea NOT NULL,
        PRIMARY KEY (thread_id, task, key)
    )
    """,
    """
    CREATE TABLE gems_spending (
        token text PRIMARY KEY, who text NOT NULL, month text NOT NULL, money double precision NOT NULL
    );
    CREATE INDEX gems_spending_of ON gems_spending (who, month)
    """,
)
"""Applied in turn, each once. What has landed is never changed: more is added at the end."""
Row: TypeAlias = dict[str, Any]


class Database:
    """The PostgreSQL at ``url``, opened on first use; safe to use from any thread and in forked
    children."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.forget()
        forget_in_children(self)

    def forget(self) -> object:
        """See ``Forgets``: the connections are the parent's."""
        inherited = vars(self).get("_pool")
        self._opening = threading.Lock()
        self._pool: Any = None
        return inherited

    def rows(self, statement: str, *values: Any) -> list[Row]:
        """What ``statement`` answers; nothing for one that answers nothing. Asked again for
        ``AWAY_SECONDS`` while connections break: it has to do no harm when it is done twice.

        Raises:
            StorageError: the database cannot be opened or used.
            InputError: what it needs is not installed.
        """
        return self._retried(lambda: self._rows(statement, values))

    def close(self) -> None:
        """Lets go of the connections; they are opened again when they are needed again."""
        with self._opening:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    def _rows(self, statement: str, values: Sequence[Any]) -> list[Row]:
        with self._opened().connection() as connection:
            cursor = connection.execute(statement, values)
            found: list[Row] = cursor.fetchall() if cursor.description else []
        return found

    def _retried(self, attempt: Callable[[], list[Row]]) -> list[Row]:
        import_psycopg()
        import psycopg

        until, pause = time.monotonic() + AWAY_SECONDS, 0.1
        while True:
            try:
                return attempt()
            except psycopg.Error as exc:
                lost = isinstance(exc, psycopg.OperationalError) and is_lost(exc)
                if not lost or time.monotonic() + pause > until:
                    raise StorageError(f"the database of GEMS_DATABASE_URL failed: {why(exc)}") from exc
            time.sleep(pause)
            pause = min(2 * pause, 2.0)

    def _opened(self) -> Any:
        with self._opening:
            if self._pool is None:
                self._pool = open_pool(self._url)
            return self._pool


@cache
def shared_database(url: str) -> Database:
    """The process's own for ``url``, so that all that it shares goes over the same connections."""
    return Database(url)


def import_psycopg() -> None:
    """Checks that PostgreSQL can be spoken to.

    Raises:
        InputError: what that needs is not installed.
    """
    try:
        import psycopg_pool  # noqa: F401
    except ImportError as exc:
        raise InputError(
            "GEMS_DATABASE_URL needs what is not installed here: pip install 'gems-agent[postgres]'"
        ) from exc


def open_pool(url: str) -> Any:
    """Connections to ``url``, whose tables are there.

    Raises:
        StorageError: the database cannot be opened.
    """
    import psycopg
    from psycopg.conninfo import conninfo_to_dict
    from psycopg.rows import dict_row
    from psycopg_pool import ConnectionPool

    quiet_pools()
    options: dict[str, Any] = {
        "autocommit": True,
        "row_factory": dict_row,
        "connect_timeout": CONNECT_SECONDS,
        # Poolers between here and there know neither prepared statements nor options at the start.
        "prepare_threshold": None,
    }
    try:
        keep_secret(str(conninfo_to_dict(url).get("password") or ""))
        with psycopg.connect(url, **options) as connection:
            migrate(connection)
    except psycopg.Error as exc:
        raise StorageError(f"cannot open the database of GEMS_DATABASE_URL: {why(exc)}") from exc
    pool: Any = ConnectionPool(
        url,
        kwargs=options,
        min_size=0,
        max_size=CONNECTIONS,
        timeout=CONNECT_SECONDS,
        check=ConnectionPool.check_connection,
        open=True,
    )
    return pool


def migrate(connection: Any) -> None:
    """Applies the migrations that a database lacks, one process at a time, all of them or none."""
    with connection.transaction():
        connection.execute(f"SET LOCAL lock_timeout = '{SETUP_SECONDS:g}s'")
        connection.execute(f"SET LOCAL statement_timeout = '{SETUP_SECONDS:g}s'")
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (TABLES_LOCK,))
        connection.execute("CREATE TABLE IF NOT EXISTS gems_migrations (number int PRIMARY KEY)")
        cursor = connection.execute("SELECT count(*) AS done FROM gems_migrations")
        done = cursor.fetchone()["done"]
        for number, statement in enumerate(MIGRATIONS[done:], done + 1):
            connection.execute(statement)
            connection.execute("INSERT INTO gems_migrations VALUES (%s)", (number,))
