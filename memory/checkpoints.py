"""Checkpoints: where the facts of a run survive the process."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver

from ..errors import StorageError
from ..settings import Settings
from .finishing import FinishesWrites
from .forks import forget_in_children
from .ledger import pictures_in
from .postgres import advice_on, open_postgres

S = TypeVar("S", bound=FinishesWrites)
SETUP_TRIES = 100
ADVICE = (
    (r"\bfull\b|no space|quota|too large", "make room"),
    (r"locked|busy", "another process holds it: wait until it has ended"),
    (r"malformed|not a database|corrupt", "move the file away to start afresh"),
    (r"readonly|read-only|permission|denied", "check who may write there"),
    (r"unable to open|no such file|no such table", "it was moved or deleted: put it back"),
)
"""What to do about a database, by its words."""
BUSY_SECONDS = 30.0
"""How long SQLite waits for another process that writes."""


def storage_errors() -> tuple[type[Exception], ...]:
    """What a checkpointer raises when its database or disk gives up; PostgreSQL's if it is in use."""
    postgres = sys.modules.get("psycopg")
    return (sqlite3.Error, OSError, *([postgres.Error] if postgres else []))


def storage_advice(exc: BaseException) -> str:
    """What a failure of the database or disk says, in one line, and what to do about it."""
    said = " ".join(str(exc).split()) or type(exc).__name__
    if advice := advice_on(exc):
        return f"{said}; {advice}"
    for words, advice in ADVICE:
        if re.search(words, said, re.IGNORECASE):
            return f"{said}; {advice}"
    if isinstance(exc, sqlite3.Error | OSError):
        return f"{said}; look at the files under GEMS_HOME"
    return f"{said}; is the database of GEMS_DATABASE_URL up, and may GEMS write there?"


@asynccontextmanager
async def storing(what: str, done: str = "stored") -> AsyncIterator[None]:
    """Translates what a checkpointer raises.

    Raises:
        StorageError: ``what`` could not be ``done``.
    """
    try:
        yield
    except storage_errors() as exc:
        raise StorageError(f"{what} could not be {done}: {storage_advice(exc)}") from exc


async def pictures_of(saver: BaseCheckpointSaver[Any], config: RunnableConfig) -> list[str]:
    """The hashes of the pictures that any step of a thread refers to."""
    steps = [step async for step in saver.alist(config)]
    every = [s for step in steps for s in pictures_in(step.checkpoint["channel_values"])]
    return list(dict.fromkeys(every))


@asynccontextmanager
async def open_checkpointer(settings: Settings) -> AsyncIterator[BaseCheckpointSaver[Any]]:
    """The checkpointer the settings name: PostgreSQL with ``GEMS_DATABASE_URL``, else a SQLite file.

    Raises:
        StorageError: the database cannot be opened.
        InputError: PostgreSQL is named and its extra is not installed.
    """
    async with AsyncExitStack() as stack:
        if settings.database_url is not None:
            url = settings.database_url.get_secret_value()
            saver = await stack.enter_async_context(open_postgres(url))
        else:
            saver = await stack.enter_async_context(_sqlite(settings))
        yield saver


@asynccontextmanager
async def _sqlite(settings: Settings) -> AsyncIterator[BaseCheckpointSaver[Any]]:
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    class SqliteSaver(FinishesWrites, AsyncSqliteSaver):  # type: ignore[misc]
        """SQLite's checkpointer, finishing its writes."""

    async with open_sqlite(settings.root / "checkpoints.sqlite", SqliteSaver) as saver:
        yield saver


@asynccontextmanager
async def open_sqlite(path: Path, kind: Callable[[Any], S]) -> AsyncIterator[S]:
    """A checkpointer over the file at ``path``, which is made when missing.

    Args:
        path: the file.
        kind: makes the checkpointer of a connection to it.

    Raises:
        StorageError: the file cannot be opened.
    """
    import aiosqlite

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = await aiosqlite.connect(path, timeout=BUSY_SECONDS)
    except (OSError, sqlite3.Error) as exc:
        raise StorageError(f"cannot open {path}: {exc}; choose another folder with GEMS_HOME") from exc
    saver = kind(connection)
    try:
        await _set_up(saver, path)
        yield saver
    finally:
        await saver.settle()
        await connection.close()


async def _set_up(saver: Any, path: Path) -> None:
    """Makes the tables. Turning on the write-ahead log does not wait for others, so it is tried again
    while another process opens or closes the same file.

    Raises:
        StorageError: the file cannot be used.
    """
    for left in reversed(range(SETUP_TRIES)):
        try:
            await saver.setup()
            return
        except sqlite3.Error as exc:
            if "locked" not in str(exc) or not left:
                raise StorageError(f"cannot use {path}: {storage_advice(exc)}") from exc
            await asyncio.sleep(0.1)


@dataclass
class Opened:
    """A checkpointer of one event loop, while it is open, and how many use it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0
    saver: BaseCheckpointSaver[Any] | None = None
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def close(self) -> None:
        """Finishes what is being written and lets go of the database; for whoever has the lock."""
        stack, self.stack, self.saver = self.stack, AsyncExitStack(), None
        await stack.aclose()


class SharedCheckpointer:
    """One open checkpointer for all runs of an event loop that are under way; closed with the last.

    A lock and a connection belong to the loop that made them, and to its process: another loop, or a
    forked child, has its own.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._opened: dict[asyncio.AbstractEventLoop, Opened] = {}
        forget_in_children(self)

    def forget(self) -> object:
        """See ``Forgets``: the locks and connections are the parent's."""
        inherited, self._opened = self._opened, {}
        return inherited

    @asynccontextmanager
    async def use(self) -> AsyncIterator[BaseCheckpointSaver[Any]]:
        """The checkpointer, open for as long as the block lasts, or until ``aclose``.

        Raises:
            StorageError: the database cannot be opened.
            InputError: PostgreSQL is named and its extra is not installed.
        """
        here = self._here()
        async with here.lock:
            if here.saver is None:
                here.saver = await here.stack.enter_async_context(open_checkpointer(self._settings))
            here.users += 1
            saver = here.saver
        try:
            yield saver
        finally:
            await asyncio.shield(self._release(here))

    async def aclose(self) -> None:
        """Lets go of this loop's checkpointer at once, its writes finished; what still uses it fails.
        May be used again."""
        here = self._here()
        async with here.lock:
            await here.close()

    def _here(self) -> Opened:
        """The running loop's; those of closed loops, which nobody can use, are given up."""
        for loop in list(self._opened):
            if loop.is_closed():
                self._opened.pop(loop, None)
        return self._opened.setdefault(asyncio.get_running_loop(), Opened())

    async def _release(self, here: Opened) -> None:
        async with here.lock:
            here.users -= 1
            if here.users == 0:
                await here.close()
