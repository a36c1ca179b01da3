"""Kills one of the workers on an evaluation again and again, and starts it anew.

``python tests/kill_workers.py --kills 20 --prompts 60 [--workers 2] [--postgres] [--machines]`` draws
made-up prompts with the loop and has them judged, prints a line a kill, and fails unless every picture
has one record and one verdict, and no call was made again that had been answered ``grace`` seconds
before who asked was killed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from object_store import KEYS, ObjectStore
from postgres_cluster import Cluster

SERVER = Path(__file__).parent / "fake_server.py"
GEMS = [sys.executable, "-m", "gems.app.cli"]
ARMS = ("gems",)
PARTS = ("MLLM", "GENERATOR", "JUDGE")
SIGN = {"category": "sign", "length": "short", "text": ["Open Door"], "text_length": 2}
LATE = 0.2
"""Seconds by which an answer may be noted after who asked was killed."""
LONGEST = 600.0
"""Seconds that the workers have for what is left after the last kill."""


@contextmanager
def served(log: Path, pace: float) -> Iterator[str]:
    """The base URL of a server for the loop and the judge, a process of its own."""
    command = [sys.executable, str(SERVER), "--distinct", "--log", str(log)]
    command += ["--text", str(0.2 * pace)]
    command += ["--vision", str(0.3 * pace), "--image", str(0.6 * pace)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip() + "/v1"
    finally:
        process.terminate()
        process.wait(10)


class Workers:
    """Processes of one evaluation, ``apart`` with a disk of its own each; the first one reports."""

    def __init__(self, folder: Path, env: Mapping[str, str], count: int, apart: bool) -> None:
        self._folder = folder
        self._env = {**os.environ, **env}
        places = [folder / f"machine-{number * apart}" for number in range(count)]
        self.out = [place / "out" for place in places]
        self.running = [self._start(number) for number in range(count)]

    def _start(self, number: int) -> subprocess.Popen[bytes]:
        # By its key the server's log knows whose call it was.
        keys = {f"GEMS_{part}_API_KEY": f"worker-{number}" for part in PARTS}
        command = [*GEMS, "eval", "longtext-en", "--data", "prompts.jsonl", "--pictures", "1"]
        command += ["--jobs", "2"]
        command += ["--arms", ",".join(ARMS), "--judge", "openai:fake", "--out", str(self.out[number])]
        command += ["--worker"] * (number > 0)
        log = (self._folder / f"worker-{number}.log").open("ab")
        env = {**self._env, **keys}
        return subprocess.Popen(command, cwd=self._folder, env=env, stdout=log, stderr=log)

    def kill(self, number: int) -> float:
        """Kills a worker and starts it again; when."""
        process = self.running[number]
        now = time.time()
        process.kill()
        process.wait()
        self.running[number] = self._start(number)
        return now

    def over(self) -> bool:
        """Whether nobody is at work any more."""
        return all(process.poll() is not None for process in self.running)

    def end(self) -> list[int]:
        """Waits until the work is done; how the processes ended."""
        return [process.wait(LONGEST) for process in self.running]

    def stop(self) -> None:
        for process in self.running:
            process.kill()
            process.wait()


class Kill(NamedTuple):
    """Who was killed, and when."""

    worker: str
    time: float


def kill_them(workers: Workers, kills: int, luck: random.Random) -> list[Kill]:
    """The kills; fewer where the work is done before."""
    moments: list[Kill] = []
    while len(moments) < kills and not workers.over():
        time.sleep(luck.uniform(0.5, 5.0))
        alive = [n for n, process in enumerate(workers.running) if process.poll() is None]
        if alive:
            number = luck.choice(alive)
            moments.append(Kill(f"worker-{number}", workers.kill(number)))
            print(f"kill {len(moments)}", flush=True)
    return moments


def whole_lines(path: Path) -> list[dict[str, Any]]:
    """Without those that a kill cut off."""
    return [json.loads(line) for line in path.read_text().split("\n") if line.endswith("}")]


def paid_again(log: Path, kills: Sequence[Kill], grace: float) -> tuple[list[str], list[float]]:
    """Calls that were answered twice though the first answer was ``grace`` seconds old when who had
    asked was killed; and of the others, how old the first answers were."""
    answered: dict[str, list[dict[str, Any]]] = {}
    for line in whole_lines(log):
        if line["event"] == "done":
            answered.setdefault(f"{line['kind']} {line['key']}", []).append(line)
    bad, ages = list[str](), list[float]()
    for call, lines in answered.items():
        for first, second in zip(lines, lines[1:], strict=False):
            after = [kill.time - first["time"] for kill in kills if kill.worker == first["who"]]
            age = next((seconds for seconds in after if seconds > -LATE), None)
            apart = second["time"] - first["time"]
            if age is not None and age < min(grace, apart):
                ages.append(age)
            else:
                when = "nobody" if age is None else f"who asked {age:.2f} s later"
                bad.append(f"{call}, once more after {apart:.2f} s; the kill hit {when}")
    return bad, ages


def check(out: Path, prompts: int) -> list[str]:
    """What is wrong with an evaluation that has ended."""
    wanted = {(arm, f"{n:04d}-0"): 1 for arm in ARMS for n in range(prompts)}
    records = Counter((line["arm"], line["case"]) for line in whole_lines(out / "records.jsonl"))
    (path,) = (out / "answers").iterdir()
    answers = Counter((line["item"], line["picture"]) for line in whole_lines(path))
    result = json.loads((out / "result.json").read_text())
    wrong = []
    if records != wanted:
        wrong.append(f"records: {(records - Counter(wanted)) or (Counter(wanted) - records)}")
    if set(answers.values()) != {1}:
        wrong.append(f"answers given more than once: {[k for k, n in answers.items() if n > 1]}")
    if [arm["prompts"] for arm in result["arms"]] != [prompts] * len(ARMS):
        wrong.append(f"scored: {[arm['prompts'] for arm in result['arms']]}")
    return wrong


def main(
    kills: int,
    prompts: int,
    workers: int = 2,
    seed: int = 0,
    grace: float = 1.0,
    pace: float = 1.0,
    postgres: bool = False,
    machines: bool = False,
) -> list[str]:
    """Everything that went wrong; empty: nothing did."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        log, database = folder / "calls.jsonl", {}
        if postgres or machines:
            database["GEMS_DATABASE_URL"] = stack.enter_context(Cluster()).url
        if machines:
            store = stack.enter_context(ObjectStore())
            place = {"GEMS_OBJECTS": store.new_place(), "GEMS_OBJECTS_URL": store.url}
            database = {**database, **place, **KEYS}
        lines = [{**SIGN, "prompt": f"sign {n}", "prompt_id": n} for n in range(prompts)]
        (folder / "prompts.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
        with served(log, pace) as url:
            env = {f"GEMS_{part}_BASE_URL": url for part in PARTS}
            models = {"GEMS_MLLM": "openai:fake", "GEMS_GENERATOR": "openai:fake"}
            team = Workers(
                folder,
                {**env, **models, **database, "GEMS_HOME": str(folder / "home")},
                workers,
                machines,
            )
            try:
                moments = kill_them(team, kills, random.Random(seed))
                codes = team.end()
            finally:
                team.stop()
        wrong = [
            f"worker {n} ended with {code}: {(folder / f'worker-{n}.log').read_text()[-2000:]}"
            for n, code in enumerate(codes)
            if code
        ]
        bad, ages = paid_again(log, moments, grace)
        calls = sum(line["event"] == "done" for line in whole_lines(log))
        wrong += [f"paid twice: {call}" for call in bad] + (
            check(team.out[0], prompts) if not wrong else []
        )
        young = f"{len(ages)} answered less than {grace:g} s before a kill were made again"
        if ages:
            young += f" ({', '.join(f'{1000 * age:.0f}' for age in sorted(ages))} ms)"
        print(
            f"{len(moments)} kills, {prompts} prompts, {calls} calls answered; {young}, "
            f"{len(bad)} others"
        )
    return wrong


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--prompts", type=int, default=60)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--grace", type=float, default=1.0)
    parser.add_argument("--pace", type=float, default=1.0, help="how slow the models are")
    parser.add_argument("--postgres", action="store_true", help="share by a PostgreSQL of its own")
    parser.add_argument("--machines", action="store_true", help="and pictures by an object store")
    problems = main(**vars(parser.parse_args()))
    print("\n".join(problems))
    sys.exit(bool(problems))
