"""Checkpoints of a graph server's threads, in a SQLite file beside what the server itself keeps.

langgraph-api's own server holds every step of every thread in memory, and writes all of them to its
files every few seconds, during which no thread of the process runs.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from contextvars import Context
from pathlib import Path
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from .checkpoints import open_sqlite, storing
from .finishing import FinishesWrites

FILE = "checkpoints.sqlite"
METADATA = "CAST(metadata AS TEXT)"
RUN = f"json_extract({METADATA}, '$.run_id')"
SETTINGS = f"""
PRAGMA synchronous=NORMAL;
CREATE INDEX IF NOT EXISTS checkpoints_by_run ON checkpoints ({RUN});
"""
"""A killed process loses nothing with ``NORMAL``; a power cut the last moment, as with the server's own
files, which are written every few seconds."""
COPIES = (
    f"""INSERT OR REPLACE INTO checkpoints
    SELECT :target, checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint,
        CAST(json_replace({METADATA}, '$.thread_id', :target) AS BLOB)
    FROM checkpoints WHERE thread_id = :source""",
    """INSERT OR REPLACE INTO writes
    (thread_id, checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type, value)
    SELECT :target, checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type, value
    FROM writes WHERE thread_id = :source""",
)
OF_A_RUN = f"""SELECT thread_id, checkpoint_ns, checkpoint_id FROM checkpoints WHERE {RUN} = :run"""
ALL_BUT_LATEST = """SELECT thread_id, checkpoint_ns, checkpoint_id FROM checkpoints AS one
    WHERE thread_id = :thread AND checkpoint_id < (
        SELECT max(checkpoint_id) FROM checkpoints
        WHERE thread_id = :thread AND checkpoint_ns = one.checkpoint_ns
    )"""
logger = logging.getLogger("gems.memory")


class ServerSaver(FinishesWrites, AsyncSqliteSaver):  # type: ignore[misc]
    """SQLite's checkpointer with all that a graph server asks of one.

    Raises:
        StorageError: by every method but ``adelete_thread``: the file or its disk gave up.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._deleting: set[asyncio.Task[None]] = set()

    async def aput(self, *args: Any, **options: Any) -> RunnableConfig:
        """See ``BaseCheckpointSaver``."""
        await self.deleted()
        async with storing("a step of the run"):
            return await super().aput(*args, **options)

    async def aput_writes(self, *args: Any, **options: Any) -> None:
        """See ``BaseCheckpointSaver``."""
        await self.deleted()
        async with storing("a step of the run"):
            await super().aput_writes(*args, **options)

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """See ``BaseCheckpointSaver``."""
        await self.deleted()
        async with storing("the thread", "read"):
            found: CheckpointTuple | None = await super().aget_tuple(config)
        return found

    async def alist(
        self, config: RunnableConfig | None, **options: Any
    ) -> AsyncIterator[CheckpointTuple]:
        """See ``BaseCheckpointSaver``. A reader that stops halfway holds nobody up: SQLite's own is
        locked for as long as somebody reads."""
        await self.deleted()
        steps = super().alist(config, **options)
        async with storing("the thread", "read"):
            found: list[CheckpointTuple] = [step async for step in steps]
        for step in found:
            yield step

    async def adelete_thread(self, thread_id: str) -> None:
        """Begins to delete a thread's steps, which nobody finds from now on; what goes wrong is logged.

        No other task has a turn meanwhile: langgraph-api looks up before this call where in its list of
        threads this one stands, and takes out after it whatever stands there, which would be another
        thread if a deletion beside it had moved them.
        """
        deleting = asyncio.create_task(self._delete_thread(thread_id), context=Context())
        self._deleting.add(deleting)
        self._writing.add(deleting)
        deleting.add_done_callback(self._is_deleted)

    async def deleted(self) -> None:
        """Waits for the deletions under way."""
        if self._deleting:
            await asyncio.wait(self._deleting)

    async def _delete_thread(self, thread_id: str) -> None:
        async with storing(f"the thread {thread_id}", "deleted"):
            await super().adelete_thread(thread_id)

    def _is_deleted(self, deleting: asyncio.Task[None]) -> None:
        self._deleting.discard(deleting)
        self._writing.discard(deleting)
        if not deleting.cancelled() and (exc := deleting.exception()):
            logger.error("%s", exc)

    async def adelete_for_runs(self, run_ids: Iterable[str]) -> None:
        """Deletes the steps of some runs and what was written on them: a run that is rolled back."""
        async with storing("a run", "deleted"):
            for run in run_ids:
                await self._delete(OF_A_RUN, run=str(run))

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Copies all steps of a thread, with what was written on them, to another thread."""
        await self.deleted()
        names = {"source": str(source_thread_id), "target": str(target_thread_id)}
        async with storing("a copy of the thread"), self.lock:
            for copy in COPIES:
                await self.conn.execute(copy, names)
            await self.conn.commit()

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Deletes threads, or with ``keep_latest`` all but the latest step of each namespace."""
        for thread in map(str, thread_ids):
            if strategy != "keep_latest":
                await self._delete_thread(thread)
                continue
            async with storing("the thread", "pruned"):
                await self._delete(ALL_BUT_LATEST, thread=thread)

    async def _delete(self, which: str, **names: str) -> None:
        """Deletes the steps that a query names, and first what was written on them."""
        async with self.lock:
            for table in ("writes", "checkpoints"):
                of = f"(thread_id, checkpoint_ns, checkpoint_id) IN ({which})"
                await self.conn.execute(f"DELETE FROM {table} WHERE {of}", names)
            await self.conn.commit()


@asynccontextmanager
async def open_server_checkpoints(folder: Path) -> AsyncIterator[ServerSaver]:
    """The checkpoints of the server that keeps its threads in ``folder``.

    Raises:
        StorageError: the file cannot be opened.
    """
    async with open_sqlite(folder / FILE, ServerSaver) as saver:
        async with storing(f"the steps of threads in {folder / FILE}", "read"):
            await saver.conn.executescript(SETTINGS)
        yield saver
