"""What all tests share: an empty home, a network that ends at loopback, and the fake server."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

for folder in (".", "models/pictures", "fuzz"):
    sys.path.insert(0, str(Path(__file__).parent / folder))

from fake_server import FakeServer
from gems import settings as settings_module
from gems.settings import Settings

# A script that a shell puts in the background ignores Ctrl-C, and whoever it starts inherits that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections to anywhere else fail at once."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and address[0] not in LOOPBACK:
            raise OSError(f"the tests do not reach {address}")
        real(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine reaches a test, and none of a test the machine."""
    import os

    for name in list(os.environ):
        if name.startswith(("GEMS_", "OPENAI_", "LANGSMITH_", "LANGCHAIN_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GEMS_HOME", str(tmp_path / "home"))
    settings_module.load_settings.cache_clear()


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer() as running:
        yield running


@pytest.fixture
def server_settings(server: FakeServer, tmp_path: Path) -> Settings:
    """Settings whose MLLM and generator are the fake server."""
    return settings_for(server, tmp_path / "home")


def settings_for(server: FakeServer, home: Path, **more: object) -> Settings:
    return Settings(
        home=home,
        mllm="openai:fake",
        mllm_base_url=server.base_url,
        generator="openai:fake",
        generator_base_url=server.base_url,
        **{"mllm_retries": 2, "mllm_timeout": 5, "generator_timeout": 5, **more},  # type: ignore[arg-type]
    )
