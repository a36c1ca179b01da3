"""Kills ``gems generate`` at random moments and resumes it; counts the calls at the server.

``python tests/kill_and_resume.py --kills 10 [--seed 0] [--grace S]`` prints a line a kill,
and fails if a run does not finish or a call that was answered is made again.
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
from pathlib import Path
from typing import Any

SERVER = Path(__file__).parent / "fake_server.py"
GEMS = [sys.executable, "-m", "gems.app.cli"]
LATENCIES = ("--text", "0.15", "--vision", "0.25", "--image", "0.3")


def start_server(log: Path) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, str(SERVER), "--log", str(log), *LATENCIES]
    command += ["--succeed-in", "3", "--questions", "12"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def environment(url: str, home: Path) -> dict[str, str]:
    return {
        **os.environ,
        "GEMS_HOME": str(home),
        "GEMS_MLLM": "openai:fake",
        "GEMS_MLLM_BASE_URL": f"{url}/v1",
        "GEMS_GENERATOR": "openai:fake",
        "GEMS_GENERATOR_BASE_URL": f"{url}/v1",
    }


def calls(log: Path, event: str) -> Counter[tuple[str, str]]:
    lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    return Counter((line["kind"], line["key"]) for line in lines if line["event"] == event)


def done_before(log: Path, moment: float) -> set[tuple[str, str]]:
    """The calls that the server had answered before ``moment``."""
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    early = (line for line in lines if line["event"] == "done" and line["time"] < moment)
    return {(line["kind"], line["key"]) for line in early}


def kill_once(
    number: int, delay: float, grace: float, env: dict[str, str], log: Path
) -> dict[str, Any]:
    """One run, killed ``delay`` seconds after its first call, then resumed."""
    thread = f"run-{number}"
    before = sum(calls(log, "start").values())
    command = [*GEMS, "generate", f"picture {number}", "--seed", str(number), "--thread", thread]
    process = subprocess.Popen([*command, "--json"], env=env, stdout=subprocess.DEVNULL)
    deadline = time.time() + 60
    while sum(calls(log, "start").values()) == before and time.time() < deadline:
        time.sleep(0.02)
    time.sleep(delay)
    killed = time.time()
    process.send_signal(signal.SIGKILL)
    process.wait()
    finished = done_before(log, killed - grace)
    resumed = subprocess.run(
        [*GEMS, "resume", thread, "--json"], env=env, capture_output=True, text=True
    )
    result = json.loads(resumed.stdout) if resumed.returncode == 0 else {"outcome": resumed.stderr}
    again = [key for key, count in calls(log, "done").items() if count > 1 and key in finished]
    return {
        "delay": round(delay, 2),
        "outcome": result["outcome"],
        "rounds": len(result.get("rounds", [])),
        "done_before_kill": len(finished),
        "again": again,
    }


def main(kills: int, seed: int, grace: float) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(kills):
            log = Path(folder) / f"calls-{number}.jsonl"
            server, url = start_server(log)
            try:
                env = environment(url, Path(folder) / "home")
                outcome = kill_once(number, chance.uniform(0.0, 3.2), grace, env, log)
            finally:
                server.terminate()
                server.wait(10)
            print(outcome, flush=True)
            found.append(outcome)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--grace", type=float, default=0.0, help="seconds an answer may need to be committed"
    )
    options = parser.parse_args()
    outcomes = main(options.kills, options.seed, options.grace)
    bad = [o for o in outcomes if o["outcome"] != "all_passed" or o["again"]]
    print(f"{len(outcomes)} kills, {len(outcomes) - len(bad)} resumed without a repeated call")
    sys.exit(bool(bad))
