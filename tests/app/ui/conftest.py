"""The page over a session of fakes, in this process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gems import Session
from gems.app.http.keys import KeyRing
from gems.app.ui.live import LiveRuns
from gems.app.ui.site import session_site
from gems.memory.fakes import FakeExperiences
from gems.models.fakes import FakeGenerator
from scripted_sessions import scripted, session_with
from starlette.testclient import TestClient

HERE = {"origin": "http://testserver", "accept": "text/html"}


class Page:
    """What a browser does with the page."""

    def __init__(self, client: TestClient, session: Session, home: Path) -> None:
        self.client, self.session, self.home = client, session, home

    def get(self, path: str, **options: Any) -> Any:
        return self.client.get(path, headers=HERE, **options)

    def post(self, path: str, **form: Any) -> Any:
        data = {name.replace("__", "."): value for name, value in form.items()}
        return self.client.post(path, data=data, headers=HERE)

    def start(self, prompt: str = "a cat", **form: Any) -> str:
        """Begins a run; its thread."""
        answer = self.post("/runs", prompt=prompt, **form)
        assert answer.status_code == 200, answer.text
        return str(answer.url).rpartition("/")[2]

    def wait(self, thread: str, text: str = "", seconds: float = 60) -> str:
        """A run's page once ``text`` stands there; without one, once the run is at rest."""
        deadline, shown = time.monotonic() + seconds, ""
        while time.monotonic() < deadline:
            shown = str(self.get(f"/runs/{thread}").text)
            if (text and text in shown) or (not text and 'class="spin"' not in shown):
                return shown
            time.sleep(0.02)
        raise AssertionError(f"{text!r} did not come: {shown}")

    def draw(self, prompt: str = "a cat", **form: Any) -> str:
        thread = self.start(prompt, **form)
        self.wait(thread)
        return thread


@pytest.fixture
def parts() -> dict[str, Any]:
    """What a test's session is made of."""
    return {"mllm": scripted(), "generator": FakeGenerator(), "experiences": FakeExperiences()}


@pytest.fixture
def page(tmp_path: Path, parts: dict[str, Any]) -> Iterator[Page]:
    session = session_with(tmp_path, **parts)
    with TestClient(session_site(session, KeyRing(tmp_path), LiveRuns())) as client:
        yield Page(client, session, tmp_path)
