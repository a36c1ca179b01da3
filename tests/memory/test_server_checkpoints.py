"""Checkpoints of a graph server: what it asks of a checkpointer besides storing, and what earlier
versions left in files of langgraph-api's own."""

from __future__ import annotations

import asyncio
import pickle
import sqlite3
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from gems.errors import StorageError
from gems.memory.server_checkpoints import FILE, ServerSaver, open_server_checkpoints
from gems.memory.server_takeover import BLOBS, STEPS, TAKEN, WRITES, take_over
from langgraph.checkpoint.base import empty_checkpoint
from langgraph.checkpoint.memory import InMemorySaver, PersistentDict
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt
from typing_extensions import TypedDict


class State(TypedDict):
    said: list[str]


def speak(state: State) -> State:
    return {"said": [*state["said"], "spoken"]}


def ask(state: State) -> State:
    return {"said": [*state["said"], interrupt("go on?")]}


def conversation(saver: Any) -> Any:
    """A graph that speaks, then asks somebody."""
    builder = StateGraph(State)
    for name, node in (("speak", speak), ("ask", ask)):
        builder.add_node(name, node)
    builder.add_edge(START, "speak")
    builder.add_edge("speak", "ask")
    builder.add_edge("ask", END)
    return builder.compile(checkpointer=saver)


def at(thread: str, **more: Any) -> Any:
    """A config as a server gives it."""
    return {"configurable": {"thread_id": thread}, "metadata": {"thread_id": thread, **more}}


async def begin(saver: Any, thread: str, run: str = "first") -> None:
    await conversation(saver).ainvoke({"said": []}, at(thread, run_id=run))


async def answer(saver: Any, thread: str, run: str = "second") -> Any:
    return await conversation(saver).ainvoke(Command(resume="yes"), at(thread, run_id=run))


async def history(saver: Any, thread: str) -> list[Any]:
    return [step async for step in saver.alist(at(thread))]


def scenario(folder: Path, work: Callable[[ServerSaver], Awaitable[None]]) -> None:
    async def run() -> None:
        async with open_server_checkpoints(folder) as saver:
            await work(saver)

    asyncio.run(run())


def counts(folder: Path) -> list[int]:
    with sqlite3.connect(folder / FILE) as other:
        found = [
            other.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("checkpoints", "writes")
        ]
    other.close()
    return found


def test_what_a_run_stored_goes_with_it_and_the_thread_stands_where_it_stood(tmp_path: Path) -> None:
    async def work(saver: ServerSaver) -> None:
        await begin(saver, "a")
        before = await history(saver, "a")
        await answer(saver, "a")
        await begin(saver, "b", "another")
        await saver.adelete_for_runs(["second"])
        assert [s.checkpoint["id"] for s in await history(saver, "a")] == [
            s.checkpoint["id"] for s in before
        ]
        assert len(await history(saver, "b")) == len(before)
        await saver.adelete_for_runs(["first", "another"])

    scenario(tmp_path, work)
    assert counts(tmp_path) == [0, 0]


def test_a_deletion_gives_no_other_task_a_turn_and_is_waited_for(tmp_path: Path) -> None:
    async def work(saver: ServerSaver) -> None:
        for thread in ("a", "b"):
            await begin(saver, thread)
        with pytest.raises(StopIteration):
            saver.adelete_thread("a").send(None)
        assert not await history(saver, "a") and await history(saver, "b")
        await saver.adelete_thread("b")
        await begin(saver, "b")
        assert len(await history(saver, "b")) == 3

    scenario(tmp_path, work)


def test_a_deletion_that_fails_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def work(saver: ServerSaver) -> None:
        await saver.conn.execute("DROP TABLE writes")
        await saver.adelete_thread("a")
        await saver.deleted()

    scenario(tmp_path, work)
    assert "the thread a could not be deleted: no such table" in caplog.text


def test_a_copied_thread_goes_on_by_itself(tmp_path: Path) -> None:
    async def work(saver: ServerSaver) -> None:
        await begin(saver, "a")
        await saver.acopy_thread("a", "b")
        assert (await answer(saver, "b"))["said"] == ["spoken", "yes"]
        assert (await conversation(saver).aget_state(at("a"))).next == ("ask",)
        await saver.adelete_thread("b")
        assert (await answer(saver, "a"))["said"] == ["spoken", "yes"]

    scenario(tmp_path, work)


def test_what_a_copys_steps_say_of_their_thread_is_true(tmp_path: Path) -> None:
    async def work(saver: ServerSaver) -> None:
        to: Any = {"configurable": {"thread_id": "a", "checkpoint_ns": ""}}
        said: Any = {"thread_id": "a", "step": 1}
        await saver.aput(to, empty_checkpoint(), said, {})
        await saver.acopy_thread("a", "b")
        assert [step.metadata for step in await history(saver, "b")] == [{"thread_id": "b", "step": 1}]
        assert [step.metadata for step in await history(saver, "a")] == [said]

    scenario(tmp_path, work)


def test_a_pruned_thread_keeps_its_last_step(tmp_path: Path) -> None:
    async def work(saver: ServerSaver) -> None:
        for thread in ("a", "b", "c"):
            await begin(saver, thread)
        await saver.aprune(["a"])
        assert len(await history(saver, "a")) == 1
        assert (await answer(saver, "a"))["said"] == ["spoken", "yes"]
        await saver.aprune(["b"], strategy="delete")
        assert not await history(saver, "b") and len(await history(saver, "c")) == 3

    scenario(tmp_path, work)


def test_a_reader_that_stops_halfway_holds_nobody_up(tmp_path: Path) -> None:
    async def work(saver: ServerSaver) -> None:
        await begin(saver, "a")
        reading = saver.alist(at("a"))
        await anext(reading)
        async with asyncio.timeout(60):
            assert (await answer(saver, "a"))["said"] == ["spoken", "yes"]

    scenario(tmp_path, work)


def test_a_file_that_gives_up_is_one_line_with_what_to_do(tmp_path: Path) -> None:
    async def work(saver: ServerSaver) -> None:
        await begin(saver, "a")
        await saver.conn.execute("DROP TABLE writes")
        for asked in (begin(saver, "b"), history(saver, "a"), saver.acopy_thread("a", "c")):
            with pytest.raises(StorageError, match="put it back"):
                await asked

    scenario(tmp_path, work)
    (tmp_path / FILE).write_text("this is no database, and longer than its header has to be" * 99)
    with pytest.raises(StorageError, match=r"checkpoints\.sqlite.*move the file away"):
        scenario(tmp_path, history_of_nobody)


async def history_of_nobody(saver: ServerSaver) -> None:
    assert not await history(saver, "nobody")


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A server's folder as langgraph-api's own saver leaves it: one thread asks, one is done."""
    (tmp_path / ".langgraph_api").mkdir()
    names, parts = iter((STEPS, WRITES, BLOBS)), list[PersistentDict]()

    def part(*kind: Any) -> PersistentDict:
        parts.append(PersistentDict(*kind, filename=str(tmp_path / next(names))))
        return parts[-1]

    async def work() -> None:
        factory: Any = part
        saver = InMemorySaver(factory=factory)
        for thread in ("asks", "done"):
            await begin(saver, thread)
        await answer(saver, "done")
        for kept in parts:
            kept.sync()

    asyncio.run(work())
    return tmp_path


def test_threads_of_earlier_versions_are_taken_over_once_and_go_on(older: Path) -> None:
    async def work(saver: ServerSaver) -> None:
        assert await take_over(older, saver) == 2
        assert await take_over(older, saver) == 0
        assert [step.metadata["step"] for step in await history(saver, "done")] == [2, 1, 0, -1]
        (state,) = (await conversation(saver).aget_state(at("asks"))).interrupts
        assert state.value == "go on?"
        for thread in ("asks", "done"):
            assert (await answer(saver, thread))["said"] == ["spoken", "yes"]

    scenario(older, work)
    assert sorted(p.name for p in (older / STEPS).parent.iterdir()) == sorted(
        Path(f"{name}{TAKEN}").name for name in (STEPS, WRITES, BLOBS)
    )


def test_a_takeover_that_was_cut_off_is_done_again(
    older: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(saver: ServerSaver) -> None:
        stored = saver.aput_writes
        with monkeypatch.context() as patched:
            patched.setattr(saver, "aput_writes", partial(fail_third, stored, []))
            with pytest.raises(KeyboardInterrupt):
                await take_over(older, saver)
        assert await take_over(older, saver) == 2
        assert (await answer(saver, "asks"))["said"] == ["spoken", "yes"]

    scenario(older, work)


async def fail_third(stored: Any, calls: list[Any], *args: Any) -> None:
    calls.append(args)
    if len(calls) == 3:
        raise KeyboardInterrupt
    await stored(*args)


@pytest.mark.parametrize("name", [STEPS, WRITES, BLOBS])
@pytest.mark.parametrize("text", [b"", b"no pickle", pickle.dumps([1, 2])[:-3]])
def test_a_file_of_earlier_versions_that_is_broken_is_named_and_kept(
    older: Path, name: str, text: bytes
) -> None:
    (older / name).write_bytes(text)

    async def work(saver: ServerSaver) -> None:
        with pytest.raises(StorageError, match=Path(name).name):
            await take_over(older, saver)

    scenario(older, work)
    assert (older / name).read_bytes() == text
