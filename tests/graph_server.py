"""Graph servers of the checkout, in folders and with settings of their own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from fake_server import FakeServer
from langgraph_sdk import get_sync_client

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def own_config(folder: Path) -> Path:
    """The checkout's langgraph.json with absolute paths; the package itself is installed already."""
    text = (ROOT / "langgraph.json").read_text().replace('"./', f'"{ROOT}/')
    config = {**json.loads(text), "dependencies": ["gems"]}
    path = folder / "langgraph.json"
    path.write_text(json.dumps(config))
    return path


def settings_of(fake: FakeServer, home: Path) -> dict[str, str]:
    return {
        "GEMS_HOME": str(home),
        "GEMS_MLLM": "openai:fake",
        "GEMS_MLLM_BASE_URL": fake.base_url,
        "GEMS_MLLM_RETRIES": "0",
        "GEMS_GENERATOR": "openai:fake",
        "GEMS_GENERATOR_BASE_URL": fake.base_url,
        "GEMS_GENERATOR_RETRIES": "0",
    }


def kept_environment() -> dict[str, str]:
    """This process's environment without settings of GEMS and keys of anybody."""
    foreign = ("GEMS_", "OPENAI_", "LANGSMITH_", "LANGCHAIN_", "LANGGRAPH_")
    return {key: value for key, value in os.environ.items() if not key.startswith(foreign)}


class Process:
    """A server process, started here, its output in a file."""

    def __init__(
        self, command: list[str], folder: Path, env: Mapping[str, str], name: str = "server"
    ) -> None:
        self.log = folder / f"{name}.log"
        self._file = self.log.open("a")
        self.process = subprocess.Popen(
            command,
            env={**kept_environment(), **env},
            cwd=folder,
            stdout=self._file,
            stderr=subprocess.STDOUT,
        )

    def wait_until_up(self, url: str, seconds: float = 100) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if httpx.get(url, timeout=5, trust_env=False).status_code < 500:
                    return
            except httpx.HTTPError:
                time.sleep(0.2)
        self.stop()
        pytest.fail(f"{self.process.args!r} did not come up:\n{self.log.read_text()[-3000:]}")

    def stop(self, how: int = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._file.close()


class GraphServer:
    """``gems serve`` with a fake server for its models.

    Attributes:
        fake: the models; a test may set its ``script``.
    """

    def __init__(self, folder: Path, fake: FakeServer, **settings: str) -> None:
        self.folder, self.fake, self.home = folder, fake, folder / "home"
        self._settings = settings
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = self.start()

    def start(self) -> Process:
        env = {
            **settings_of(self.fake, self.home),
            "LANGGRAPH_STRICT_MSGPACK": "true",
            "LANGSMITH_TRACING": "false",
            **self._settings,
        }
        process = Process(self.command(), self.folder, env)
        process.wait_until_up(f"{self.url}/ok")
        return process

    def command(self) -> list[str]:
        place = ["--host", "127.0.0.1", "--port", str(self.port), "--jobs", "4"]
        return [str(BIN / "gems"), "serve", "--studio", *place]

    def client(self, **headers: str) -> Any:
        return get_sync_client(url=self.url, headers=headers)

    def run(self, thread: str | None = None, **options: Any) -> Any:
        """A run's result by a client of its own."""
        with self.client() as client:
            thread = thread or client.threads.create()["thread_id"]
            given: Any = {"input": {"prompt": "a cat"}, **options}
            return client.runs.wait(thread, "gems", **given)

    def said(self) -> str:
        """What the server logged."""
        return self.process.log.read_text()


class DevServer(GraphServer):
    """``langgraph dev`` of the checkout's langgraph.json instead."""

    def command(self) -> list[str]:
        place = ["--host", "127.0.0.1", "--port", str(self.port), "--n-jobs-per-worker", "4"]
        config = ["--config", str(own_config(self.folder))]
        return [str(BIN / "langgraph"), "dev", "--no-browser", "--no-reload", *place, *config]
