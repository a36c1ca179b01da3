"""The first page, the runs that there were, and two of them side by side."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ...errors import GemsError, InputError
from ...memory.ledger import best_attempt
from ...memory.runs import RunRecord
from ...nodes.context import RunContext
from ..run_view import Cell, RunView, word_diff
from .forms import one, options_in, read_form
from .live import LiveRuns
from .render import html
from .runs import RunPages
from .source import Source

SHOWN, RECENT = 24, 6
"""Runs on a page of the list, and on the first page."""
HASHED = re.compile(r"[0-9a-f]{64}")
OUTCOMES = (
    "all_passed", "accepted", "max_rounds", "budget", "unverified", "unreliable", "failed", "cancelled",
    "paused", "unfinished",
)  # fmt: skip
NO_PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">'
    '<path d="M0 0h8v8H0z" fill="#8883"/></svg>'
)


class Filter(NamedTuple):
    """Which runs are looked for."""

    text: str = ""
    outcome: str = ""
    stars: int = 0
    """At least so many."""

    def fits(self, record: RunRecord) -> bool:
        """Whether a run is one of them."""
        words = self.text.casefold().split()
        said = f"{record.prompt} {record.thread_id}".casefold()
        return (
            all(word in said for word in words)
            and self.outcome in ("", record.outcome or "unfinished")
            and (record.rating or 0) >= self.stars
        )


def filter_in(query: Mapping[str, str]) -> Filter:
    """What a form asks for; what makes no sense asks for nothing."""
    stars, outcome = query.get("stars", ""), query.get("outcome", "")
    return Filter(
        text=query.get("q", "").strip(),
        outcome=outcome if outcome in OUTCOMES else "",
        stars=int(stars) if stars in ("1", "2", "3", "4", "5") else 0,
    )


class Listed(NamedTuple):
    """A run in a list."""

    record: RunRecord
    picture: str
    at_work: bool


class Lists:
    """The routes."""

    def __init__(self, source: Source, live: LiveRuns, runs: RunPages) -> None:
        self._source = source
        self._live = live
        self._runs = runs

    def first(self, request: Request) -> Response:
        """``GET /``: what is to be drawn; ``?prompt=`` has words to begin with."""
        return self._first(request, {"prompt": [request.query_params.get("prompt", "")]})

    def _first(
        self, request: Request, form: Mapping[str, list[str]] | None = None, error: str = ""
    ) -> Response:
        given = form or {}
        return html(
            request,
            "first",
            422 if error else 200,
            given=defaultdict(str, {name: values[0] for name, values in given.items()}),
            skills=self._source.skills(),
            defaults=RunContext(),
            embedded=self._source.embedded,
            recent=self._listed(self._source.records()[:RECENT]),
            error=error,
        )

    async def start(self, request: Request) -> Response:
        """``POST /runs``: draws what the form asks for."""
        form: dict[str, list[str]] = {}
        try:
            form = await read_form(request)
            prompt, options = one(form, "prompt"), options_in(form)
            stream = await asyncio.to_thread(self._source.draw, prompt, options)
        except GemsError as exc:
            return await asyncio.to_thread(self._first, request, form, str(exc))
        self._live.follow(stream)
        return RedirectResponse(f"/runs/{stream.thread_id}", 303)

    def runs(self, request: Request) -> Response:
        """``GET /runs``: the runs, the latest first."""
        wanted, asked = filter_in(request.query_params), request.query_params.get("page", "1")
        found = [record for record in self._source.records() if wanted.fits(record)]
        pages = max(1, -(-len(found) // SHOWN))
        number = min(int(asked), pages) if asked.isdecimal() and int(asked) else 1
        shown = found[(number - 1) * SHOWN : number * SHOWN]
        return html(
            request,
            "runs",
            wanted=wanted,
            outcomes=OUTCOMES,
            runs=self._listed(shown),
            count=len(found),
            number=number,
            pages=pages,
            query=str(request.url.remove_query_params("page").query),
        )

    def _listed(self, records: Sequence[RunRecord]) -> list[Listed]:
        at_work = set(self._live.at_work())
        return [Listed(record, picture_of(record), record.thread_id in at_work) for record in records]

    def thumbnail(self, request: Request) -> Response:
        """``GET /runs/THREAD/thumbnail``: where the small picture of a run is whose entry names none;
        a grey field where it has none yet."""
        values = self._source.facts(request.path_params["thread"])
        if not values["attempts"]:
            return Response(NO_PICTURE, media_type="image/svg+xml")
        digest = best_attempt(values)["image"]["sha256"]  # type: ignore[arg-type]
        return RedirectResponse(f"/pictures/{digest}.png?side=256", 302)

    def compare(self, request: Request) -> Response:
        """``GET /compare?run=...&run=...``: two runs side by side.

        Raises:
            InputError: they are not two.
        """
        threads = request.query_params.getlist("run")
        if len(threads) != 2:
            raise InputError(f"choose two runs to compare; {len(threads) or 'none'} chosen")
        one_run, other = (self._runs.view(thread) for thread in threads)
        return html(
            request,
            "compare",
            pair=(one_run, other),
            request_diff=word_diff(one_run.report["prompt"], other.report["prompt"]),
            prompt_diff=word_diff(best_prompt(one_run), best_prompt(other)),
            rows=rows_of(one_run, other),
        )


def picture_of(record: RunRecord) -> str:
    """The address of a run's small picture."""
    name = Path(record.image or "").stem
    if HASHED.fullmatch(name):
        return f"/pictures/{name}.png?side=256"
    return f"/runs/{record.thread_id}/thumbnail"


def best_prompt(view: RunView) -> str:
    """What a run's best picture was drawn from; without one, what the user asked for."""
    found = [item.text for item in view.rounds if view.best and item.number == view.best.round]
    return found[0] if found else view.report["prompt"]


def rows_of(one_run: RunView, other: RunView) -> list[tuple[str, Any, Any]]:
    """The requirements of two runs, equal ones in one row."""
    left, right = cells_by_statement(one_run), cells_by_statement(other)
    return [(name, left.get(name), right.get(name)) for name in {**left, **right}]


def cells_by_statement(view: RunView) -> dict[str, Cell]:
    """A run's requirements on its best picture."""
    return {cell.statement: cell for cell in view.cells}
