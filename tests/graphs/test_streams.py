"""Watching a run: streams read in both ways, and callbacks of every bad kind."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from conftest import settings_for
from fake_server import FakeServer
from gems import Session
from gems.errors import CancelledRunError, InputError, RunError, UnreachableError
from gems.events import Event, StepDone
from gems.graphs.options import RunOptions
from gems.graphs.streams import EventBuffer
from gems.nodes.context import RunContext
from scripted_sessions import scripted, session_with, slow_generator
from typing_extensions import get_type_hints

KINDS = {get_args(get_type_hints(kind)["event"])[0] for kind in get_args(Event)}


ORDER = [
    "started", "planned", "requirements", "prompt", "drawing", "drawn", "verdict", "judged",
    "experience", "prompt", "drawing", "drawn", "verdict", "judged", "finished", "result",
]  # fmt: skip


def kinds(events: list[Event]) -> list[str]:
    """Without steps; planner and decomposer work side by side."""
    found = [event["event"] for event in events if event["event"] != "step"]
    return [*found[:1], *sorted(found[1:3]), *found[3:]]


def test_a_stream_is_read_with_for_and_with_async_for(tmp_path: Path) -> None:
    async def read() -> list[Event]:
        with session_with(tmp_path / "b") as session:
            return [event async for event in session.stream("a cat", seed=1, memory=False)]

    with session_with(tmp_path / "a") as session:
        events = list(session.stream("a cat", seed=1, memory=False))
    assert kinds(events) == kinds(asyncio.run(read())) == kinds_in(ORDER)
    last = events[-1]
    assert last["event"] == "result" and last["result"]["outcome"] == "all_passed"
    assert {event["event"] for event in events} <= KINDS


def kinds_in(order: list[str]) -> list[str]:
    return [*order[:1], *sorted(order[1:3]), *order[3:]]


def test_a_stream_raises_what_generate_would_and_refuses_before_it_starts(tmp_path: Path) -> None:
    session = session_with(tmp_path, mllm=scripted(decomposer=UnreachableError("away")))
    stream = session.stream("a cat", memory=False)
    with pytest.raises(UnreachableError, match="away") as caught:
        list(stream)
    assert caught.value.thread_id == stream.thread_id
    with pytest.raises(InputError, match="empty"):
        session.stream("")


def test_leaving_the_loop_stops_the_run_which_can_be_resumed(tmp_path: Path) -> None:
    mllm = scripted()
    session = session_with(tmp_path, mllm=mllm, generator=slow_generator(0.2))
    for event in session.stream("a cat", thread_id="mine", memory=False):
        if event["event"] == "drawing":
            break
    gc.collect()
    wait_until(lambda: resumable(session, "mine"))
    assert session.report("mine")["outcome"] is None
    assert session.resume("mine")["outcome"] == "all_passed"
    assert len(mllm.asked("decomposer")) == 1


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.time() + 10
    while not true():
        assert time.time() < deadline
        time.sleep(0.02)


def resumable(session: Session, thread: str) -> bool:
    """Whether nobody holds the run any more."""
    try:
        with session.index.hold(thread):
            return True
    except RunError:
        return False


def test_closing_a_stream_waits_until_the_run_lets_go(tmp_path: Path) -> None:
    session = session_with(tmp_path, generator=slow_generator(5))
    with session.stream("a cat", thread_id="mine", memory=False) as stream:
        while next(stream)["event"] != "drawing":
            pass
    assert resumable(session, "mine")
    with pytest.raises(CancelledRunError, match="gems resume mine"):
        stream.result()


def test_a_reader_that_gives_up_waiting_loses_no_event(tmp_path: Path) -> None:
    async def read() -> list[Event]:
        session = session_with(tmp_path, generator=slow_generator(0.1))
        stream = session.stream("a cat", memory=False)
        events = []
        while True:
            try:
                events.append(await asyncio.wait_for(anext(stream), 0.005))
            except TimeoutError:
                continue
            except StopAsyncIteration:
                return events

    assert kinds(asyncio.run(read())) == kinds_in(ORDER)


def test_a_slow_reader_costs_no_more_than_the_last_step() -> None:
    buffer = EventBuffer()
    for done in range(1000):
        buffer.put(StepDone(event="step", round=1, done=done, total=1000))
    buffer.end()
    last = buffer.get()
    assert last is not None and last["event"] == "step" and last["done"] == 999
    assert buffer.get() is None


def test_closing_a_session_stops_its_runs_and_refuses_more(tmp_path: Path) -> None:
    with session_with(tmp_path, generator=slow_generator(5)) as session:
        stream = session.stream("a cat", thread_id="mine", memory=False)
        next(stream)
    assert resumable(session, "mine")
    with pytest.raises(RunError, match="closed"):
        session.stream("a dog", memory=False)


def test_generate_also_hears_a_closed_session(tmp_path: Path) -> None:
    session = session_with(tmp_path)
    session.close()
    with pytest.raises(RunError, match="closed"):
        session.generate("a dog", memory=False)


class Observers:
    """Callbacks of every bad kind."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.heard: dict[str, list[str]] = {}

    def slow(self, event: Event) -> None:
        time.sleep(0.1)

    def raising(self, event: Event) -> None:
        raise ValueError("a watcher's own bug")

    def exiting(self, event: Event) -> None:
        sys.exit(3)

    def cancelling(self, event: Event) -> None:
        raise asyncio.CancelledError

    def interrupting(self, event: Event) -> None:
        raise KeyboardInterrupt

    def reentering(self, event: Event) -> None:
        if event["event"] == "drawing" and event["round"] == 1:
            self.session.generate("a dog", memory=False, rounds=1)

    def all(self) -> list[Callable[[Event], None]]:
        return [
            self.slow, self.raising, self.exiting, self.cancelling, self.interrupting, self.reentering
        ]  # fmt: skip


def test_no_callback_slows_or_ends_a_run(tmp_path: Path) -> None:
    verdict = {"verdict": "yes"}
    session = session_with(tmp_path, mllm=scripted(verifier=verdict), generator=slow_generator(0.2))
    for callback in Observers(session).all():
        started = time.perf_counter()
        result = session.generate("a cat", memory=False, on_event=callback)
        # Ten events at 0.1 s each would take a second.
        assert time.perf_counter() - started < 0.9, callback
        assert result["outcome"] == "all_passed"


def test_a_callback_that_keeps_up_has_heard_everything_in_order(tmp_path: Path) -> None:
    events: list[Event] = []
    session = session_with(tmp_path, generator=slow_generator(0.2))
    session.generate("a cat", seed=1, memory=False, on_event=events.append)
    assert kinds(events) == kinds_in(ORDER[:-1])


def test_a_slow_callback_hears_the_rest_later(tmp_path: Path) -> None:
    events: list[Event] = []

    def slow(event: Event) -> None:
        time.sleep(0.02)
        events.append(event)

    session_with(tmp_path).generate("a cat", seed=1, memory=False, on_event=slow)
    wait_until(lambda: bool(events) and events[-1]["event"] == "finished")
    assert kinds(events) == kinds_in(ORDER[:-1])


def test_the_options_of_a_run_are_the_contexts_fields() -> None:
    hints = get_type_hints(RunOptions)
    assert list(hints) == sorted(hints, key=list(RunContext.model_fields).index)
    for name, field in RunContext.model_fields.items():
        assert hints[name] == field.annotation | None, name  # type: ignore[operator]


def test_watching_threads_end_with_their_runs(tmp_path: Path) -> None:
    session_with(tmp_path).generate("a cat", memory=False, on_event=lambda event: None)
    wait_until(lambda: not any(t.name == "gems-watcher" for t in threading.enumerate()))


def test_many_watched_runs_at_once(server: FakeServer, tmp_path: Path) -> None:
    session = Session(settings_for(server, tmp_path))
    callbacks = Observers(session).all()

    async def many() -> list[Any]:
        runs = (
            session.agenerate(f"cat {n}", seed=n, on_event=callbacks[n % len(callbacks)])
            for n in range(12)
        )
        found: list[Any] = await asyncio.gather(*runs)
        return found

    assert {result["outcome"] for result in asyncio.run(many())} == {"all_passed"}
