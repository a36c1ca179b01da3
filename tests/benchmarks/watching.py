"""What watching costs a run: 100 runs at once, watched by observers of every bad kind.

``python tests/benchmarks/watching.py [--runs 100] [--picture 0.5]``

Models of fixed latency; every run has two rounds. Unwatched runs and runs watched by slow, raising,
exiting, cancelling and re-entering callbacks take turns in starting, side by side in one process, so
that all have the same company. Printed are each group's median and slowest time, as a ratio of the
unwatched ones', and how many runs were lost.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from gems import Draw, Event, Picture, Session, Settings
from gems.models.fakes import FakeGenerator, FakeMLLM
from gems.models.pictures.generator import OnStep

OnEvent = Callable[[Event], None]


class Easel(FakeGenerator):
    """Takes its time over a picture."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    async def draw(self, draws: Sequence[Draw], on_step: OnStep | None = None) -> list[Picture]:
        await asyncio.sleep(self._seconds)
        return await super().draw(draws, on_step)


def open_session(home: Path, seconds: float) -> Session:
    mllm = FakeMLLM(
        planner={"skill": "none"},
        decomposer={"questions": [{"question": "Is there a cat?", "statement": "a cat"}]},
        verifier={"verdict": "no"},
        compressor={"experience": "say it first"},
        refiner={"action": "rewrite", "prompt": "a cat again"},
    )
    return Session(Settings(home=home), mllm=mllm, generator=Easel(seconds))


def observers(session: Session) -> dict[str, OnEvent | None]:
    def slow(event: Event) -> None:
        time.sleep(0.2)

    def raising(event: Event) -> None:
        raise ValueError("a watcher's own bug")

    def exiting(event: Event) -> None:
        sys.exit(3)

    def cancelling(event: Event) -> None:
        raise asyncio.CancelledError

    def reentering(event: Event) -> None:
        if event["event"] == "drawing" and event["round"] == 1:
            session.report(THREAD.format(0))

    return {
        "unwatched": None,
        "slow": slow,
        "raising": raising,
        "exiting": exiting,
        "cancelling": cancelling,
        "re-entering": reentering,
    }


THREAD = "run-{}"


async def run_all(session: Session, count: int) -> dict[str, list[float]]:
    """Seconds of every run that ended, by observer."""
    watchers = observers(session)
    names = list(watchers)
    times: dict[str, list[float]] = {name: [] for name in names}

    async def one(number: int) -> None:
        name = names[number % len(names)]
        started = time.perf_counter()
        result = await session.agenerate(
            "a cat",
            thread_id=THREAD.format(number),
            seed=number,
            rounds=2,
            memory=False,
            on_event=watchers[name],
        )
        assert result["outcome"] == "max_rounds"
        times[name].append(time.perf_counter() - started)

    await asyncio.gather(*(one(number) for number in range(count)))
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--picture", type=float, default=0.5, help="seconds a picture takes")
    options = parser.parse_args()
    logging.disable()
    with tempfile.TemporaryDirectory() as home:
        session = open_session(Path(home), options.picture)
        session.generate("a cat", rounds=1, memory=False)
        times = asyncio.run(run_all(session, options.runs))
    base = times["unwatched"]
    median, slowest = statistics.median(base), max(base)
    print(f"unwatched    median {median:.2f} s, slowest {slowest:.2f} s, {len(base)} runs")
    for name, found in times.items():
        if name != "unwatched":
            ratio, worst = statistics.median(found) / median, max(found) / slowest
            print(f"{name:12} median x{ratio:.3f}, slowest x{worst:.3f}, {len(found)} runs")
    print(f"lost         {options.runs - sum(map(len, times.values()))} of {options.runs}")


if __name__ == "__main__":
    main()
