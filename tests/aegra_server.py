"""An open graph server, aegra, that serves the same file as every other."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from fake_server import FakeServer
from graph_server import ROOT, Process, free_port, settings_of
from langgraph_sdk import get_sync_client

UVICORN = ROOT / ".venv-aegra" / "bin" / "uvicorn"


class Aegra:
    """An aegra server with a fake server for its models."""

    def __init__(self, folder: Path, fake: FakeServer, database: str, **settings: str) -> None:
        self.fake, self.home, port = fake, folder / "home", free_port()
        self.url = f"http://127.0.0.1:{port}"
        served = ROOT / "app" / "served.py"
        config = {
            "graphs": {"gems": f"{served}:graph"},
            "http": {"app": f"{served}:app"},
            "auth": {"path": f"{served}:auth"},
        }
        (folder / "aegra.json").write_text(json.dumps(config))
        env = {
            **settings_of(fake, self.home),
            "PYTHONPATH": str(ROOT / ".editable"),
            "GEMS_PUBLIC_URL": self.url,
            "DATABASE_URL": database,
            "AEGRA_CONFIG": str(folder / "aegra.json"),
            **settings,
        }
        command = [str(UVICORN), "aegra_api.main:app", "--port", str(port)]
        self.process = Process(command, folder, env, "aegra")
        self.process.wait_until_up(f"{self.url}/gems/health")

    def client(self, key: str = "") -> Any:
        headers = {"Authorization": f"Bearer {key}"} if key else None
        return get_sync_client(url=self.url, headers=headers)

    def run(self, number: int) -> Any:
        with self.client() as client:
            thread = client.threads.create()["thread_id"]
            given: Any = {"input": {"prompt": f"a cat {number}"}, "context": {"seed": number}}
            return client.runs.wait(thread, "gems", **given)


def check_that_aegra_is_there() -> None:
    if not UVICORN.exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("aegra is not installed: make aegra")
