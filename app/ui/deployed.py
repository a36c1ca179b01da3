"""The runs of a deployed graph, over LangGraph's API: what ``gems ui --url`` shows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import Any, cast

import httpx
from langgraph_sdk import get_client, get_sync_client
from langgraph_sdk.client import SyncLangGraphClient
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response

from ...errors import AccessError, GemsError, InputError, RefusedError, RunError, UnreachableError
from ...events import Event
from ...graphs.forking import forked
from ...graphs.options import RunOptions
from ...graphs.serving import PICTURES
from ...memory.older import completed
from ...memory.run_record import THREAD
from ...memory.runs import RunRecord
from ...memory.state import PauseAsk, PauseInfo, RunReport, RunState
from ...nodes.context import check_context
from ...nodes.dependencies import Dependencies
from ...nodes.intake import check_prompt
from ...nodes.results import report
from ..http.pictures import HASH, not_found

GRAPH = "gems"
LISTED = 300
"""Threads that are listed, the latest."""
AT_WORK = ("pending", "running")
"""What a server calls its runs that have not come to an end."""
SECONDS = 30.0
"""What one answer may take."""
KEPT = ("content-type", "cache-control", "etag")
"""What is passed on of how a picture is sent."""


class Deployed:
    """The runs that a graph server keeps; see ``Source``.

    Args:
        url: where it is.
        key: what it lets in; None: it wants none.
    """

    def __init__(self, url: str, key: SecretStr | None) -> None:
        self.url = url.rstrip("/")
        self.headers = {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}
        self.deps = Dependencies()
        self.embedded = False

    @cached_property
    def _client(self) -> SyncLangGraphClient:
        return get_sync_client(url=self.url, api_key=None, headers=self.headers, timeout=SECONDS)

    @cached_property
    def _pictures(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, headers=self.headers, timeout=SECONDS)

    @contextmanager
    def asking(self, thread: str = "") -> Iterator[None]:
        """Turns what goes wrong with the server into errors of ours; what cannot name a thread there
        is not asked for."""
        if thread and not THREAD.fullmatch(thread):
            raise RunError(f"the graph server has no run {thread[:60]!r}")
        try:
            yield
        except httpx.HTTPStatusError as exc:
            raise refusal(exc, thread) from exc
        except httpx.HTTPError as exc:
            raise UnreachableError(
                f"the graph server at {self.url} cannot be reached: {exc or type(exc).__name__}"
            ) from exc

    def skills(self) -> list[str]:
        """None that is known here; the server's planner chooses."""
        return []

    def records(self) -> list[RunRecord]:
        """The threads that the key may see and that hold a run."""
        with self.asking():
            threads = self._client.threads.search(
                metadata={"graph_id": GRAPH}, limit=LISTED, sort_by="created_at", sort_order="desc"
            )
        return [found for found in map(record_of, threads) if found.prompt]

    def record(self, thread: str) -> RunRecord:
        """A thread, as the index would hold it."""
        with self.asking(thread):
            return record_of(self._client.threads.get(thread))

    def facts(self, thread: str) -> dict[str, Any]:
        """The thread's values."""
        found: dict[str, Any] = completed(self._state(thread)["values"] or {})
        return found

    def report(self, thread: str) -> RunReport:
        """From the thread's values, with what it waits for."""
        state = self._state(thread)
        found = report(cast(RunState, completed(state["values"] or {})), self.deps, thread)
        asks = [PauseAsk(id=item["id"], value=item["value"]) for item in state["interrupts"]]
        if asks:
            found["pause"] = PauseInfo(
                reason="person", message="waits for an answer", waits_for=state["next"], asks=asks
            )
        found["prompt"] = found["prompt"] or self.record(thread).prompt
        return found

    def _state(self, thread: str) -> Any:
        with self.asking(thread):
            return self._client.threads.get_state(thread)

    def file(self, thread: str) -> str:
        """What the server makes of it."""
        with self.asking(thread):
            path = f"{self.url}/gems/runs/{thread}.html"
            answer = httpx.get(path, headers=self.headers, timeout=SECONDS)
            return answer.raise_for_status().text

    def draw(self, prompt: str, options: RunOptions) -> DeployedStream:
        """On a thread of its own, which goes again where the server refuses the run."""
        prompt = check_prompt(prompt)
        check_context(options)
        thread = self._thread(prompt)
        try:
            return self._run(thread, input={"prompt": prompt}, context=options)
        except GemsError:
            with self.asking(thread):
                self._client.threads.delete(thread)
            raise

    def _thread(self, prompt: str) -> str:
        """A new thread; until its first checkpoint only its metadata say what is drawn."""
        with self.asking():
            made = self._client.threads.create(metadata={"graph_id": GRAPH, "prompt": prompt})
        return made["thread_id"]

    def resume(self, thread: str, answer: Mapping[str, Any] | None = None) -> DeployedStream:
        """From the thread's last checkpoint."""
        if answer is None:
            return self._run(thread, input=None)
        return self._run(thread, command={"resume": answer})

    def _run(self, thread: str, **given: Any) -> DeployedStream:
        with self.asking(thread):
            run = self._client.runs.create(
                thread,
                GRAPH,
                stream_mode="custom",
                stream_resumable=True,
                multitask_strategy="reject",
                **given,
            )
        return DeployedStream(self, thread, run["run_id"])

    def fork(
        self, thread: str, after: int, prompt: str | None, verdicts: Mapping[str, str]
    ) -> DeployedStream:
        """On a thread of its own that begins with the facts up to the round."""
        values = self._state(thread)["values"] or {}
        facts, node = forked(values, after, prompt, verdicts)
        other = self._thread(str(values.get("prompt", "")))
        with self.asking(other):
            held = {**facts, "knobs": values.get("knobs") or {}}
            self._client.threads.update_state(other, held, as_node=node)
        return self.resume(other)

    def follow_up(self, thread: str, change: str) -> DeployedStream:
        """As a turn of the same thread."""
        return self._run(thread, input={"follow_up": check_prompt(change)})

    def cancel(self, thread: str) -> None:
        """Cancels what is at work on the thread."""
        with self.asking(thread):
            for run in self._client.runs.list(thread, limit=10):
                if run["status"] in AT_WORK:
                    self._client.runs.cancel(thread, run["run_id"])

    def rate(self, thread: str, stars: int | None) -> None:
        """Kept in the thread's metadata."""
        if stars is not None and not 1 <= stars <= 5:
            raise InputError(f"a rating is 1 to 5 stars, not {stars}")
        with self.asking(thread):
            self._client.threads.update(thread, metadata={"rating": stars})

    def delete(self, thread: str) -> None:
        """The thread, with which the server's pictures of it go.

        Raises:
            InputError: it is at work.
        """
        with self.asking(thread):
            if any(run["status"] in AT_WORK for run in self._client.runs.list(thread, limit=10)):
                raise InputError("this run is at work: stop it first, or wait for it")
            self._client.threads.delete(thread)

    async def picture(self, request: Request) -> Response:
        """``GET /pictures/SHA256.png``: the server's, for browsers that have no key of it."""
        digest, side = request.path_params["sha256"], request.query_params.get("side")
        if not HASH.fullmatch(digest):
            return not_found()
        with self.asking():
            answer = await self._pictures.get(
                f"{PICTURES}/{digest}.png", params={"side": side} if side else {}
            )
        headers = {name: answer.headers[name] for name in KEPT if name in answer.headers}
        return Response(answer.content, answer.status_code, headers=headers)

    async def aclose(self) -> None:
        """What runs on the server goes on."""
        await self._pictures.aclose()
        await asyncio.to_thread(self._client.close)


class DeployedStream:
    """A run at work on the server, as its events; see ``Stream``."""

    def __init__(self, source: Deployed, thread: str, run: str) -> None:
        self.thread_id = thread
        self._source = source
        self._run = run

    async def __aiter__(self) -> AsyncIterator[Event]:
        url, headers = self._source.url, self._source.headers
        with self._source.asking(self.thread_id):
            async with get_client(url=url, api_key=None, headers=headers) as client:
                async for part in client.runs.join_stream(
                    self.thread_id, self._run, last_event_id="-1"
                ):
                    if part.event == "custom":
                        yield cast(Event, part.data)
                thread: Mapping[str, Any] = await client.threads.get(self.thread_id)
        if thread["status"] == "error":
            failed = thread.get("error")
            told = failed.get("message") if isinstance(failed, Mapping) else failed
            raise RefusedError(str(told or "the run failed on the server; its log says why"))


def refusal(error: httpx.HTTPStatusError, thread: str) -> GemsError:
    """What an answer of the server means here."""
    status = error.response.status_code
    if status in (401, 403):
        return AccessError(
            "the graph server wants a key: set GEMS_SERVER_KEY (gems keys add NAME there)"
        )
    if status == 404:
        return RunError(f"the graph server has no run {thread!r}")
    if status == 409:
        return RunError("this run is at work on the server: stop it first, or wait for it", thread)
    if status == 422:
        return InputError(f"the graph server refuses it: {error}")
    return RefusedError(f"the graph server answers {status}: {error}")


def record_of(thread: Mapping[str, Any]) -> RunRecord:
    """A thread as the index of runs would hold it."""
    values, about = thread.get("values") or {}, thread.get("metadata") or {}
    rating = about.get("rating")
    waits = "paused" if thread.get("status") == "interrupted" else None
    return RunRecord(
        thread_id=thread["thread_id"],
        prompt=str(values.get("prompt") or about.get("prompt") or ""),
        context=values.get("knobs") or {},
        created=seconds_of(thread.get("created_at")),
        version="",
        outcome=values.get("outcome") or waits,
        image=values.get("image"),
        passed=values.get("passed"),
        total=values.get("total"),
        rating=rating if rating in range(1, 6) else None,
    )


def seconds_of(moment: Any) -> float:
    """A server's time, in whichever form it comes, in seconds since the epoch."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return moment.timestamp() if isinstance(moment, datetime) else 0.0
