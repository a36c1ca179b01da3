"""A Chroma server on loopback, started once for the tests that need one."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

START_SECONDS = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_up(server: subprocess.Popen[bytes], port: int) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return True
    return False


@pytest.fixture(scope="session")
def chroma_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server that keeps its data for the session; skips where none can be started."""
    program = Path(sys.executable).with_name("chroma")
    if not program.exists():
        pytest.skip(f"no Chroma server to test with: {program} is missing")
    folder, port = tmp_path_factory.mktemp("chroma-server"), free_port()
    command = [str(program), "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        if not wait_until_up(server, port):
            said = (folder / "log").read_text(errors="replace")[-300:]
            pytest.skip(f"the Chroma server does not start: {said}")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)
