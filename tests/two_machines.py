"""Two workers with homes of their own on one PostgreSQL, one Chroma server and one object store.

``python tests/two_machines.py --runs 100 [--grace 1]``: half the runs each, a few at once. One worker
is killed in the middle and the other goes on with its runs; the database is stopped and started once.
It fails if a run does not come to its end, a third machine misses a picture, or a call is made again
that had been answered ``grace`` seconds before the kill.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from chroma_process import running_chroma
from fake_conversation import Conversation, read_request, section
from fake_server import Call, FakeServer
from object_store import KEYS, ObjectStore
from PIL import Image
from postgres_cluster import Cluster

AT_ONCE = 6
"""Runs of a worker side by side."""
LONGEST = 900.0
"""Seconds until the script gives up."""
ROUNDS = 3


class Asked(Conversation):
    """Questions that name their run, so that a call that is made twice is seen."""

    def _decompose(self, text: str, picture: str) -> dict[str, Any]:
        found = super()._decompose(text, picture)
        for item in found["questions"]:
            item["question"] += f" In {section(text, 'prompt')}?"
        return found


class CountingServer(FakeServer):
    """Knows when it answered what."""

    def __init__(self) -> None:
        super().__init__(text=0.05, vision=0.1, image=0.2, succeed_in=ROUNDS)
        self.conversation = Asked(ROUNDS, 3, 64)
        self.answered: list[tuple[float, str]] = []

    def _leave(self, call: Call) -> None:
        super()._leave(call)
        self.answered.append((time.time(), wish_of(call)))
        call.body = {}


def wish_of(call: Call) -> str:
    """What a call asks for, whatever memory adds to it."""
    if call.kind == "image":
        return f"image {call.key}"
    role, text, picture = read_request(call.body)
    parts = [section(text, name) for name in ("prompt", "question", "questions")]
    if role == "refiner":
        parts.append(str(len(json.loads(section(text, "attempts")))))
    digest = hashlib.sha256(picture.encode()).hexdigest()[:8]
    return f"{role} {' '.join(parts)} {digest}"


class Worker:
    """A process that is told runs, one a line, and says how each ended."""

    def __init__(self, home: Path, env: dict[str, str], log: Path) -> None:
        self.ended: dict[str, dict[str, Any]] = {}
        self.told: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--worker"],
            env={**env, "GEMS_HOME": str(home)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log.open("a"),
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def tell(self, thread: str) -> None:
        assert self.process.stdin is not None
        self.told.append(thread)
        print(thread, file=self.process.stdin, flush=True)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._reader.join()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            ended = json.loads(line)
            self.ended[ended["thread"]] = ended


async def work() -> None:
    """The worker: begins what it is told, or goes on with it."""
    from gems import GemsError, Session

    at_once, loop = asyncio.Semaphore(AT_ONCE), asyncio.get_running_loop()
    tasks: set[asyncio.Task[None]] = set()
    with Session() as session:

        async def run(thread: str) -> None:
            async with at_once:
                said: dict[str, Any]
                try:
                    if await asyncio.to_thread(session.index.has, thread):
                        said = {**await session.aresume(thread)}
                    else:
                        prompt, seed = f"picture {thread}", int(thread.rpartition("-")[2])
                        said = {**await session.agenerate(prompt, thread_id=thread, seed=seed)}
                except GemsError as exc:
                    said = {"outcome": f"{type(exc).__name__}: {exc}"}
                print(json.dumps({"thread": thread, **said}), flush=True)

        while line := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
            tasks.add(asyncio.create_task(run(line)))
        await asyncio.gather(*tasks)


@contextmanager
def backends(folder: Path) -> Iterator[tuple[CountingServer, Cluster, dict[str, str]]]:
    """Everything that the machines share, and the settings that name it."""
    with ExitStack() as stack:
        server = CountingServer()
        stack.enter_context(server)
        cluster = stack.enter_context(Cluster())
        store = stack.enter_context(ObjectStore())
        env = {
            **KEYS,
            "GEMS_MLLM": "openai:fake",
            "GEMS_MLLM_BASE_URL": server.base_url,
            "GEMS_GENERATOR": "openai:fake",
            "GEMS_GENERATOR_BASE_URL": server.base_url,
            "GEMS_DATABASE_URL": cluster.url,
            "GEMS_OBJECTS": store.new_place(),
            "GEMS_OBJECTS_URL": store.url,
            "GEMS_CHROMA_URL": stack.enter_context(running_chroma(folder / "chroma")),
        }
        yield server, cluster, env


def wait_for(what: Any, deadline: float) -> None:
    while not what():
        assert time.monotonic() < deadline, "the workers do not come to an end"
        time.sleep(0.05)


def seen_elsewhere(home: Path, env: dict[str, str], threads: list[str]) -> list[str]:
    """What a third machine misses: a picture that every round of every run should have there."""
    script = (
        "import json, sys; from gems import Session; session = Session()\n"
        "for thread in sys.stdin.read().split(): print(json.dumps(session.report(thread)))"
    )
    command, given = [sys.executable, "-c", script], "\n".join(threads)
    env = {**env, "GEMS_HOME": str(home)}
    out = subprocess.run(command, env=env, input=given, capture_output=True, text=True, check=False)
    assert out.returncode == 0, out.stderr
    missing = []
    for report in map(json.loads, out.stdout.splitlines()):
        pictures = [item["image"] for item in report["rounds"]]
        if len(pictures) != ROUNDS or not all(map(is_picture_below(home), pictures)):
            missing.append(report["thread_id"])
    return missing


def is_picture_below(home: Path) -> Any:
    def check(path: str) -> bool:
        with Image.open(path) as picture:
            picture.load()
        return Path(path).is_relative_to(home)

    return check


def main(runs: int, grace: float) -> dict[str, Any]:
    """What became of the runs."""
    from graph_server import kept_environment

    deadline = time.monotonic() + LONGEST
    threads = [f"run-{number}" for number in range(runs)]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with backends(folder) as (server, cluster, settings):
            env = {**kept_environment(), **settings}
            first, second = (Worker(folder / name, env, folder / f"{name}.log") for name in ("a", "b"))
            for number, thread in enumerate(threads):
                (first, second)[number % 2].tell(thread)
            wait_for(lambda: len(first.ended) + len(second.ended) >= runs // 3, deadline)
            first.kill()
            killed = time.time()
            left = [thread for thread in first.told if thread not in first.ended]
            for thread in left:
                second.tell(thread)
            wait_for(lambda: len(first.ended) + len(second.ended) >= 2 * runs // 3, deadline)
            cluster.stop()
            time.sleep(2)
            cluster.start()
            assert second.process.stdin is not None
            second.process.stdin.close()
            wait_for(lambda: second.process.poll() is not None, deadline)
            second.kill()
            # What was the workers' own is out of everybody's reach.
            for name in ("a", "b"):
                (folder / name).rename(folder / f"{name}-is-gone")
            missing = seen_elsewhere(folder / "c", env, threads)
            answered = list(server.answered)
        said = (folder / "b.log").read_text()
    ended = {**first.ended, **second.ended}
    done = {wish for moment, wish in answered if moment < killed - grace}
    twice = Counter(wish for _, wish in answered)
    return {
        "runs": runs,
        "outcomes": dict(Counter(str(ended.get(t, {}).get("outcome")) for t in threads)),
        "gone on with after the kill": len(left),
        "missing pictures": missing,
        "calls": len(answered),
        "paid twice": sorted(wish for wish, count in twice.items() if count > 1 and wish in done),
        "made again within the grace": sum(count > 1 for count in twice.values()),
        "said": said[-2000:],
    }


def is_well(found: dict[str, Any]) -> bool:
    whole = found["outcomes"] == {"all_passed": found["runs"]}
    return whole and not found["missing pictures"] and not found["paid twice"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument(
        "--grace", type=float, default=1.0, help="seconds an answer may need to be kept"
    )
    parser.add_argument("--worker", action="store_true")
    options = parser.parse_args()
    if options.worker:
        asyncio.run(work())
    else:
        found = main(options.runs, options.grace)
        print(json.dumps(found, indent=1))
        sys.exit(not is_well(found))
