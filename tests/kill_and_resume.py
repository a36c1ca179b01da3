"""Kills ``gems generate`` at random moments, some of them chosen for what happens then, and resumes it.

``python tests/kill_and_resume.py --kills 50 [--seed 0] [--grace 1] [--at-once 3]`` prints a line a
kill, and fails if a run does not come to its end or a call is made again that had been answered
``grace`` seconds before the kill.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from fake_server import Call, FakeServer
from PIL import Image

GEMS = [sys.executable, "-m", "gems.app.cli"]
LONGEST = 120.0
"""Seconds that the moment is waited for."""


class Moment(NamedTuple):
    """When to kill: ``delay`` seconds after call ``number`` of ``kind`` began or was answered."""

    name: str
    kind: str
    answered: bool
    number: int
    delay: float


class TimedServer(FakeServer):
    """Knows when it answered what."""

    def __init__(self) -> None:
        super().__init__(text=0.15, vision=0.25, image=0.3, succeed_in=3, questions=12)
        self.answered: list[tuple[float, Call]] = []

    def _leave(self, call: Call) -> None:
        super()._leave(call)
        self.answered.append((time.time(), call))

    def happened(self, moment: Moment) -> bool:
        """Whether what the moment counts from has come."""
        calls = [call for _, call in self.answered] if moment.answered else [*self.calls]
        return sum(moment.kind in ("", call.kind) for call in calls) >= moment.number


def moments(chance: random.Random, count: int) -> list[Moment]:
    """Between and inside nodes: while planning, drawing, storing a picture, judging, storing verdicts
    and experiences, and any time at all."""

    def some() -> Iterator[Moment]:
        while True:
            yield Moment("any time", "", False, 1, chance.uniform(0.0, 4.0))
            yield Moment("drawing", "image", False, chance.randint(1, 3), chance.uniform(0.0, 0.3))
            yield Moment(
                "storing a picture", "image", True, chance.randint(1, 3), chance.uniform(0, 0.1)
            )
            yield Moment("judging", "verifier", False, chance.randint(1, 36), chance.uniform(0.0, 0.25))
            yield Moment(
                "storing verdicts", "verifier", True, chance.randint(1, 36), chance.uniform(0, 0.1)
            )
            yield Moment(
                "recording", "verifier", True, 12 * chance.randint(1, 2), chance.uniform(0, 0.3)
            )
            role = chance.choice(["planner", "decomposer", "compressor", "refiner"])
            yield Moment(f"after {role}", role, True, 1, chance.uniform(0.0, 0.1))

    endless = some()
    return [next(endless) for _ in range(count)]


def environment(url: str, home: Path) -> dict[str, str]:
    return {
        **os.environ,
        "GEMS_HOME": str(home),
        "GEMS_MLLM": "openai:fake",
        "GEMS_MLLM_BASE_URL": f"{url}/v1",
        "GEMS_GENERATOR": "openai:fake",
        "GEMS_GENERATOR_BASE_URL": f"{url}/v1",
    }


@contextmanager
def running(command: list[str], env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def kill_once(number: int, moment: Moment, grace: float, home: Path) -> dict[str, Any]:
    """One run, killed at that moment, then resumed."""
    thread = f"run-{number}"
    command = [
        *GEMS,
        "generate",
        f"picture {number}",
        "--verify",
        "each",
        "--seed",
        str(number),
        "--thread",
        thread,
    ]
    server = TimedServer()
    with server:
        env = environment(server.url, home)
        with running([*command, "--json"], env) as process:
            deadline = time.monotonic() + LONGEST
            while not server.happened(moment) and time.monotonic() < deadline:
                time.sleep(0.005)
            time.sleep(moment.delay)
            early = process.poll() is None
            killed = time.time()
            process.send_signal(signal.SIGKILL)
        resumed = subprocess.run([*GEMS, "resume", thread, "--json"], env=env, capture_output=True)
        answered = list(server.answered)
    result: dict[str, Any] = {"outcome": resumed.stderr}
    if resumed.returncode == 0:
        result = json.loads(resumed.stdout)
    finished = {(call.kind, call.key) for moment, call in answered if moment < killed - grace}
    counts = Counter((call.kind, call.key) for _, call in answered)
    return {
        "moment": f"{moment.name} {moment.number}, {moment.delay:.2f} s on",
        "killed": early,
        "outcome": result["outcome"],
        "picture": resumed.returncode == 0 and is_picture(Path(result["image"])),
        "finished": len(finished),
        "again": [key for key, count in counts.items() if count > 1 and key in finished],
        "again_within_grace": sum(count > 1 for count in counts.values()),
    }


def is_picture(path: Path) -> bool:
    with Image.open(path) as picture:
        picture.load()
    return True


def main(kills: int, seed: int, grace: float, at_once: int) -> list[dict[str, Any]]:
    chosen = moments(random.Random(seed), kills)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(at_once) as pool:

        def kill(number: int) -> dict[str, Any]:
            # Homes are shared, as users' are: a kill may not harm the runs beside it.
            home = Path(folder) / f"home-{number % at_once}"
            outcome = kill_once(number, chosen[number], grace, home)
            print(outcome, flush=True)
            return outcome

        return list(pool.map(kill, range(kills)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--at-once", type=int, default=3)
    parser.add_argument(
        "--grace", type=float, default=1.0, help="seconds an answer may need to be committed"
    )
    options = parser.parse_args()
    outcomes = main(options.kills, options.seed, options.grace, options.at_once)
    bad = [o for o in outcomes if o["outcome"] != "all_passed" or o["again"] or not o["picture"]]
    killed = sum(o["killed"] for o in outcomes)
    repeated = sum(o["again_within_grace"] for o in outcomes)
    print(
        f"{killed} kills, {len(outcomes) - len(bad)} of {len(outcomes)} runs resumed without a "
        f"repeated call; {repeated} calls answered less than {options.grace:g} s before a kill were "
        "made again"
    )
    sys.exit(bool(bad))
