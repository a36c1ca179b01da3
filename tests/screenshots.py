"""Draws in the web page and keeps what people see: ``python tests/screenshots.py``.

The pictures are those of the documentation, ``docs/page-*.webp``; needs Chromium (``make servers``).
"""

from __future__ import annotations

import argparse
import io
import tempfile
from pathlib import Path

from browser import chromium, tab
from graph_server import BIN, ROOT, Process, free_port
from PIL import Image
from playwright.sync_api import Browser, Page

PROMPT, SEED = "three orange cats, a blue dog and a yellow sun", "3"
WAIT = 120_000
"""Milliseconds that a run may take."""


def ask(page: Page, url: str, prompt: str, **options: str) -> None:
    page.goto(url)
    page.get_by_label("What shall be drawn?").fill(prompt)
    page.get_by_text("Options", exact=True).click()
    for name, value in options.items():
        page.locator(f"[name={name}]").fill(value)
    page.get_by_role("button", name="Draw").click()


def keep(page: Page, path: Path, width: int) -> None:
    """What the window shows, ``width`` pixels wide."""
    with Image.open(io.BytesIO(page.screenshot())) as seen:
        seen.thumbnail((width, 10_000))
        seen.convert("RGB").save(path, "WEBP", quality=80, method=6)


def look(browser: Browser, url: str, prompt: str, out: Path) -> None:
    with tab(browser, 1180, device_scale_factor=1.5) as page:
        page.set_viewport_size({"width": 1180, "height": 1190})
        ask(page, url, prompt, seed=SEED)
        page.locator("#round-3").wait_for(timeout=WAIT)
        page.locator("progress").wait_for(timeout=WAIT)
        keep(page, out / "page-live.webp", 1180)
        page.get_by_text("how good is it?").wait_for(timeout=WAIT)
        run = page.url
    with tab(browser, 390, device_scale_factor=2, color_scheme="dark") as page:
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(run)
        page.wait_for_load_state("networkidle")
        keep(page, out / "page-phone.webp", 390)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prompt", default=PROMPT, help="what is drawn; one that needs three rounds")
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        command = [str(BIN / "gems"), "ui", "--port", str(port)]
        site = Process(command, Path(folder), {"GEMS_HOME": f"{folder}/home"}, "ui")
        try:
            site.wait_until_up(f"{url}/login")
            look(browser, url, options.prompt, options.out)
        finally:
            site.stop()


if __name__ == "__main__":
    main()
