"""32 runs at once in one process, against backends with fixed latencies.

``python tests/benchmarks/concurrency.py [--runs 32] [--verify MODE] [--profile FILE]``

The backends (``tests/fake_server.py``, a process of its own) answer text in 0.3 s, vision in 0.5 s and
draw 1024 x 1024 pictures in 1.0 s; every run succeeds in round 3 and asks seven questions. Printed
are wall time, processor seconds a run, calls, characters of text and bytes sent, and the peak memory of
this process. The published code needs 76 s, 864 calls, 1.4 GB and 10.9 GB for the same on two cores; no
run can end before 7 s where questions are asked one by one. ``calls.py`` counts for one run alone.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import cProfile
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from gems.graphs.session import Session
from gems.models.loop import run_blocking
from gems.settings import Settings

SERVER = Path(__file__).parents[1] / "fake_server.py"
LATENCIES = ("--text", "0.3", "--vision", "0.5", "--image", "1.0")
SCENARIO = ("--succeed-in", "3", "--questions", "7", "--size", "1024")


@contextlib.contextmanager
def backends(log: Path) -> Iterator[str]:
    """The servers as a process of their own; yields their URL."""
    command = [sys.executable, str(SERVER), "--log", str(log), *LATENCIES, *SCENARIO]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)


@contextlib.contextmanager
def profiled(path: Path | None) -> Iterator[None]:
    """Profiles the thread of all model traffic; ``python -m pstats FILE`` reads the result."""
    if path is None:
        yield
        return
    profile = cProfile.Profile()
    run_blocking(switch(profile, True))
    yield
    run_blocking(switch(profile, False))
    profile.dump_stats(path)


async def switch(profile: cProfile.Profile, on: bool) -> None:
    """A profile counts the thread that it is switched on in."""
    if on:
        profile.enable()
    else:
        profile.disable()


class Measured(NamedTuple):
    """What some runs took, and how they ended."""

    wall: float
    """Seconds, as ``busy``, those of all processors."""
    busy: float
    outcomes: list[str]


async def run_all(session: Session, count: int, options: dict[str, Any]) -> list[str]:
    """``count`` runs side by side; their outcomes."""
    runs = (
        session.agenerate(f"scene {n}: a cat, a dog and five more things", seed=n, **options)
        for n in range(count)
    )
    return [result["outcome"] for result in await asyncio.gather(*runs)]


def measure(count: int, home: Path, url: str, options: dict[str, Any]) -> Measured:
    """``count`` runs after one warm-up run."""
    settings = Settings(
        home=home,
        mllm="openai:fake",
        mllm_base_url=f"{url}/v1",
        mllm_concurrency=256,
        generator="openai:fake",
        generator_base_url=f"{url}/v1",
        generator_concurrency=256,
    )
    session = Session(settings)
    run_blocking(run_all(session, 1, options))
    start, busy = time.perf_counter(), time.process_time()
    outcomes = run_blocking(run_all(session, count, options))
    return Measured(time.perf_counter() - start, time.process_time() - busy, outcomes)


def report(log: Path, count: int, took: Measured) -> None:
    """Prints the figures; the warm-up run's calls are taken out by their share."""
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    done = [line for line in lines if line["event"] == "done"]
    share = count / (count + 1)
    calls = sum(line["kind"] != "image" for line in done) * share
    sent = sum(line["size"] for line in done) * share
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    text = sum(line["text"] for line in done) * share
    print(f"outcomes     {sorted(set(took.outcomes))}, {len(took.outcomes)} runs")
    print(f"wall time    {took.wall:.1f} s        (published code 76 s, critical path 7 s)")
    print(f"processor    {took.busy / count:.2f} s a run  (bar 0.3 s)")
    print(
        f"MLLM calls   {calls:.0f}, {calls / count:.0f} a run  (published code 864, 27; bar 14 a run)"
    )
    print(f"text sent    {text / count:.0f} characters a run, recollections of other runs included")
    print(f"bytes sent   {sent / 1e9:.3f} GB     (published code 1.4 GB)")
    print(f"peak memory  {memory / 1e6:.0f} MB       (published code 10,900 MB)")


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=32)
    parser.add_argument("--verify", help="how the verifier asks; the default of a run")
    parser.add_argument("--profile", type=Path, help="write a cProfile of the model loop there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "calls.jsonl"
        with backends(log) as url, profiled(options.profile):
            how = {"verify": options.verify} if options.verify else {}
            took = measure(options.runs, Path(folder) / "home", url, how)
        report(log, options.runs, took)


if __name__ == "__main__":
    main()
