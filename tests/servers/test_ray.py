"""Workers of an evaluation on a Ray cluster of the test's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from command_line import gems
from fake_server import FakeServer
from made_up_tasks import DATA, N

pytestmark = [pytest.mark.servers, pytest.mark.slow]


@pytest.mark.timeout(300)
def test_workers_on_a_cluster_do_a_task_and_the_caller_reports(
    server: FakeServer, tmp_path: Path
) -> None:
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'gems-agent[ray]'")
    server.conversation.distinct = True
    urls = {f"GEMS_{part}_BASE_URL": server.base_url for part in ("MLLM", "GENERATOR", "JUDGE")}
    models = {"GEMS_MLLM": "openai:fake", "GEMS_GENERATOR": "openai:fake"}
    command = [sys.executable, "-m", "gems.app.cli", "eval", "longtext-en", "--pictures", "1", "--json"]
    command += ["--data", str(DATA["longtext-en"](tmp_path / "data")), "--judge", "openai:fake"]
    command += ["--out", "out", "--ray", "local", "--workers", "2", "--jobs", "2"]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, **urls, **models}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "a worker:" not in done.stderr
    assert [arm["prompts"] for arm in json.loads(done.stdout)["arms"]] == [N, N]
    images = [call.key for call in server.calls if call.kind == "image"]
    # The first pictures of both arms are one draw.
    assert len(images) == 3 * N and len(set(images)) == 2 * N


def test_a_cluster_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'gems-agent[ray]'")
    data = str(DATA["longtext-en"](tmp_path / "data"))
    out = str(tmp_path / "out")
    told = gems("eval", "longtext-en", "--data", data, "--out", out, "--ray", "127.0.0.1:9")
    assert "no Ray cluster answers at 127.0.0.1:9" in told.stderr.splitlines()[-1]


@pytest.mark.skipif(find_spec("ray") is not None, reason="Ray is here")
def test_without_ray_it_says_what_to_install(tmp_path: Path) -> None:
    data = str(DATA["longtext-en"](tmp_path / "data"))
    told = gems("eval", "longtext-en", "--data", data, "--out", str(tmp_path / "out"), "--ray", "auto")
    assert "gems-agent[ray]" in told.stderr.splitlines()[-1] and told.exit_code == 2
