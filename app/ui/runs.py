"""A run's page: as it is, as it happens, and what people do with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from ...errors import GemsError, InputError
from ...events import Event
from ...memory.state import ImageRef, RunReport, RunResult, RunState
from ...nodes.results import report as report_of
from ..reviewing import question_in
from ..run_view import RunView, view_of
from .forms import answer_in, briefing_in, number, one, read_form, stars_in
from .live import LiveRun, LiveRuns
from .overlay import with_events
from .phases import phase_of, progress_of
from .render import html, written
from .source import Source, Stream

PAUSE, PATIENCE = 0.2, 15.0
"""Seconds between two views of a run at work: at least, and at most, for the connection's sake."""
GLANCE = 2.0
"""Seconds between two looks at a run that is not at work here: it may be elsewhere."""
STILL_HERE = ": still here\n\n"


class Served:
    """Pictures by the addresses of the page; see ``Places``."""

    def small(self, image: ImageRef) -> str:
        """As large as screens show it."""
        return f"/pictures/{image['sha256']}.png?side=1024"

    def whole(self, image: ImageRef) -> str:
        """The file."""
        return f"/pictures/{image['sha256']}.png"


class RunPages:
    """The routes of single runs."""

    def __init__(self, source: Source, live: LiveRuns) -> None:
        self._source = source
        self._live = live

    def fields(self, thread: str, error: str = "") -> dict[str, Any]:
        """What the page of a run shows. May block.

        Raises:
            GemsError: there is no such run, or it cannot be read.
        """
        record, run = self._source.record(thread), self._live.get(thread)
        at_work = run is not None and not run.over
        events: list[Event] = list(run.events) if run is not None and at_work else []
        view = self.view(thread, events if at_work else None)
        return {
            "thread": thread,
            "record": record,
            "view": view,
            "at_work": at_work,
            "phase": phase_of(events),
            "progress": progress_of(events),
            "question": question_in(cast(RunResult, view.report)),
            "error": error or (run.error if run is not None and not at_work else ""),
        }

    def view(self, thread: str, events: list[Event] | None = None) -> RunView:
        """A run as it is stored, of one at work with what was heard since. May block."""
        source = self._source
        values = source.facts(thread)
        if events is None:
            return view_of(source.report(thread), values, Served())
        known = with_events(values, source.record(thread).prompt, events)
        report: RunReport = report_of(cast(RunState, {**known, "outcome": None}), source.deps, thread)
        return view_of(report, known, Served())

    def show(self, request: Request) -> Response:
        """``GET /runs/THREAD``."""
        return html(request, "run", **self.fields(request.path_params["thread"]))

    def report(self, request: Request) -> Response:
        """``GET /runs/THREAD/report.html``: the run as one file, to be kept or sent."""
        thread = request.path_params["thread"]
        text = self._source.file(thread)
        headers = {"Content-Disposition": f'attachment; filename="{thread}.html"'}
        return Response(text, media_type="text/html", headers=headers)

    async def live(self, request: Request) -> Response:
        """``GET /runs/THREAD/live``: the run's view, again whenever it changed, until it has ended."""
        thread = request.path_params["thread"]
        await asyncio.to_thread(self._source.record, thread)
        headers = {"X-Accel-Buffering": "no"}
        return StreamingResponse(self._views(thread), media_type="text/event-stream", headers=headers)

    async def _views(self, thread: str) -> AsyncIterator[str]:
        last, ended = "", False
        while not ended and not self._live.ending.is_set():
            run = self._live.get(thread)
            seen = run.version if run is not None else 0
            text, ended = await self._latest(thread, run)
            yield message("view", text) if text != last else STILL_HERE
            last = text
            if ended:
                yield message("end", "")
            else:
                await self._change(run, seen)

    async def _latest(self, thread: str, run: LiveRun | None) -> tuple[str, bool]:
        """See ``_seen``; of a run at work each version is written once, however many watch."""
        if run is None or run.over:
            return await asyncio.to_thread(self._seen, thread)
        async with run.writing:
            version, text = run.shown
            if version == run.version:
                return text, False
            version = run.version
            text, ended = await asyncio.to_thread(self._seen, thread)
            run.shown = (version, text)
            return text, ended

    async def _change(self, run: LiveRun | None, seen: int) -> None:
        """Waits until there may be more to see of a run than version ``seen``."""
        at_work = run is not None and not run.over
        with suppress(TimeoutError):
            await asyncio.wait_for(self._live.ending.wait(), PAUSE if at_work else GLANCE)
        if run is not None and at_work:
            await run.changes(seen, PATIENCE)

    def _seen(self, thread: str) -> tuple[str, bool]:
        """A run's view as it is now, and whether that stays so. May block."""
        try:
            fields = self.fields(thread)
        except GemsError as exc:
            return written("trouble", line=str(exc)), False
        ended = not fields["at_work"] and fields["view"].report["outcome"] is not None
        return written("run_live", **fields), ended

    async def stop(self, request: Request) -> Response:
        """``POST /runs/THREAD/stop``: it ends with its best picture."""
        thread = request.path_params["thread"]
        await asyncio.to_thread(self._source.cancel, thread)
        return RedirectResponse(f"/runs/{thread}", 303)

    async def resume(self, request: Request) -> Response:
        """``POST /runs/THREAD/resume``: it goes on from its last finished step."""
        thread = request.path_params["thread"]
        return await self._begin(request, thread, lambda: self._source.resume(thread))

    async def answer(self, request: Request) -> Response:
        """``POST /runs/THREAD/answer``: what a person says of a round, or before the first."""
        thread, form = request.path_params["thread"], await read_form(request)
        said = briefing_in(form) if one(form, "before") else answer_in(form)
        return await self._begin(request, thread, lambda: self._source.resume(thread, said))

    async def fork(self, request: Request) -> Response:
        """``POST /runs/THREAD/fork``: another way from a round, as a run of its own."""
        thread, form = request.path_params["thread"], await read_form(request)

        def begin() -> Stream:
            after = number(form, "round", int)
            if after is None:
                raise InputError("say after which round the runs differ")
            prompt, verdicts = one(form, "prompt") or None, answer_in(form).get("verdicts", {})
            return self._source.fork(thread, after, prompt, verdicts)

        return await self._begin(request, thread, begin)

    async def follow_up(self, request: Request) -> Response:
        """``POST /runs/THREAD/follow-up``: what is to be different about its picture."""
        thread, form = request.path_params["thread"], await read_form(request)
        change = one(form, "change")
        return await self._begin(request, thread, lambda: self._source.follow_up(thread, change))

    async def rate(self, request: Request) -> Response:
        """``POST /runs/THREAD/rate``: a person's stars."""
        thread, form = request.path_params["thread"], await read_form(request)
        try:
            await asyncio.to_thread(self._source.rate, thread, stars_in(form))
        except GemsError as exc:
            return await self._refused(request, thread, exc)
        return RedirectResponse(f"/runs/{thread}", 303)

    async def delete(self, request: Request) -> Response:
        """``POST /runs/THREAD/delete``: it goes, with its pictures."""
        thread = request.path_params["thread"]
        try:
            self._check_at_rest(thread)
            await asyncio.to_thread(self._source.delete, thread)
        except GemsError as exc:
            return await self._refused(request, thread, exc)
        self._live.forget(thread)
        return RedirectResponse("/runs", 303)

    def _check_at_rest(self, thread: str) -> None:
        run = self._live.get(thread)
        if run is not None and not run.over:
            raise InputError("this run is at work: stop it first, or wait for it")

    async def _begin(self, request: Request, thread: str, begin: Callable[[], Stream]) -> Response:
        """Sets a run going and shows it; where that cannot be, why."""
        try:
            self._check_at_rest(thread)
            stream = await asyncio.to_thread(begin)
        except GemsError as exc:
            return await self._refused(request, thread, exc)
        self._live.follow(stream)
        return RedirectResponse(f"/runs/{stream.thread_id}", 303)

    async def _refused(self, request: Request, thread: str, error: GemsError) -> Response:
        fields = await asyncio.to_thread(self.fields, thread, str(error))
        return await asyncio.to_thread(html, request, "run", 422, **fields)


def message(event: str, text: str) -> str:
    """A server-sent event."""
    lines = "".join(f"data: {line}\n" for line in text.splitlines() or [""])
    return f"event: {event}\n{lines}\n"
