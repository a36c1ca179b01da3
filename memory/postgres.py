"""Checkpoints in PostgreSQL: tables made once, however many processes begin, and connections that come
back."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple

from ..errors import InputError, StorageError, keep_secret
from .finishing import FinishesWrites

T = TypeVar("T")
CONNECT_SECONDS = 10
SETUP_LOCK = 0x67656D73
"""The number of the advisory lock under which tables are made: "gems" in ASCII."""
SETUP_SECONDS = 60.0
"""How long a process waits for another that makes the tables."""
CONNECTIONS = 4
"""Of one event loop. A checkpointer uses one at a time; others are for what comes while one is lost."""
AWAY_SECONDS = 30.0
"""How long a database may be away, for a restart, until what is to be stored counts as lost."""
LOST = ("08", "57P")
"""SQLSTATE classes of a connection that broke, or that the database ended: another will do."""
CODES = (
    (r"password authentication failed|no pg_hba.conf entry", "28"),
    (r'database ".*" does not exist', "3D000"),
    (r"too many clients|remaining connection slots", "53300"),
)
"""SQLSTATEs of what is said before there is a connection, where psycopg passes on words alone."""
ADVICE = {
    "28": "check the user and the password in GEMS_DATABASE_URL",
    "3D000": "create the database, or name another in GEMS_DATABASE_URL",
    "42501": "let the user of GEMS_DATABASE_URL create and change tables there",
    "53100": "make room on the database's disk",
    "53300": "it has no connection left: raise max_connections, or run fewer processes",
    "57P": "start it again, then go on",
}
"""What to do by the beginning of an SQLSTATE."""


def advice_on(exc: BaseException) -> str | None:
    """What to do about an error of PostgreSQL's, by its code; None: it has none that is known here."""
    code = getattr(exc, "sqlstate", None) or code_by_words(str(exc))
    return next((advice for start, advice in ADVICE.items() if code.startswith(start)), None)


def code_by_words(said: str) -> str:
    """The SQLSTATE that an error's words stand for; empty: none that is known here."""
    return next((code for words, code in CODES if re.search(words, said)), "")


def is_lost(exc: Exception) -> bool:
    """Whether the connection failed, not what was asked over it. psycopg gives errors of its own, as of
    a server that is away, no code."""
    code = getattr(exc, "sqlstate", None)
    return code is None or code.startswith(LOST)


class Reconnects(BaseCheckpointSaver[Any]):
    """Mixed into a checkpointer, asks again where the connection broke. What it writes replaces what is
    there, so that nothing is stored twice."""

    async def aput(self, *args: Any, **options: Any) -> RunnableConfig:
        """See ``BaseCheckpointSaver``."""
        config: RunnableConfig = await reconnecting(
            lambda: super(Reconnects, self).aput(*args, **options)
        )
        return config

    async def aput_writes(self, *args: Any, **options: Any) -> None:
        """See ``BaseCheckpointSaver``."""
        await reconnecting(lambda: super(Reconnects, self).aput_writes(*args, **options))

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """See ``BaseCheckpointSaver``."""
        return await reconnecting(lambda: super(Reconnects, self).aget_tuple(config))


async def reconnecting(attempt: Callable[[], Awaitable[T]]) -> T:
    """What ``attempt`` returns, tried again for ``AWAY_SECONDS`` while connections break."""
    import psycopg

    until, pause = time.monotonic() + AWAY_SECONDS, 0.1
    while True:
        try:
            return await attempt()
        except psycopg.OperationalError as exc:
            if not is_lost(exc) or time.monotonic() + pause > until:
                raise
        await asyncio.sleep(pause)
        pause = min(2 * pause, 2.0)


@asynccontextmanager
async def open_postgres(url: str) -> AsyncIterator[BaseCheckpointSaver[Any]]:
    """The checkpointer of the database at ``url``, its tables made when missing.

    Raises:
        StorageError: the database cannot be opened.
        InputError: what it needs is not installed.
    """
    try:
        import psycopg
        from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
        from psycopg.conninfo import conninfo_to_dict
        from psycopg.rows import dict_row
        from psycopg_pool import AsyncConnectionPool
    except ImportError as exc:
        raise InputError(
            "GEMS_DATABASE_URL needs what is not installed here: "
            "pip install langgraph-checkpoint-postgres 'psycopg[binary]'"
        ) from exc

    class PostgresSaver(FinishesWrites, Reconnects, AsyncPostgresSaver):
        """PostgreSQL's checkpointer, finishing its writes over connections that come back."""

    options: dict[str, Any] = {
        "autocommit": True,
        "prepare_threshold": 0,
        "row_factory": dict_row,
        "connect_timeout": CONNECT_SECONDS,
    }
    try:
        keep_secret(str(conninfo_to_dict(url).get("password") or ""))
        connecting: Any = psycopg.AsyncConnection.connect(url, **options)
        async with await connecting as connection:
            await make_tables(AsyncPostgresSaver(connection), connection)
    except psycopg.Error as exc:
        raise StorageError(f"cannot open the database of GEMS_DATABASE_URL: {why(exc)}") from exc
    quiet_pools()
    pool: Any = AsyncConnectionPool(
        url,
        kwargs=options,
        min_size=1,
        max_size=CONNECTIONS,
        timeout=CONNECT_SECONDS,
        check=AsyncConnectionPool.check_connection,
        open=False,
    )
    async with pool:
        saver = PostgresSaver(pool)
        try:
            yield saver
        finally:
            await saver.settle()


def quiet_pools() -> None:
    """Has pools say nothing of their own where nobody set up logging: what they could not do is an
    error here, if it matters."""
    pools = logging.getLogger("psycopg.pool")
    if not pools.handlers:
        pools.addHandler(logging.NullHandler())


def why(exc: Exception) -> str:
    """Why a database cannot be opened, in one line, and what to do about it."""
    import psycopg

    if not isinstance(exc, psycopg.OperationalError) and not getattr(exc, "sqlstate", None):
        # What could not be parsed may be a password: it is not repeated.
        return "it is no URL of a PostgreSQL database: use postgresql://USER:PASSWORD@HOST:PORT/NAME"
    said = " ".join(str(exc).split())
    return f"{said}; {advice_on(exc) or 'is it up, and may GEMS write there?'}"


async def make_tables(saver: Any, connection: Any) -> None:
    """Makes the tables, one process at a time. The lock is asked for again and again: who waited for it
    in one statement would hold up the very indexes that its holder builds.

    Raises:
        StorageError: another process has been at it for too long.
    """
    until = time.monotonic() + SETUP_SECONDS
    while not await locked(connection):
        if time.monotonic() > until:
            raise StorageError(
                "another process has been making the tables of GEMS_DATABASE_URL for "
                f"{SETUP_SECONDS:g} s: end it"
            )
        await asyncio.sleep(0.1)
    # The lock goes with the connection.
    await saver.setup()


async def locked(connection: Any) -> bool:
    """Whether the lock on making tables is this connection's now."""
    cursor = await connection.execute("SELECT pg_try_advisory_lock(%s) AS mine", (SETUP_LOCK,))
    return bool((await cursor.fetchone())["mine"])
