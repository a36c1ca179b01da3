"""Runs that are cut off between a step's results and the checkpoint after them."""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from conftest import settings_for
from fake_server import FakeServer
from gems import Session
from gems.errors import StorageError
from gems.memory.finishing import FinishesWrites

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
