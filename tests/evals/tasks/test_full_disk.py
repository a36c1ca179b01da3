"""A disk that fills up under a task: one line, and what is stored is gone on with."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from fake_server import FakeServer
from made_up_tasks import DATA, N

GEMS = [sys.executable, "-m", "gems.app.cli"]


def evaluate(folder: Path, server: FakeServer, most: int | None) -> subprocess.CompletedProcess[str]:
    """The task with files of ``most`` bytes at most, which is what a full disk looks like to them."""
    data = DATA["longtext-en"](folder / "data")
    urls = {f"GEMS_{part}_BASE_URL": server.base_url for part in ("MLLM", "GENERATOR", "JUDGE")}
    models = {"GEMS_MLLM": "openai:fake", "GEMS_GENERATOR": "openai:fake"}
    command = [*GEMS, "eval", "longtext-en", "--data", str(data), "--pictures", "1", "--arms", "gems"]
    command += ["--judge", "openai:fake", "--out", "out"]

    def limit() -> None:
        if most is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **urls, **models},
        preexec_fn=limit,
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_a_full_disk_is_one_line_and_more_room_goes_on(server: FakeServer, tmp_path: Path) -> None:
    server.conversation.distinct = True
    for most in (3_000, 60_000, 400_000):
        ended = evaluate(tmp_path, server, most)
        assert ended.returncode == 1, ended.stderr
        (line,) = ended.stderr.splitlines()
        assert line.startswith("gems: ") and line.endswith("; then the same command goes on from here")
    whole = evaluate(tmp_path, server, None)
    assert whole.returncode == 0, whole.stderr
    lines = (tmp_path / "out" / "records.jsonl").read_text().splitlines()
    assert sorted(json.loads(line)["case"] for line in lines) == [f"{3 * n:04d}-0" for n in range(N)]
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert result["arms"][0]["prompts"] == N
