"""Draws that share the diffusers worker: progress, cancelling, batches."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tiny_pipelines as tiny
from diffusers_bench import (
    FAMILIES,
    LONG,
    SHORT,
    SMALL,
    difference,
    record_batches,
    run,
    wait_until,
)
from gems.models.pictures.diffusers.adapter import DiffusersGenerator
from gems.models.pictures.generator import Draw, Picture
from gems.settings import Settings


@pytest.mark.parametrize("family", FAMILIES)
def test_every_step_is_reported(opened: dict[str, DiffusersGenerator], family: str) -> None:
    steps: list[tuple[int, int]] = []
    asyncio.run(opened[family].draw([Draw(SHORT, 1)], lambda *step: steps.append(step)))
    # Stable Diffusion's own scheduler, PNDM, takes one step more than asked for.
    total = 4 if family == "stable-diffusion" else 3
    assert steps == [(done, total) for done in range(1, total + 1)]


def test_progress_over_several_batches_never_runs_backwards(
    opened: dict[str, DiffusersGenerator],
) -> None:
    steps: list[int] = []
    draws = [Draw(SHORT, seed) for seed in range(6)]
    asyncio.run(opened["z-image"].draw(draws, lambda done, total: steps.append(done)))
    assert steps == [1, 2, 3]


def test_a_failing_progress_callback_costs_no_picture(
    opened: dict[str, DiffusersGenerator], caplog: pytest.LogCaptureFixture
) -> None:
    def fail(done: int, total: int) -> None:
        raise RuntimeError("the terminal is gone")

    assert len(asyncio.run(opened["z-image"].draw([Draw(SHORT, 1)], fail))) == 1
    assert "progress callback" in caplog.text


def test_cancelling_stops_at_the_next_step_and_the_next_draw_works(
    hand_in: Callable[..., DiffusersGenerator],
) -> None:
    pipeline = tiny.z_image()
    forwards: list[None] = []
    pipeline.transformer.register_forward_pre_hook(lambda *_: forwards.append(None))
    generator = hand_in(pipeline, generator_steps=500)

    async def cancelled() -> None:
        begun = asyncio.Event()
        loop = asyncio.get_running_loop()

        def on_step(*_: int) -> None:
            loop.call_soon_threadsafe(begun.set)

        task = asyncio.create_task(generator.draw([Draw(SHORT, 1), Draw(LONG, 2)], on_step))
        queued = asyncio.create_task(generator.draw([Draw(SHORT, 3, width=24)]))
        await begun.wait()
        task.cancel()
        queued.cancel()
        await asyncio.gather(task, queued, return_exceptions=True)
        assert task.cancelled()
        assert queued.cancelled()

    asyncio.run(cancelled())
    generator._settings = Settings(home=Path("unused"), generator_steps=1)
    assert len(run(generator.draw([Draw(SHORT, 1)]))) == 1
    assert len(forwards) < 250


def test_one_cancelled_request_leaves_the_others_in_its_batch_alone(
    hand_in: Callable[..., DiffusersGenerator],
) -> None:
    generator = hand_in(tiny.z_image())
    expected = run(generator.draw([Draw(SHORT, 1)]))
    told: list[int] = []

    async def one_of_two() -> list[Picture]:
        begun, loop, go_on = asyncio.Event(), asyncio.get_running_loop(), threading.Event()

        def hold(done: int, total: int) -> None:
            loop.call_soon_threadsafe(begun.set)
            go_on.wait(20)

        kept = asyncio.create_task(generator.draw([Draw(SHORT, 1)], hold))
        dropped = asyncio.create_task(
            generator.draw([Draw(LONG, 2)], lambda done, total: told.append(done))
        )
        await begun.wait()
        dropped.cancel()
        await asyncio.gather(dropped, return_exceptions=True)
        go_on.set()
        return await kept

    assert difference(run(one_of_two())[0], expected[0]) <= 2
    assert told == []


def test_draws_of_many_threads_and_loops_are_merged_into_batches(
    hand_in: Callable[..., DiffusersGenerator], monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = record_batches(monkeypatch)
    generator = hand_in(tiny.z_image(), batch=4)
    begun, go_on = threading.Event(), threading.Event()

    def hold(done: int, total: int) -> None:
        begun.set()
        go_on.wait(20)

    results: dict[int, list[Picture]] = {}

    def draw(first_seed: int, on_step: Any = None) -> None:
        draws = [Draw(f"{SHORT} {seed}", seed) for seed in range(first_seed, first_seed + 2)]
        results[first_seed] = asyncio.run(generator.draw(draws, on_step))

    threads = [threading.Thread(target=draw, args=(0, hold))]
    threads[0].start()
    assert begun.wait(20)
    threads += [threading.Thread(target=draw, args=(seed,)) for seed in (10, 20, 30)]
    for thread in threads[1:]:
        thread.start()
    wait_until(lambda: generator._worker._queue.qsize() == 6)
    go_on.set()
    for thread in threads:
        thread.join(30)

    assert batches == [2, 4, 2]
    seeds = {first: [picture.seed for picture in found] for first, found in results.items()}
    assert seeds == {first: [first, first + 1] for first in (0, 10, 20, 30)}


def test_concurrent_draws_on_an_idle_worker_meet(
    hand_in: Callable[..., DiffusersGenerator], monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = record_batches(monkeypatch)
    generator = hand_in(tiny.z_image(), batch=8)

    async def at_once() -> None:
        await asyncio.gather(*(generator.draw([Draw(SHORT, seed)]) for seed in range(5)))

    asyncio.run(at_once())
    assert sum(batches) == 5
    assert len(batches) <= 2


@pytest.mark.parametrize(("settings", "batches"), [({}, [3, 1]), ({"batch": 2}, [2, 2])])
def test_a_model_may_name_its_batch_and_the_user_has_the_last_word(
    hand_in: Callable[..., DiffusersGenerator],
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, int],
    batches: list[int],
) -> None:
    seen = record_batches(monkeypatch)
    generator = hand_in(tiny.z_image(), SMALL.model_copy(update={"batch": 3, "steps": 1}), **settings)
    asyncio.run(generator.draw([Draw(SHORT, seed) for seed in range(4)]))
    assert seen == batches
