"""How the page is written: templates with what all of them are given."""

from __future__ import annotations

import hashlib
import time
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from ...memory.images import gems_version
from ...models.prices import money_text

HERE = Path(__file__).parent
STATIC = (HERE.parent / "run_view.css", *sorted((HERE / "static").iterdir()))
"""What the page loads: the style of a run, which its report has too, and the page's own files."""
NAVIGATION = (
    ("/", "New"),
    ("/runs", "Runs"),
    ("/skills", "Skills"),
    ("/experiences", "Memory"),
    ("/settings", "Settings"),
)


@cache
def templates() -> Environment:
    """The page's templates and those of the report."""
    made = Environment(
        loader=FileSystemLoader([HERE, HERE.parent]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["moment"] = moment
    made.filters["plainly"] = plainly
    made.filters["money"] = money_text
    made.globals.update(version=gems_version(), stamp=stamp())
    return made


@cache
def stamp() -> str:
    """Names the version of what the page loads, which browsers keep."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in STATIC)).hexdigest()[:12]


def moment(seconds: float) -> str:
    """A time since the epoch as people read it, and in a form for programs where no calendar has it."""
    try:
        return time.strftime("%-d %b %Y, %H:%M", time.localtime(seconds))
    except (OverflowError, ValueError, OSError):
        return "at some time"


def plainly(name: str | None) -> str:
    """An outcome as people say it."""
    return (name or "unfinished").replace("_", " ")


def html(request: Request, template: str, status: int = 200, **fields: Any) -> HTMLResponse:
    """A page. May block."""
    there = {getattr(route, "path", "") for route in request.app.routes}
    navigation = [(path, name) for path, name in NAVIGATION if path in there]
    text = written(template, here=request.url.path, navigation=navigation, **fields)
    return HTMLResponse(text, status)


def written(template: str, **fields: Any) -> str:
    """What a template makes of ``fields``."""
    return templates().get_template(f"{template}.html.jinja").render(fields)
