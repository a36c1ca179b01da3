"""What keeps a server's event loop waiting, measured and kept short."""

from __future__ import annotations

import asyncio
import gc
import time
import weakref
from pathlib import Path

import pytest
from gems.app import garbage
from gems.app.garbage import collected_at_rest, short_collections
from gems.app.http.lateness import Lateness
from gems.app.http.metrics import Metrics
from gems.graphs.server import served
from gems.graphs.serving import Serving
from gems.nodes.context import RunContext
from gems.nodes.policy import Policy
from gems.settings import Settings


def test_what_outlived_a_long_collection_is_looked_at_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    frozen = gc.get_freeze_count()
    with short_collections():
        monkeypatch.setattr(garbage, "LONG", float("inf"))
        gc.collect()
        assert gc.get_freeze_count() == frozen
        monkeypatch.setattr(garbage, "LONG", -1.0)
        gc.collect(1)
        assert gc.get_freeze_count() == frozen
        gc.collect()
        assert gc.get_freeze_count() > frozen + 1000
    assert gc.get_freeze_count() == 0


class Knot:
    """Something that refers to itself, so that it goes in a collection only."""

    def __init__(self) -> None:
        self.itself = self


@pytest.mark.parametrize("limit", ["REST", "TOO_MANY"])
def test_what_long_collections_left_behind_goes_when_there_is_no_work_or_too_much_of_it(
    monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(garbage, "REST", 0.01)
    monkeypatch.setattr(garbage, "TOO_MANY", float("inf"))
    monkeypatch.setattr(garbage, "LONG", -1.0)
    work = 1

    async def serve() -> None:
        nonlocal work
        async with collected_at_rest(lambda: work):
            knot = Knot()
            left = weakref.ref(knot)
            gc.collect()
            del knot
            gc.collect()
            await asyncio.sleep(0.1)
            assert left() is not None
            if limit == "REST":
                work = 0
            else:
                monkeypatch.setattr(garbage, "TOO_MANY", -1)
            async with asyncio.timeout(60):
                while left() is not None:
                    await asyncio.sleep(0.01)

    asyncio.run(serve())
    assert gc.get_freeze_count() == 0


def test_free_memory_is_given_back_once_in_a_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "REST", 0.005)
    given, work = list[int](), 1
    monkeypatch.setattr(garbage, "give_back", lambda: given.append(work))

    async def serve() -> None:
        nonlocal work
        async with collected_at_rest(lambda: work):
            await asyncio.sleep(0.05)
            assert not given
            for rests in (1, 2):
                work = 0
                async with asyncio.timeout(60):
                    while len(given) < rests:
                        await asyncio.sleep(0.005)
                await asyncio.sleep(0.05)
                assert given == [0] * rests
                work = 1
                await asyncio.sleep(0.05)

    asyncio.run(serve())


def test_a_loop_that_is_kept_waiting_is_heard_of() -> None:
    metrics, heard = Metrics(), list[float]()

    def hears(seconds: float) -> None:
        heard.append(seconds)
        metrics.late(seconds)

    async def work() -> None:
        async with Lateness(hears).watched():
            while not heard:
                await asyncio.sleep(0.01)
            count = len(heard)
            time.sleep(0.3)
            while len(heard) == count:
                await asyncio.sleep(0.01)

    asyncio.run(work())
    assert max(heard) > 0.2
    assert b"gems_loop_late_seconds_count" in metrics.text()


def test_the_schema_that_servers_ask_for_before_every_run_is_made_once(tmp_path: Path) -> None:
    serving = Serving(Settings(home=tmp_path), Policy(), Metrics(), lambda sha256: "")
    graph = served(serving)
    asked = graph.copy().get_context_jsonschema()
    assert asked is graph.get_context_jsonschema()
    assert asked == RunContext.model_json_schema()
