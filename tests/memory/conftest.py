"""A Chroma server on loopback, started once for the tests that need one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from chroma_process import running_chroma


@pytest.fixture(scope="session")
def chroma_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server that keeps its data for the session; skips where none can be started."""
    program = Path(sys.executable).with_name("chroma")
    if not program.exists():
        pytest.skip(f"no Chroma server to test with: {program} is missing")
    with running_chroma(tmp_path_factory.mktemp("chroma-server")) as url:
        yield url
