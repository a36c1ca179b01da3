"""Values that belong to an event loop."""

from __future__ import annotations

import asyncio

from gems.models.loop_bound import LoopBound


def test_a_loop_keeps_its_value_and_another_gets_its_own() -> None:
    made: LoopBound[object] = LoopBound(object)

    async def twice() -> object:
        assert made.get() is made.get()
        return made.get()

    assert asyncio.run(twice()) is not asyncio.run(twice())


def test_a_semaphore_taken_on_a_lost_loop_stops_nobody() -> None:
    turns = LoopBound(lambda: asyncio.Semaphore(1))

    async def take() -> None:
        await asyncio.wait_for(turns.get().acquire(), 5)

    asyncio.run(take())
    asyncio.run(take())


def test_what_is_taken_away_is_made_anew() -> None:
    made: LoopBound[object] = LoopBound(object)

    async def taken() -> None:
        first = made.get()
        assert made.take() is first and made.take() is None
        assert made.get() is not first

    asyncio.run(taken())


def test_another_loops_value_is_nothing_to_close() -> None:
    made: LoopBound[object] = LoopBound(object)

    async def begin() -> None:
        made.get()

    async def end() -> object | None:
        return made.take()

    asyncio.run(begin())
    assert asyncio.run(end()) is None
