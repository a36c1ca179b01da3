"""A task that is killed again and again: every prompt is drawn and judged once in what it keeps."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVER = Path(__file__).parents[2] / "fake_server.py"
PROMPTS, KILLS = 40, 8


@pytest.fixture
def url() -> Iterator[str]:
    """A server for the loop and the judge, a process of its own."""
    command = [sys.executable, str(SERVER), "--text", "0.05", "--vision", "0.1", "--image", "0.1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield process.stdout.readline().strip() + "/v1"
    process.terminate()
    process.wait(10)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_kills_cost_no_prompt_and_no_answer(url: str, tmp_path: Path) -> None:
    (tmp_path / "prompts.txt").write_text("".join(f"a door {n}\n" for n in range(PROMPTS)))
    names = {f"GEMS_{part}_BASE_URL": url for part in ("MLLM", "GENERATOR", "JUDGE")}
    models = {
        "GEMS_MLLM": "openai:fake",
        "GEMS_GENERATOR": "openai:fake",
        "GEMS_HOME": str(tmp_path / "home"),
    }
    command = [sys.executable, "-m", "gems.app.cli", "eval", "crea", "--data", "prompts.txt"]
    command += ["--pictures", "1", "--arms", "base", "--judge", "openai:fake", "--out", "out"]
    luck = random.Random(0)
    for _ in range(KILLS):
        process = subprocess.Popen(
            command, cwd=tmp_path, env={**os.environ, **names, **models}, stdout=subprocess.DEVNULL
        )
        try:
            process.wait(luck.uniform(2, 8))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    ended = subprocess.run(command, cwd=tmp_path, env={**os.environ, **names, **models}, check=False)
    assert ended.returncode == 0
    lines = [json.loads(line) for line in whole_lines(tmp_path / "out" / "records.jsonl")]
    assert Counter(line["case"] for line in lines) == Counter(f"{n:03d}-0" for n in range(PROMPTS))
    (answers,) = (tmp_path / "out" / "answers").iterdir()
    asked = Counter(json.loads(line)["item"] for line in whole_lines(answers))
    assert asked == Counter(f"{n:03d}" for n in range(PROMPTS))


def whole_lines(path: Path) -> list[str]:
    """Without one that a kill cut off."""
    return [line for line in path.read_text().splitlines() if line.endswith("}")]
