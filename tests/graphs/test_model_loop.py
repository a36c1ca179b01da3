"""The one loop that all sessions' models run on: blocked, left, forked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fake_server import FakeServer
from gems.errors import InputError
from gems.models.loop import run_blocking
from scripted_sessions import scripted, session_with


def test_a_blocking_call_on_the_model_loop_is_refused_at_once(tmp_path: Path) -> None:
    async def inside() -> None:
        session_with(tmp_path).generate("a cat")

    with pytest.raises(InputError, match="agenerate"):
        run_blocking(inside())


def test_a_system_exit_in_one_run_leaves_the_others_their_loop(tmp_path: Path) -> None:
    def leave(fields: Any, images: Any) -> Any:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        session_with(tmp_path / "a", mllm=scripted(planner=leave)).generate("a cat", memory=False)
    result = session_with(tmp_path / "b").generate("a cat", memory=False)
    assert result["outcome"] == "all_passed"


FORK = """
import os, sys, signal
from conftest import settings_for
from gems import Session
from gems.settings import Settings
url = sys.argv[1]
def session(home):
    return Session(Settings(home=home, mllm="openai:fake", mllm_base_url=url, generator="openai:fake",
                            generator_base_url=url))
mine = session(sys.argv[2])
assert mine.generate("a cat", seed=1)["outcome"] == "all_passed"
child = os.fork()
if child == 0:
    signal.alarm(40)
    ours = mine if sys.argv[3] == "inherited" else session(sys.argv[2] + "/child")
    os._exit(0 if ours.generate("a dog", seed=2)["outcome"] == "all_passed" else 1)
_, status = os.waitpid(child, 0)
sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.parametrize("which", ["inherited", "own"])
def test_a_forked_child_can_run(server: FakeServer, tmp_path: Path, which: str) -> None:
    tests = str(Path(__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK, server.base_url, str(tmp_path / "home"), which],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([tests, os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr
