"""What ``langgraph build`` makes an image of."""

from __future__ import annotations

import fnmatch
import subprocess
from pathlib import Path

import pytest
from graph_server import BIN, ROOT

pytestmark = [pytest.mark.servers, pytest.mark.slow]


def test_the_generated_dockerfile_keeps_the_home_in_a_volume(tmp_path: Path) -> None:
    command = [str(BIN / "langgraph"), "dockerfile", str(tmp_path / "Dockerfile")]
    config = ["--config", str(ROOT / "langgraph.json")]
    subprocess.run([*command, *config], check=True, capture_output=True, timeout=100)
    lines = (tmp_path / "Dockerfile").read_text().splitlines()
    assert "VOLUME /data" in lines and "ENV GEMS_HOME=/data" in lines
    assert any("app/served.py:graph" in line for line in lines)


def test_no_environment_cache_or_secret_goes_into_an_image() -> None:
    ignored = [line.rstrip("/") for line in (ROOT / ".dockerignore").read_text().splitlines()]
    for name in (".venv", ".venv-3.13", ".git", ".env", ".langgraph_api", "build"):
        assert any(fnmatch.fnmatch(name, pattern) for pattern in ignored), name
    for name in ("app", "graphs", "models", "pyproject.toml", "README.md"):
        assert not any(fnmatch.fnmatch(name, pattern) for pattern in ignored), name
