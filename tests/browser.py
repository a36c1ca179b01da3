"""A headless Chromium, what it complains of, and a ``gems ui`` to look at."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from fake_server import FakeServer
from graph_server import BIN, Process, free_port, settings_of
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
GRAVE = ("serious", "critical")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser that is installed; without one tests are skipped, in CI they fail."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no chromium: make servers installs it")
    with sync_playwright() as driver:
        # Debian's profile wants a user's sandbox, which root has none of.
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


class Site:
    """A ``gems ui`` process with a fake server for its models."""

    def __init__(self, folder: Path, fake: FakeServer) -> None:
        self.folder, self.fake, self.home = folder, fake, folder / "home"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.starts = 0
        """Each says one line in the log."""
        self.process = self.start()

    def start(self) -> Process:
        self.starts += 1
        command = [str(BIN / "gems"), "ui", "--port", str(self.port)]
        process = Process(command, self.folder, settings_of(self.fake, self.home), "ui")
        process.wait_until_up(f"{self.url}/login")
        return process

    def kill(self) -> None:
        self.process.stop(signal.SIGKILL)


@contextmanager
def tab(browser: Browser, width: int = 1280, *, lost: bool = False, **options: Any) -> Iterator[Page]:
    """A page of its own; what it complains of fails the test, but that its server is ``lost``."""
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    page, complaints = context.new_page(), list[str]()

    def hear(said: ConsoleMessage) -> None:
        # Of a page that says what was wrong with a form, its status is no fault.
        about = said.location["url"] != page.url and not (lost and "net::ERR_" in said.text)
        if said.type == "error" and about:
            complaints.append(said.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_default_timeout(60_000)
    try:
        yield page
        assert not complaints, complaints
    finally:
        context.close()


def faults(page: Page) -> list[str]:
    """What axe finds that keeps people from using a page."""
    found = Axe().run(page).response["violations"]
    return [
        f"{fault['id']}: {node['target']} {node['failureSummary']}"
        for fault in found
        if fault["impact"] in GRAVE
        for node in fault["nodes"]
    ]


def overflow(page: Page) -> int:
    """By how many pixels a page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))
