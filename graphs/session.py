"""A session: one set of settings with its models, stores and checkpoints, for many runs at once."""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from typing_extensions import Unpack

from ..errors import RunError
from ..memory.checkpoints import SharedCheckpointer
from ..memory.experiences import ExperienceStore
from ..memory.folders import make_folder
from ..memory.forks import forget_in_children
from ..memory.images import gems_version
from ..memory.run_table import open_runs
from ..memory.runs import RunRecord, Runs, name_thread
from ..memory.state import PauseReason, RunReport, RunResult
from ..models.chat.mllm import MLLM
from ..models.judges.judge import Judge
from ..models.loop import LoopCall, on_model_loop, run_blocking, until_done
from ..models.pictures.generator import Generator
from ..nodes.context import RunContext, check_context
from ..nodes.dependencies import Dependencies
from ..nodes.intake import check_prompt, check_text
from ..nodes.signals import Pause
from ..settings import Settings
from ..skills.catalogue import Catalogue
from .closing import Closing
from .execution import Emit, Executor
from .follow_ups import FollowUps
from .forks import Forks
from .limits import Limits
from .options import RunOptions
from .pruning import Prunes
from .ratings import Ratings
from .streams import EventBuffer, OnEvent, RunStream, Watcher


class Session(Forks, FollowUps, Limits, Prunes, Ratings, Closing):
    """Runs prompts, side by side if you like; models load once.

    Use it as a context manager, or ``close`` it: that stops what is under way, which can be resumed,
    and lets go of models, connections and files. Models and stores that you handed in stay open.

    Args:
        settings: instead of the ``GEMS_*`` environment variables.
        mllm, generator, judges, experiences, skills: your own, instead of what the settings name.
        interrupt_before: names of nodes before which every run pauses, for example ``["refiner"]``;
            ``resume`` goes on.
        deps: everything nodes work with, instead of all of the above but ``interrupt_before``.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        mllm: MLLM | None = None,
        generator: Generator | None = None,
        judges: Sequence[Judge] | None = None,
        experiences: ExperienceStore | None = None,
        skills: Catalogue | None = None,
        interrupt_before: Sequence[str] = (),
        deps: Dependencies | None = None,
    ) -> None:
        self.deps = deps or Dependencies(
            settings,
            mllm=mllm,
            generator=generator,
            judges=judges,
            experiences=experiences,
            skills=skills,
        )
        self.settings = self.deps.settings
        self.index: Runs = open_runs(self.settings)
        self._checkpointer = SharedCheckpointer(self.settings)
        self._executor = Executor(self.deps, self.index, self._checkpointer, interrupt_before)
        self._calls: WeakKeyDictionary[LoopCall[RunResult], str] = WeakKeyDictionary()
        self._starting = threading.Lock()
        self._closed = False
        forget_in_children(self)

    def generate(
        self,
        prompt: str,
        *,
        thread_id: str | None = None,
        out: Path | str | None = None,
        fresh: bool = False,
        on_event: OnEvent | None = None,
        **options: Unpack[RunOptions],
    ) -> RunResult:
        """Draws ``prompt`` and refines it until every question passes or a limit is met.

        Args:
            prompt: the user's words, at most 20,000 characters.
            thread_id: a name for the run; made from the prompt when not given.
            out: a folder to copy the best picture to, as ``THREAD.png``.
            fresh: begin anew where the name is taken, instead of refusing it or adding a number to it:
                the record and checkpoints of the other run are deleted, its pictures stay.
            on_event: hears what happens, in a thread of its own; the run does not wait for it.
            options: see ``RunOptions``.

        Raises:
            InputError: a prompt or option that cannot be used; nothing was started.
            RunError: with ``fresh``, the other run is under way.
            GemsError: the run could not go on; its ``thread_id`` names what to resume.
        """
        return self._wait(self._enter(prompt, thread_id, out, fresh, options), on_event)

    async def agenerate(
        self,
        prompt: str,
        *,
        thread_id: str | None = None,
        out: Path | str | None = None,
        fresh: bool = False,
        on_event: OnEvent | None = None,
        **options: Unpack[RunOptions],
    ) -> RunResult:
        """``generate`` for callers in an event loop. Cancelling it stops the run, to be resumed."""
        record = await asyncio.to_thread(self._enter, prompt, thread_id, out, fresh, options)
        return await self._await(record, on_event)

    def stream(
        self,
        prompt: str,
        *,
        thread_id: str | None = None,
        out: Path | str | None = None,
        fresh: bool = False,
        **options: Unpack[RunOptions],
    ) -> RunStream:
        """``generate`` as its events, the result last; read with ``for`` or ``async for``.

        Raises:
            InputError: a prompt or option that cannot be used; nothing was started.
        """
        return self._stream(self._enter(prompt, thread_id, out, fresh, options))

    astream = stream
    """The same: one stream can be read in both ways."""

    def resume(
        self, thread_id: str, *, answer: Any = None, on_event: OnEvent | None = None
    ) -> RunResult:
        """Goes on with a run from its last finished node; a finished run's result comes at once.

        Args:
            thread_id: the run's name.
            answer: what a run that paused for an answer is given.
            on_event: as for ``generate``.

        Raises:
            RunError: there is no such run, or it is under way elsewhere.
            GemsError: as for ``generate``.
        """
        return self._wait(self.index.read(thread_id), on_event, answer)

    async def aresume(
        self, thread_id: str, *, answer: Any = None, on_event: OnEvent | None = None
    ) -> RunResult:
        """``resume`` for callers in an event loop. Cancelling it stops the run, to be resumed again."""
        record = await asyncio.to_thread(self.index.read, thread_id)
        return await self._await(record, on_event, answer)

    def resume_stream(self, thread_id: str, *, answer: Any = None) -> RunStream:
        """``resume`` as its events; read with ``for`` or ``async for``.

        Raises:
            RunError: there is no such run.
        """
        return self._stream(self.index.read(thread_id), answer)

    def report(self, thread_id: str) -> RunReport:
        """What a run has so far, in the form of its result; ``outcome`` is None while unfinished.

        Raises:
            RunError: there is no such run.
        """
        return run_blocking(self._executor.report(self.index.read(thread_id)))

    def facts(self, thread_id: str) -> dict[str, Any]:
        """A run's state, as far as it has come; see ``RunState``. Errors as of ``report``."""
        return run_blocking(self._executor.facts(self.index.read(thread_id)))

    async def areport(self, thread_id: str) -> RunReport:
        """``report`` for callers in an event loop, with the same errors."""
        record = await asyncio.to_thread(self.index.read, thread_id)
        return await on_model_loop(self._executor.report(record))

    def cancel(self, thread_id: str) -> None:
        """Asks a run of this session to end at once; it does with its best picture, as ``cancelled``.
        One without a picture stops, and can be resumed."""
        self.deps.signals.stop(thread_id)

    def pause(self, thread_id: str, *, reason: PauseReason = "person", message: str = "") -> None:
        """Asks a run of this session to wait before the next round is thought about or drawn: what it
        has so far comes back as ``paused``, and ``resume`` goes on with it.

        Args:
            thread_id: the run's name.
            reason: whether a person or a limit wants it.
            message: why, in one line, for whoever reads the result.
        """
        self.deps.signals.pause(thread_id, Pause(reason, message))

    def close(self) -> None:
        """Stops the runs under way and lets go of everything the session opened; waits for that.

        Further runs are refused. Closing twice does no harm.
        """
        run_blocking(self._shut_down())

    async def aclose(self) -> None:
        """``close`` for callers in an event loop; returns when all runs have stopped."""
        await on_model_loop(self._shut_down())

    def _enter(
        self,
        prompt: str,
        thread_id: str | None,
        out: Path | str | None,
        fresh: bool,
        options: RunOptions,
    ) -> RunRecord:
        """Checks everything and enters the run in the index."""
        self._check_open(thread_id)
        prompt = check_prompt(prompt)
        context = self._check_options(options)
        if out is not None:
            out = make_folder(Path(check_text(str(out), "the name of the folder --out")))
        fixed = context.model_dump(exclude_defaults=True)
        record = RunRecord(
            thread_id=thread_id or name_thread(prompt, fixed, bool(self.settings.database_url)),
            prompt=prompt,
            context=fixed,
            created=time.time(),
            version=gems_version(),
            out=None if out is None else str(out),
        )
        return self.index.claim(record, exact=thread_id is not None, fresh=fresh)

    def forget(self) -> object:
        """See ``Forgets``: the runs under way are the parent's."""
        inherited = (self._calls, self._starting)
        self._calls, self._starting = WeakKeyDictionary(), threading.Lock()
        return inherited

    def _check_open(self, thread_id: str | None) -> None:
        if self._closed:
            raise RunError("the session is closed: open another one", thread_id)

    def _check_options(self, options: RunOptions) -> RunContext:
        """The options as a context, seed and models made explicit, so that a resume runs the same."""
        given = {name: value for name, value in options.items() if value is not None}
        given.setdefault("seed", secrets.randbelow(2**31))
        given.setdefault("mllm", self.settings.mllm)
        given.setdefault("generator", self.settings.generator)
        context = check_context(given)
        if context.skill not in {"auto", "none"}:
            self.deps.skills.chosen(context.skill)
        # What cannot be opened or paid is refused before there is a run to go on with.
        self.deps.prepare(context)
        return context

    def _start(self, record: RunRecord, emit: Emit, answer: Any = None) -> LoopCall[RunResult]:
        self._check_open(record.thread_id)
        thread = record.thread_id
        with self._starting:
            busy = {name for call, name in self._calls.items() if not call.future.done()}
            # What was asked of a thread while nothing of it ran is not meant for this run; this one is
            # refused where another is under way, which keeps what was asked of it.
            if thread not in busy:
                self.deps.signals.clear(thread)
            call = LoopCall(self._executor.run(record, emit, answer))
            self._calls[call] = thread
        return call

    def _stream(self, record: RunRecord, answer: Any = None) -> RunStream:
        buffer = EventBuffer()
        return RunStream(record.thread_id, buffer, self._start(record, buffer.put, answer))

    def _wait(self, record: RunRecord, on_event: OnEvent | None, answer: Any = None) -> RunResult:
        if on_event is None:
            return self._start(record, ignore, answer).wait()
        watcher = Watcher(on_event)
        try:
            return self._start(record, watcher.buffer.put, answer).wait()
        finally:
            watcher.end()

    async def _await(
        self, record: RunRecord, on_event: OnEvent | None, answer: Any = None
    ) -> RunResult:
        if on_event is None:
            return await until_done(self._start(record, ignore, answer))
        watcher = Watcher(on_event)
        try:
            return await until_done(self._start(record, watcher.buffer.put, answer))
        finally:
            await watcher.aend()

    async def _shut_down(self) -> None:
        self._closed = True
        calls = list(self._calls)
        for call in calls:
            call.cancel()
        for call in calls:
            with suppress(Exception, asyncio.CancelledError):
                await asyncio.wrap_future(call.future)
        await self._checkpointer.aclose()
        await self.deps.aclose()


def ignore(event: object) -> None:
    """Stands in for a watcher where nobody watches the run."""
