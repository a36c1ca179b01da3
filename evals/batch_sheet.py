"""The contact sheet of a night's work: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..memory.files import write_file
from .batch import FAILED, Done
from .report import PAGES, thumbnail

THUMB = 224
"""Pixels a side of a picture."""


def write_sheet(title: str, done: Sequence[Done], out: Path) -> Path:
    """Writes ``sheet.html``; its path.

    Raises:
        StorageError: it cannot be written.
    """
    shown = [(thumbnail(out / one.picture, THUMB) if one.picture else "", one) for one in done]
    page = PAGES.get_template("batch.html.jinja").render(
        title=title, shown=shown, thumb=THUMB, failed=FAILED
    )
    path = out / "sheet.html"
    write_file(path, page.encode("utf-8", "replace"))
    return path
