"""The checkpointer: what it began to write is written, and its file is free again when it is closed."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from gems.memory.checkpoints import SharedCheckpointer, open_checkpointer
from gems.settings import Settings
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver, empty_checkpoint

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


def shared(tmp_path: Path) -> SharedCheckpointer:
    return SharedCheckpointer(Settings(home=tmp_path))


async def write(saver: BaseCheckpointSaver[Any], number: int) -> None:
    config: RunnableConfig = {"configurable": {"thread_id": str(number), "checkpoint_ns": ""}}
    await saver.aput(config, empty_checkpoint(), {}, {})


def threads_in(tmp_path: Path) -> set[str]:
    with sqlite3.connect(tmp_path / "checkpoints.sqlite", timeout=0) as other:
        found = {name for (name,) in other.execute("SELECT DISTINCT thread_id FROM checkpoints")}
    other.close()
    return found


def test_runs_that_overlap_share_one_checkpointer_and_the_last_closes_it(tmp_path: Path) -> None:
    async def scenario() -> None:
        kept, savers = shared(tmp_path), []

        async def one(number: int) -> None:
            async with kept.use() as saver:
                savers.append(saver)
                await asyncio.sleep(0.01 * number)
                await write(saver, number)

        await asyncio.gather(*(one(number) for number in range(5)))
        assert len({id(saver) for saver in savers}) == 1
        async with kept.use() as saver:
            assert saver is not savers[0]

    asyncio.run(scenario())
    assert threads_in(tmp_path) == set("01234")


def test_one_run_that_is_cancelled_leaves_the_checkpointer_to_the_others(tmp_path: Path) -> None:
    async def scenario() -> None:
        kept = shared(tmp_path)

        async def one(number: int) -> None:
            async with kept.use() as saver:
                await asyncio.sleep(0.05)
                await write(saver, number)

        runs = [asyncio.ensure_future(one(number)) for number in range(4)]
        await asyncio.sleep(0.02)
        runs[1].cancel()
        ended = await asyncio.gather(*runs, return_exceptions=True)
        assert [type(end) for end in ended if end is not None] == [asyncio.CancelledError]

    asyncio.run(scenario())
    assert threads_in(tmp_path) == set("023")


def test_another_event_loop_has_its_own_checkpointer(tmp_path: Path) -> None:
    """The first loop ended in the middle of a run: its lock and its connection are nobody's."""
    kept = shared(tmp_path)
    loop = asyncio.new_event_loop()
    block = kept.use()
    abandoned = loop.run_until_complete(block.__aenter__())

    async def scenario() -> None:
        async with kept.use() as saver:
            assert saver is not abandoned
            await write(saver, 1)

    asyncio.run(scenario())
    loop.run_until_complete(block.__aexit__(None, None, None))
    loop.close()
    asyncio.run(scenario())
    assert threads_in(tmp_path) == {"1"}


def test_closing_lets_go_at_once_and_it_can_be_used_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        kept = shared(tmp_path)
        await kept.aclose()
        async with kept.use() as saver:
            await write(saver, 1)
            await kept.aclose()
            with sqlite3.connect(tmp_path / "checkpoints.sqlite", timeout=0) as other:
                other.execute("PRAGMA journal_mode=DELETE")
            other.close()
            async with kept.use() as again:
                await write(again, 2)
        async with kept.use() as third:
            await write(third, 3)

    asyncio.run(scenario())
    assert threads_in(tmp_path) == set("123")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_forked_child_opens_its_own(tmp_path: Path) -> None:
    kept = shared(tmp_path)

    async def from_child() -> None:
        async with kept.use() as saver:
            await write(saver, 2)

    def fork() -> int:
        child = os.fork()
        if child == 0:
            asyncio.run(asyncio.wait_for(from_child(), 10))
            os._exit(0)
        return exit_status(child)

    async def scenario() -> int:
        async with kept.use() as saver:
            await write(saver, 1)
            status = await asyncio.to_thread(fork)
            await write(saver, 3)
        return status

    assert asyncio.run(scenario()) == 0
    assert threads_in(tmp_path) == set("123")


def exit_status(child: int) -> int:
    """-1: it hung."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return -1
