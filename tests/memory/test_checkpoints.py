"""The checkpointer: what it began to write is written, and its file is free again when it is closed."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from gems.memory.checkpoints import open_checkpointer
from gems.settings import Settings
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import empty_checkpoint

CONFIG: RunnableConfig = {"configurable": {"thread_id": "t", "checkpoint_ns": "", "checkpoint_id": "c"}}


def test_a_write_whose_caller_is_cancelled_is_finished(tmp_path: Path) -> None:
    async def scenario(step: int) -> int:
        """Cancels two writes after ``step`` turns of the event loop."""
        async with open_checkpointer(Settings(home=tmp_path / str(step))) as saver:
            writes = [
                asyncio.ensure_future(saver.aput(CONFIG, empty_checkpoint(), {}, {})),
                asyncio.ensure_future(saver.aput_writes(CONFIG, [("channel", 1)], "task")),
            ]
            for _ in range(step):
                await asyncio.sleep(0)
            cancelled = sum(write.cancel() for write in writes)
            await asyncio.wait(writes)
        return cancelled

    for step in range(1, 8):
        assert asyncio.run(scenario(step))
        # A second connection that waits for nobody.
        with sqlite3.connect(tmp_path / str(step) / "checkpoints.sqlite", timeout=0) as other:
            counts = [other.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in TABLES]
            other.execute("DELETE FROM checkpoints")
        other.close()
        assert counts == [1, 1]


TABLES = ("checkpoints", "writes")
