"""Runs that are cut off between a step's results and the checkpoint after them."""

from __future__ import annotations

import itertools
import sqlite3
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from conftest import settings_for
from fake_server import Answer, Call, FakeServer
from gems import Session
from gems.errors import Cost, StorageError, UnreachableError
from gems.memory.finishing import FinishesWrites
from gems.memory.state import Spent
from gems.nodes.node import spent_on
from langgraph.types import interrupt

STEPS = 14
"""Checkpoints of a run of two rounds, at least."""


def fail_at(monkeypatch: pytest.MonkeyPatch, number: int, name: str) -> list[int]:
    """Has the write of that number fail, counted from 0; the list grows by one a write."""
    writes: list[int] = []
    real = getattr(FinishesWrites, name)

    async def write(self: Any, *args: Any, **options: Any) -> Any:
        writes.append(len(writes))
        if len(writes) == number + 1:
            raise sqlite3.OperationalError("disk I/O error")
        return await real(self, *args, **options)

    monkeypatch.setattr(FinishesWrites, name, write)
    return writes


def fail_from(monkeypatch: pytest.MonkeyPatch, number: int) -> list[str]:
    """Has no write of a checkpoint, or of a node's result, reach the disk any more from that one on, as
    after a kill; the list grows by one a write."""
    writes: list[str] = []

    def failing(name: str) -> Any:
        real = getattr(FinishesWrites, name)

        async def write(self: Any, *args: Any, **options: Any) -> Any:
            writes.append(name)
            if len(writes) > number:
                raise sqlite3.OperationalError("disk I/O error")
            return await real(self, *args, **options)

        return write

    for name in ("aput", "aput_writes"):
        monkeypatch.setattr(FinishesWrites, name, failing(name))
    return writes


@pytest.mark.parametrize("number", range(STEPS))
def test_a_checkpoint_that_was_not_written_loses_no_answer(
    server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    settings = settings_for(server, tmp_path)
    writes = fail_at(monkeypatch, number, "aput")
    with Session(settings) as session, pytest.raises(StorageError, match="disk I/O error"):
        session.generate("a cat", thread_id="mine", seed=3, memory=False)
    assert len(writes) > number
    with Session(settings) as session:
        shown = session.report("mine")
        assert shown["outcome"] is None and len(shown["rounds"]) <= 2
        result = session.resume("mine")
    assert (result["outcome"], len(result["rounds"])) == ("all_passed", 2)
    calls = Counter((call.kind, call.key) for call in server.done())
    assert set(calls.values()) == {1}, calls


@pytest.mark.parametrize("number", [5, 6, 10, 13, 14, 22, 26, 29, 34])
def test_an_answer_whose_step_was_not_stored_is_not_paid_again(
    server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    settings = settings_for(server, tmp_path)
    with monkeypatch.context() as patched:
        writes = fail_from(patched, number)
        with Session(settings) as session, pytest.raises(StorageError, match="disk I/O error"):
            session.generate("a cat", thread_id="mine", seed=3, memory=False)
    assert len(writes) > number
    with Session(settings) as session:
        result = session.resume("mine")
    assert (result["outcome"], len(result["rounds"])) == ("all_passed", 2)
    calls = Counter((call.kind, call.key) for call in server.done())
    assert set(calls.values()) == {1}, calls
    assert result["usage"]["images"] == calls_of(server, "image") == 2
    assert result["usage"]["mllm_calls"] == len(server.done()) - 2
    assert not list((tmp_path / "paid").iterdir())


@pytest.mark.parametrize("kind", ["openai:fake", "gems-http:{url}/draw"])
def test_pictures_that_came_before_a_round_was_cut_off_are_not_drawn_again(
    server: FakeServer, tmp_path: Path, kind: str
) -> None:
    spec = kind.format(url=server.url)
    settings = settings_for(server, tmp_path, generator_retries=0).model_copy(
        update={"generator": spec}
    )
    drawn = itertools.count(1)

    def third_fails(call: Call, number: int) -> Answer | None:
        return Answer("later", 503) if next(drawn) == 3 else None

    server.image_script = third_fails
    with Session(settings) as session, pytest.raises(UnreachableError):
        session.generate("a cat", thread_id="mine", seed=3, candidates=3, memory=False, rounds=1)
    assert calls_of(server, "image") == 2
    server.image_script = None
    with Session(settings) as session:
        result = session.resume("mine")
    assert calls_of(server, "image") == result["usage"]["images"] == 3


def calls_of(server: FakeServer, kind: str) -> int:
    return len(server.done(kind))


@pytest.mark.parametrize("stopped", ["by a person", "by a fault"])
def test_a_node_that_stops_after_an_answer_asks_again_only_where_the_answer_broke_it(
    server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stopped: str
) -> None:
    def stop_once(cost: Cost) -> Spent:
        if stopped == "by a person":
            interrupt("go on?")
        elif calls_of(server, "planner") == 1:
            raise ValueError("no such name")
        return spent_on(cost)

    monkeypatch.setattr("gems.nodes.planner.spent_on", stop_once)
    with Session(settings_for(server, tmp_path)) as session:
        with suppress(ValueError):
            session.generate("a cat", thread_id="mine", seed=3, memory=False)
        session.resume("mine", answer="yes" if stopped == "by a person" else None)
    assert calls_of(server, "planner") == (1 if stopped == "by a person" else 2)
