"""Many runs at once on one `gems serve`: how late its event loop is, and what it does meanwhile.

``python tests/load.py [--runs 50] [--at-once 50] [--latency 0] [--every 100] [--rest 0] [--delete]``:
models that answer at once (or after ``--latency`` seconds) from a process of their own. Printed are the
looks of the server's own meter by how late they were, for the late ones how much of the time the loop's
thread computed and how much it stood in the kernel's queue for a processor (the rest: another thread
had the interpreter, or a call blocked), what its stack was then, and the server's memory after every so
many runs and a rest.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fake_server import FakeServer
from graph_server import Process, free_port, settings_of
from langgraph_sdk import get_client

LATE = 0.1
"""Seconds that the loop may be late."""
SAMPLED = 0.05
"""Seconds after which the loop's stack is looked at, and how often from there on."""
ROW = "{:<28} {:>8}"


class Looks:
    """What the loop's thread did between two looks of the server's meter."""

    def __init__(self) -> None:
        self.found: list[tuple[float, float, float]] = []
        """Seconds late, seconds at work, seconds in the queue for a processor."""
        self._last = self._spent()

    def note(self, late: float) -> None:
        spent = self._spent()
        self.found.append((late, spent[0] - self._last[0], spent[1] - self._last[1]))
        self._last = spent

    def _spent(self) -> tuple[float, float]:
        """Seconds of the calling thread at work and in the queue so far (Linux: schedstat)."""
        worked, queued, _ = Path("/proc/thread-self/schedstat").read_text().split()
        return time.thread_time() or int(worked) / 1e9, int(queued) / 1e9


def sample(looked: Callable[[], float], loop_thread: int, stacks: Counter[str]) -> None:
    """Counts the stacks of a thread whose loop does not come round."""
    from gems.app.http.lateness import EVERY

    while True:
        time.sleep(SAMPLED / 5)
        if time.monotonic() - looked() > EVERY + SAMPLED:
            frames = sys._current_frames()
            stacks[stack_of(frames[loop_thread])] += 1
            for ident, frame in frames.items():
                if ident not in (loop_thread, threading.get_ident()):
                    stacks[f"  beside: {stack_of(frame, 2)}"] += 1
            time.sleep(SAMPLED)


def stack_of(frame: Any, depth: int = 14) -> str:
    lines = traceback.extract_stack(frame)[-depth:]
    return " < ".join(f"{Path(f.filename).stem}.{f.name}:{f.lineno}" for f in reversed(lines))


def serve(port: int, jobs: int, out: Path) -> None:
    """The server's process, with somebody who watches its loop."""
    from gems.app.http import routes
    from gems.app.http.lateness import Lateness
    from gems.app.serve import serve_until_ended

    looks, stacks = Looks(), Counter[str]()

    class Watched(Lateness):
        def __init__(self, hears: Callable[[float], None]) -> None:
            def both(late: float) -> None:
                looks.note(late)
                hears(late)

            super().__init__(both)
            given = (lambda: self.looked or time.monotonic(), threading.main_thread().ident, stacks)
            threading.Thread(target=sample, args=given, daemon=True).start()

    routes.__dict__["Lateness"] = Watched
    serve_until_ended("127.0.0.1", port, jobs, False)
    out.write_text(json.dumps({"looks": looks.found, "stacks": stacks.most_common(40)}))


@contextmanager
def running(folder: Path, jobs: int, env: dict[str, str], out: Path) -> Iterator[tuple[str, Process]]:
    port = free_port()
    command = [
        sys.executable,
        __file__,
        "--serve",
        str(port),
        "--at-once",
        str(jobs),
        "--out",
        str(out),
    ]
    process = Process(command, folder, env)
    process.wait_until_up(f"http://127.0.0.1:{port}/ok")
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.stop(signal.SIGINT)


async def run_all(url: str, numbers: Sequence[int], at_once: int, delete: bool = False) -> Counter[str]:
    """How so many runs ended; ``delete``: their threads, as soon as they have."""
    gate, client = asyncio.Semaphore(at_once), get_client(url=url, timeout=600)

    async def run(number: int) -> str:
        async with gate:
            given: Any = {"input": {"prompt": f"a cat {number}"}, "context": {"seed": number}}
            thread = (await client.threads.create())["thread_id"]
            ended: Any = await client.runs.wait(thread, "gems", **given)
            if delete:
                await client.threads.delete(thread)
            return str(ended.get("outcome") or ended)[:200]

    return Counter(await asyncio.gather(*map(run, numbers)))


def memory(process: Process) -> float:
    """MB that a process holds."""
    status = Path(f"/proc/{process.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def report(found: dict[str, Any]) -> None:
    looks = sorted(found["looks"])
    for name, share in (("median", 0.5), ("p90", 0.9), ("p99", 0.99), ("longest", 1.0)):
        late = looks[min(len(looks) - 1, int(share * len(looks)))][0]
        print(ROW.format(f"late, {name}", f"{1000 * late:.0f} ms"))
    slow = [look for look in looks if look[0] > LATE]
    print(ROW.format(f"looks over {1000 * LATE:.0f} ms late", f"{len(slow)}/{len(looks)}"))
    own = [late for late, _, queued in looks if late - queued > LATE]
    print(ROW.format("  without the queue's part", f"{len(own)}/{len(looks)}"))
    for late, worked, queued in slow[-12:]:
        parts = f"at work {1000 * worked:.0f}, in the queue {1000 * queued:.0f}"
        print(f"  {1000 * late:6.0f} ms late: {parts}")
    for stack, times in found["stacks"]:
        print(f"{times:4}  {stack}")


@contextmanager
def models(latency: float, size: int) -> Iterator[FakeServer]:
    """Where they answer: a process of its own."""
    command = [sys.executable, str(Path(__file__).with_name("fake_server.py")), "--size", str(size)]
    for kind in ("--text", "--vision", "--image"):
        command += [kind, str(latency)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield FakeServer(port=int(process.stdout.readline().rpartition(":")[2]))
    finally:
        process.terminate()
        process.wait(10)


def main(given: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as name, models(given.latency, given.size) as fake:
        folder, out = Path(name), Path(name) / "looks.json"
        env = {**settings_of(fake, folder / "home"), **dict(pair.split("=", 1) for pair in given.env)}
        with running(folder, given.at_once, env, out) as (url, process):
            asyncio.run(run_all(url, range(3), 3))
            print(ROW.format("before", f"{memory(process):.0f} MB"))
            for start in range(0, given.runs, given.every):
                numbers = range(start + 10, 10 + min(start + given.every, given.runs))
                began = time.monotonic()
                ended = asyncio.run(run_all(url, numbers, given.at_once, given.delete))
                took = time.monotonic() - began
                time.sleep(given.rest)
                holds = memory(process)
                print(f"{start + len(numbers)} runs: {dict(ended)}, {took:.1f} s, {holds:.0f} MB")
        report(json.loads(out.read_text()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--at-once", type=int, default=50)
    parser.add_argument("--every", type=int, default=100)
    parser.add_argument("--rest", type=float, default=0.0, help="seconds before memory is looked at")
    parser.add_argument("--delete", action="store_true", help="each thread once its run has ended")
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--size", type=int, default=512, help="pixels a side")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--serve", type=int)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.at_once, options.out)
    else:
        main(options)
