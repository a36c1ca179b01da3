"""One run of the graph on the model loop: begun, gone on with, and reported when it ends or pauses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.types import Command, StateSnapshot

from ..errors import GemsError, InputError, NotInWorldError, RunError
from ..events import Event, RequirementsFound
from ..memory.checkpoints import SharedCheckpointer, pictures_of, storing
from ..memory.ledger import pictures_in
from ..memory.older import completed
from ..memory.runs import RunRecord, Runs
from ..memory.state import RunReport, RunResult
from ..models.text import clean_text
from ..nodes.context import RunContext
from ..nodes.dependencies import Dependencies
from .delivery import deliver, hand_over, paused, result_in, told_of
from .forking import forked
from .holding import held
from .inputs import config_for, input_for, known_options, started
from .refinement import Graph, build_graph
from .standing import (
    begins_turn,
    check_that_it_goes_on,
    check_that_it_takes_a_turn,
    has_drawn_since,
    is_over,
    located,
    pause_of,
    unfinished,
    with_turn,
)

if TYPE_CHECKING:
    from .schemas import GraphInput

Emit = Callable[[Event], None]
"""Takes an event; returns at once and raises nothing."""


class Executor:
    """Runs graphs with one set of dependencies and stores. Its coroutines belong on the model loop."""

    def __init__(
        self,
        deps: Dependencies,
        index: Runs,
        checkpointer: SharedCheckpointer,
        interrupt_before: Sequence[str] = (),
    ) -> None:
        self._deps = deps
        self._index = index
        self._checkpointer = checkpointer
        self._interrupt_before = list(interrupt_before)
        self._built: tuple[BaseCheckpointSaver[Any], Graph] | None = None

    async def run(self, record: RunRecord, emit: Emit, answer: Any = None) -> RunResult:
        """Begins the run of ``record``, or goes on with it; a finished run's result comes at once.

        Args:
            record: its entry in the index.
            emit: hears the events.
            answer: what an interrupt that waits for an answer is given.

        Raises:
            InputError: the caller named a new run as another is called; its entry is taken out again.
            GemsError: it could not go on; ``thread_id`` names the run.
        """
        try:
            async with storing("the run"), held(self._index, record.thread_id):
                return await self._run(record, emit, answer)
        except GemsError as exc:
            exc.thread_id = record.thread_id
            raise

    async def report(self, record: RunRecord) -> RunReport:
        """What a run has so far.

        Raises:
            GemsError: what was stored of it cannot be read.
        """
        if record.afresh:
            return unfinished(record, {}, self._deps)
        async with self.standing(record) as (_, snapshot):
            values = completed(snapshot.values)
        if not is_over(snapshot):
            so_far = unfinished(record, values, self._deps)
            if snapshot.interrupts:
                so_far["pause"] = pause_of(snapshot)
            return await asyncio.to_thread(located, so_far, self._deps.images)
        ended = cast(RunReport, dict(result_in(record, values, self._deps)))
        ended = await asyncio.to_thread(located, ended, self._deps.images)
        # A copy that was asked for lies on the machine that it was asked for on.
        copied = record.image is not None and Path(record.image).exists()
        return {**ended, "image": record.image or ""} if copied else ended

    async def facts(self, record: RunRecord) -> dict[str, Any]:
        """A run's state, with what every version reads of one.

        Raises:
            GemsError: what was stored of it cannot be read.
        """
        async with self.standing(record) as (_, snapshot):
            found: dict[str, Any] = completed(snapshot.values)
        return found

    async def fork(
        self,
        source: RunRecord,
        number: int,
        prompt: str | None,
        verdicts: Mapping[str, str],
        enter: Callable[[], RunRecord],
    ) -> str:
        """Begins another run with the facts of ``source`` up to its round ``number``; see ``forked``.

        Args:
            source: the run's entry.
            number: its round.
            prompt: what the new run draws next.
            verdicts: what is corrected first.
            enter: makes the new run's entry, once nothing can be wrong any more.

        Returns:
            the new run's thread id; resume it.
        """
        async with self.standing(source) as (graph, snapshot):
            facts, node = forked(snapshot.values, number, prompt, verdicts)
            record = await asyncio.to_thread(enter)
            facts["knobs"] = record.context
            await asyncio.to_thread(self._share, facts, source, record)
            await graph.aupdate_state(config_for(record), facts, as_node=node)
        return record.thread_id

    def _share(self, facts: Mapping[str, Any], *runs: RunRecord) -> None:
        """Notes that all of ``runs`` use the pictures among facts; of the first, an earlier version did
        not."""
        for sha256 in pictures_in(facts):
            for record in runs:
                self._deps.images.uses.add(sha256, record.thread_id)

    async def _run(self, record: RunRecord, emit: Emit, answer: Any) -> RunResult:
        config = config_for(record)
        context, unknown = known_options(record)
        async with self._graph() as graph:
            before = record = await self._cleared(graph, record)
            record, ended, left_out = await self._with_turn(graph, record)
            snapshot = await self._begin(graph, record)
            emit(started(record, context))
            if snapshot is not None and (known := snapshot.values.get("requirements")):
                # Who watches from here on has not heard what the verdicts are about.
                emit(RequirementsFound(event="requirements", requirements=known))
            if snapshot is None or begins_turn(record, snapshot) or not is_over(snapshot):
                self._deps.signals.take_outage(record.thread_id)
                start = input_for(record, snapshot, answer)
                try:
                    await advance(graph, start, config, context, emit)
                except GemsError as exc:
                    await self._leave(graph, record)
                    if isinstance(exc, NotInWorldError):
                        await self._undo(graph, before, ended)
                    raise
                snapshot = await graph.aget_state(config)
        waits = bool(snapshot.tasks)
        values = completed(snapshot.values)
        if waits:
            result = paused(record, snapshot, self._deps)
            emit(told_of(result))
        else:
            result = result_in(record, values, self._deps)
        result["warnings"] = [*unknown, *left_out, *result["warnings"]]
        result = await asyncio.to_thread(located, result, self._deps.images)
        return await asyncio.to_thread(deliver, self._index, record, result)

    async def _begin(self, graph: Graph, record: RunRecord) -> StateSnapshot | None:
        """Where the run stands; None: it begins.

        A name that follows from prompt and options may have been used before an entry was deleted, and
        begins afresh. One that the caller chose says nothing of whose checkpoints they are.
        """
        if record.entered == "before":
            snapshot = await self._snapshot(graph, record)
            check_that_it_goes_on(record, snapshot)
            return snapshot
        if record.entered == "named" and (await graph.aget_state(config_for(record))).values:
            await asyncio.to_thread(self._index.drop, record.thread_id)
            raise InputError(
                f"the thread {record.thread_id!r} has checkpoints of another run, which is not in "
                f"{self._index.where}: choose another --thread, or delete them with --fresh"
            )
        return None

    async def _cleared(self, graph: Graph, record: RunRecord) -> RunRecord:
        """The record of a run whose name has no other's checkpoints and pictures any more. Killed in
        between, the run deletes them when it is resumed."""
        if not record.afresh:
            return record
        saver = cast("BaseCheckpointSaver[Any]", graph.checkpointer)
        for sha256 in await pictures_of(saver, config_for(record)):
            await asyncio.to_thread(self._deps.images.release, sha256, record.thread_id)
        await self._forget(graph, record)
        cleared = record.model_copy(update={"afresh": False})
        await asyncio.to_thread(self._index.write, cleared)
        return cleared

    async def _forget(self, graph: Graph, record: RunRecord) -> None:
        """Deletes a run's checkpoints and what it was answered."""
        saver = cast("BaseCheckpointSaver[Any]", graph.checkpointer)
        await saver.adelete_thread(record.thread_id)
        await asyncio.to_thread(self._deps.paid.drop, record.thread_id)

    async def _with_turn(
        self, graph: Graph, record: RunRecord
    ) -> tuple[RunRecord, StateSnapshot | None, list[str]]:
        """The record of a run that is followed up on; killed from here on, that is resumed. Also where
        the finished run stood, and a line on an undrawn follow-up that this one replaces.

        Raises:
            RunError: the run has not ended, or has no picture.
        """
        if not record.said:
            return record, None, []
        snapshot = await self._snapshot(graph, record)
        broke_off = check_that_it_takes_a_turn(record, snapshot)
        await asyncio.to_thread(self._index.write, turned := with_turn(record, broke_off))
        left_out = [f"left out {words!r}, which broke off undrawn" for words in record.turns[-1:]]
        return turned, None if broke_off else snapshot, left_out if broke_off else []

    async def _undo(self, graph: Graph, record: RunRecord, ended: StateSnapshot | None) -> None:
        """Leaves a finished run, ``ended``, as it was before a follow-up that can never be drawn; of a
        request that can never be drawn, nothing to go on with."""
        now = await graph.aget_state(config_for(record))
        if record.entered != "before" and not now.values.get("attempts"):
            await self._forget(graph, record)
            await asyncio.to_thread(self._index.drop, record.thread_id)
        elif ended is not None and not has_drawn_since(ended, now):
            await graph.aupdate_state(ended.config, None, as_node="__copy__")
            await asyncio.to_thread(self._index.write, record.model_copy(update={"said": ""}))

    async def _leave(self, graph: Graph, record: RunRecord) -> None:
        """Copies the best picture so far of a run that stops to where its last one was asked for."""
        values = completed((await graph.aget_state(config_for(record))).values)
        # Why the run stops is the error to tell.
        with suppress(GemsError):
            await asyncio.to_thread(hand_over, record, values, self._deps)

    async def _snapshot(self, graph: Graph, record: RunRecord) -> StateSnapshot:
        """Where a run stands that was entered before.

        Raises:
            RunError: the checkpoints are another run's.
        """
        snapshot = await graph.aget_state(config_for(record))
        values, thread = snapshot.values, record.thread_id
        first = (values.get("turns") or [values])[0]
        if clean_text(str(first.get("prompt", record.prompt))) != clean_text(record.prompt):
            raise RunError(
                f"the checkpoints of the thread {thread!r} are another run's, which draws "
                f"{str(first['prompt'])[:60]!r}: start this one again with another --thread",
                thread,
            )
        return snapshot

    @asynccontextmanager
    async def standing(self, record: RunRecord) -> AsyncIterator[tuple[Graph, StateSnapshot]]:
        """The graph, and where a run stands in it that was entered before."""
        async with self._graph() as graph:
            yield graph, await self._snapshot(graph, record)

    @asynccontextmanager
    async def _graph(self) -> AsyncIterator[Graph]:
        async with self._checkpointer.use() as saver:
            # Building one takes as long as ten of its steps; runs side by side have one checkpointer.
            if self._built is None or self._built[0] is not saver:
                pauses = self._interrupt_before
                graph = build_graph(deps=self._deps, checkpointer=saver, interrupt_before=pauses)
                self._built = saver, graph
            yield self._built[1]


async def advance(
    graph: Graph,
    start: GraphInput | Command[Any] | None,
    config: RunnableConfig,
    context: RunContext,
    emit: Emit,
) -> None:
    """Runs the graph until it ends or pauses, each step's checkpoint written before the next begins."""
    events = graph.astream(start, config, context=context, stream_mode="custom", durability="sync")
    async for event in events:
        emit(cast(Event, event))
