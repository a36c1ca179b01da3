"""``gems ui``: where it serves, and what it says where it cannot."""

from __future__ import annotations

import socket
import sys
from typing import Any

import pytest
from gems.app.cli import app
from typer.testing import CliRunner


def gems(*command: str) -> Any:
    return CliRunner().invoke(app, list(command))


def test_without_its_packages_it_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(sys.modules):
        if name.startswith("gems.app.ui."):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "starlette.applications", None)
    refused = gems("ui")
    assert refused.exit_code == 2 and "gems-agent[ui]" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_it_serves_nobody_else_without_a_key_and_on_no_taken_port() -> None:
    refused = gems("ui", "--host", "0.0.0.0")
    assert refused.exit_code == 2 and "gems keys add NAME" in refused.stderr
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        busy = gems("ui", "--port", str(taken.getsockname()[1]))
    assert busy.exit_code == 2 and "--port" in busy.stderr
