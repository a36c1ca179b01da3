"""What the tests of the command line share."""

from __future__ import annotations

import pytest
from fake_server import FakeServer


@pytest.fixture
def on_fake_server(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MLLM", "GENERATOR"):
        monkeypatch.setenv(f"GEMS_{name}", "openai:fake")
        monkeypatch.setenv(f"GEMS_{name}_BASE_URL", server.base_url)
        monkeypatch.setenv(f"GEMS_{name}_RETRIES", "0")
