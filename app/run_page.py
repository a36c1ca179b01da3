"""A run as one HTML file that needs nothing else: what ``gems show --html`` writes."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..memory.state import ImageRef, RunReport
from ..models.prices import money_text
from ..nodes.dependencies import Dependencies
from .run_view import view_of

SIDE = 640
"""Longest side of the pictures in the page, in pixels: the files themselves are linked."""
HERE = Path(__file__).parent
PAGES = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined)
PAGES.filters["money"] = money_text


class Embedded:
    """Pictures as part of the page; see ``Places``."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    def small(self, image: ImageRef) -> str:
        """A data URL."""
        return small_url(self._deps.images.fetch(image))

    def whole(self, image: ImageRef) -> str:
        """Where a server's clients find it, else the file on this machine."""
        if self._deps.picture_url:
            return self._deps.picture_url(image)
        return self._deps.images.fetch(image).as_uri()


def small_url(path: Path) -> str:
    """A picture as a data URL of bounded size; empty where it is gone."""
    from PIL import Image

    try:
        with Image.open(path) as picture:
            small = picture.convert("RGB")
    except OSError:
        return ""
    small.thumbnail((SIDE, SIDE))
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=85)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def page(report: RunReport, values: Mapping[str, Any], deps: Dependencies) -> str:
    """The page. May block."""
    template = PAGES.get_template("run_page.html.jinja")
    return template.render(view=view_of(report, values, Embedded(deps)))
