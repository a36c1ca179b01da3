"""Runs the loop from a prompt to a picture: the one-liner of the library, and what the command line
and the web page build on."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from pydantic import ValidationError

from ..errors import GemsError, InputError, RunError, StorageError
from ..memory.checkpoints import SharedCheckpointer, storage_errors
from ..memory.images import gems_version
from ..memory.runs import RunIndex, RunRecord, name_thread
from ..memory.state import RunInput, RunResult, RunState
from ..models.loop import on_model_loop, run_blocking
from ..nodes.context import RunContext
from ..nodes.dependencies import Dependencies
from ..nodes.finish import summarize
from ..nodes.intake import check_prompt
from ..settings import Settings, load_settings
from .refinement import Graph, build_graph

Event = dict[str, Any]
OnEvent = Callable[[Event], None]
"""Called with every event of a run (``{"event": "verdict", ...}``), from another thread."""


class Session:
    """One set of settings with its models, stores and checkpoints, for many runs at once.

    Give your own models with ``deps``; without it everything follows the settings.
    """

    def __init__(self, settings: Settings | None = None, deps: Dependencies | None = None) -> None:
        self.deps = deps or Dependencies(settings)
        self.settings = self.deps.settings
        self.index = RunIndex(self.settings.root / "runs")
        self._checkpointer = SharedCheckpointer(self.settings)

    async def generate(
        self,
        prompt: str,
        *,
        thread_id: str | None = None,
        out: Path | str | None = None,
        on_event: OnEvent | None = None,
        **knobs: Any,
    ) -> RunResult:
        """Draws ``prompt`` and refines it until every question passes or a limit is met.

        Args:
            prompt: the user's words.
            thread_id: a name for the run; made from the prompt when not given.
            out: a folder to copy the best picture to, as ``THREAD.png``.
            on_event: hears what happens, as it happens.
            knobs: fields of ``RunContext``: rounds, candidates, seed, skill, memory and so on.

        Raises:
            InputError: a prompt or knob that cannot be used; nothing was started.
            GemsError: the run could not go on; its ``thread_id`` attribute names what to resume.
        """
        record = self._enter(prompt, thread_id, out, knobs)
        return await on_model_loop(self._guarded(record, on_event))

    async def resume(self, thread_id: str, *, on_event: OnEvent | None = None) -> RunResult:
        """Goes on with a run from its last finished node; a finished run's result comes at once.

        Raises:
            RunError: there is no such run, or another process is at it.
            GemsError: as for ``generate``.
        """
        record = self.index.read(thread_id)
        return await on_model_loop(self._guarded(record, on_event))

    async def so_far(self, thread_id: str) -> dict[str, Any]:
        """What a run has so far, laid out like its result; ``outcome`` is None while unfinished.

        Raises:
            RunError: there is no such run.
        """
        return await on_model_loop(self._so_far(self.index.read(thread_id)))

    def cancel(self, thread_id: str) -> None:
        """Asks a run of this process to stop; it ends with its best picture, as ``cancelled``."""
        self.deps.stops.request(thread_id)

    def _enter(
        self, prompt: str, thread_id: str | None, out: Path | str | None, knobs: Mapping[str, Any]
    ) -> RunRecord:
        prompt = check_prompt(prompt)
        context = self._check_knobs(knobs)
        if out is not None:
            out = make_folder(Path(out))
        fixed = context.model_dump(exclude_defaults=True)
        unique = self.settings.database_url is not None
        record = RunRecord(
            thread_id=thread_id or name_thread(prompt, fixed, unique),
            prompt=prompt,
            context=fixed,
            created=time.time(),
            version=gems_version(),
            out=None if out is None else str(out),
        )
        return self.index.claim(record, exact=thread_id is not None)

    def _check_knobs(self, knobs: Mapping[str, Any]) -> RunContext:
        """The knobs as a context, seed and models made explicit, so that a resume runs the same."""
        given = {name: value for name, value in knobs.items() if value is not None}
        given.setdefault("seed", secrets.randbelow(2**31))
        given.setdefault("mllm", self.settings.mllm)
        given.setdefault("generator", self.settings.generator)
        context = check_context(given)
        if context.skill not in {"auto", "none"}:
            self.deps.skills.get(context.skill)
        self.deps.mllm(context)
        self.deps.generator(context)
        return context

    async def _guarded(self, record: RunRecord, on_event: OnEvent | None) -> RunResult:
        try:
            with self.index.hold(record.thread_id):
                return await self._run(record, on_event)
        except storage_errors() as exc:
            error: GemsError = StorageError(f"the run could not be stored: {exc}; make room")
            error.thread_id = record.thread_id  # type: ignore[attr-defined]
            raise error from exc
        except GemsError as exc:
            exc.thread_id = record.thread_id  # type: ignore[attr-defined]
            raise

    async def _run(self, record: RunRecord, on_event: OnEvent | None) -> RunResult:
        config = config_for(record)
        context = check_context(record.context)
        async with self._graph() as graph:
            snapshot = await graph.aget_state(config)
            if on_event is not None:
                on_event(started(record, context))
            start = None if snapshot.next else RunInput(prompt=record.prompt)
            if snapshot.next or not snapshot.values.get("outcome"):
                await stream(graph, start, config, context, on_event)
                snapshot = await graph.aget_state(config)
        return await asyncio.to_thread(self._deliver, record, to_result(snapshot.values))

    async def _so_far(self, record: RunRecord) -> dict[str, Any]:
        async with self._graph() as graph:
            snapshot = await graph.aget_state(config_for(record))
        values = snapshot.values
        if not snapshot.next and values.get("outcome"):
            result = dict(to_result(values))
            return {**result, "image": record.image or result["image"]}
        result = summarize(cast(RunState, values), self.deps) if values.get("attempts") else {}
        head = {"thread_id": record.thread_id, "outcome": None, "prompt": record.prompt}
        return {"rounds": [], "warnings": [], "image": None, **result, **head}

    @asynccontextmanager
    async def _graph(self) -> AsyncIterator[Graph]:
        async with self._checkpointer.use() as saver:
            yield build_graph(deps=self.deps, checkpointer=saver)

    def _deliver(self, record: RunRecord, result: RunResult) -> RunResult:
        """Copies the picture to where it was asked for and notes how the run ended."""
        if record.out is not None:
            target = Path(record.out) / f"{record.thread_id}.png"
            copy_file(Path(result["image"]), target)
            result["image"] = str(target)
        ended = {key: result[key] for key in ("outcome", "image", "passed", "total")}
        self.index.write(record.model_copy(update=ended))
        return result


def check_context(knobs: Mapping[str, Any]) -> RunContext:
    """``knobs`` as a context.

    Raises:
        InputError: a knob does not exist or has a value out of range.
    """
    try:
        return RunContext.model_validate(dict(knobs))
    except ValidationError as exc:
        first = exc.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{name} = {first.get('input')!r}: {first['msg']}") from exc


def started(record: RunRecord, context: RunContext) -> Event:
    """The first event of a run, or of its resume."""
    return {
        "event": "started",
        "thread_id": record.thread_id,
        "seed": context.seed,
        "mllm": context.mllm,
        "generator": context.generator,
    }


def config_for(record: RunRecord) -> RunnableConfig:
    """The LangGraph configuration of a run."""
    return {"configurable": {"thread_id": record.thread_id}}


async def stream(
    graph: Graph,
    start: RunInput | None,
    config: RunnableConfig,
    context: RunContext,
    on_event: OnEvent | None,
) -> None:
    """Runs the graph to its end, each step's checkpoint written before the next step begins."""
    events = graph.astream(
        start,
        config,
        context=context,
        stream_mode="custom",
        durability="sync",
    )
    async for event in events:
        if on_event is not None:
            on_event(event)


def to_result(values: Mapping[str, Any]) -> RunResult:
    """The result in a finished run's state."""
    return cast(RunResult, {key: values[key] for key in RunResult.__annotations__})


def make_folder(folder: Path) -> Path:
    """``folder``, absolute, made when missing and tried for writing.

    Raises:
        StorageError: nothing can be written there.
    """
    folder = folder.expanduser().absolute()
    probe = folder / f".gems-{secrets.token_hex(4)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as exc:
        raise StorageError(
            f"cannot write to the folder {folder}: {exc.strerror}; choose another with --out"
        ) from exc
    return folder


def copy_file(source: Path, target: Path) -> None:
    """Copies a picture.

    Raises:
        StorageError: it cannot be read or written.
    """
    try:
        shutil.copyfile(source, target)
    except OSError as exc:
        raise StorageError(
            f"the picture lies at {source}, copying it to {target} failed: {exc.strerror}"
        ) from exc


_sessions: dict[Settings, Session] = {}
_sessions_lock = threading.Lock()


def default_session() -> Session:
    """The session of the process's settings, made once, so that models load once."""
    settings = load_settings()
    with _sessions_lock:
        if settings not in _sessions:
            _sessions[settings] = Session(settings)
        return _sessions[settings]


async def agenerate(prompt: str, **options: Any) -> RunResult:
    """From a prompt to a verified picture; see ``Session.generate`` for the options."""
    return await default_session().generate(prompt, **options)


def generate(prompt: str, **options: Any) -> RunResult:
    """From a prompt to a verified picture; see ``Session.generate`` for the options.

    >>> generate("two red circles and a blue square", seed=7)["outcome"]  # doctest: +SKIP
    'all_passed'
    """
    return run_blocking(agenerate(prompt, **options))


async def aresume(thread_id: str, *, on_event: OnEvent | None = None) -> RunResult:
    """Goes on with an unfinished run; see ``Session.resume``."""
    return await default_session().resume(thread_id, on_event=on_event)


def resume(thread_id: str, *, on_event: OnEvent | None = None) -> RunResult:
    """Goes on with an unfinished run; see ``Session.resume``."""
    return run_blocking(aresume(thread_id, on_event=on_event))


__all__ = [
    "OnEvent",
    "RunError",
    "Session",
    "agenerate",
    "aresume",
    "default_session",
    "generate",
    "resume",
]
