"""One run of the graph on the model loop: begun, gone on with, and laid out when it ends or pauses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.types import Command, StateSnapshot

from ..errors import GemsError, StorageError
from ..events import Event, RunPaused, RunStarted
from ..memory.checkpoints import SharedCheckpointer, storage_errors
from ..memory.folders import copy_file
from ..memory.runs import RunIndex, RunRecord
from ..memory.state import PauseInfo, RoundResult, RunInput, RunReport, RunResult, RunState, Usage
from ..nodes.context import RunContext
from ..nodes.dependencies import Dependencies
from ..nodes.finish import summarize
from .options import check_context
from .refinement import Graph, build_graph

Emit = Callable[[Event], None]
"""Takes an event; returns at once and raises nothing."""
NOTHING_SPENT = Usage(mllm_calls=0, images=0, input_tokens=0, output_tokens=0, seconds=0.0)


class Executor:
    """Runs graphs with one set of dependencies and stores. Its coroutines belong on the model loop."""

    def __init__(
        self,
        deps: Dependencies,
        index: RunIndex,
        checkpointer: SharedCheckpointer,
        interrupt_before: Sequence[str] = (),
    ) -> None:
        self._deps = deps
        self._index = index
        self._checkpointer = checkpointer
        self._interrupt_before = list(interrupt_before)

    async def run(self, record: RunRecord, emit: Emit, answer: Any = None) -> RunResult:
        """Begins the run of ``record``, or goes on with it; a finished run's result comes at once.

        Args:
            record: its entry in the index.
            emit: hears the events.
            answer: what an interrupt that waits for an answer is given.

        Raises:
            GemsError: it could not go on; ``thread_id`` names the run.
        """
        try:
            with self._index.hold(record.thread_id):
                return await self._run(record, emit, answer)
        except storage_errors() as exc:
            error = StorageError(f"the run could not be stored: {exc}; make room")
            error.thread_id = record.thread_id
            raise error from exc
        except GemsError as exc:
            exc.thread_id = record.thread_id
            raise

    async def report(self, record: RunRecord) -> RunReport:
        """What a run has so far."""
        async with self._graph() as graph:
            snapshot = await graph.aget_state(config_for(record))
        values = snapshot.values
        if not snapshot.next and values.get("outcome"):
            report = cast(RunReport, dict(self._result(values)))
            report["image"] = str(self._deps.images.locate(record.image or report["image"]))
            return report
        return unfinished(record, values, self._deps)

    async def _run(self, record: RunRecord, emit: Emit, answer: Any) -> RunResult:
        config, context = config_for(record), check_context(record.context)
        async with self._graph() as graph:
            snapshot = await graph.aget_state(config)
            emit(started(record, context))
            if snapshot.next or not snapshot.values.get("outcome"):
                await advance(graph, input_for(record, snapshot, answer), config, context, emit)
                snapshot = await graph.aget_state(config)
        waits = bool(snapshot.next)
        result = self._paused(record, snapshot, emit) if waits else self._result(snapshot.values)
        return await asyncio.to_thread(self._deliver, record, result)

    def _paused(self, record: RunRecord, snapshot: StateSnapshot, emit: Emit) -> RunResult:
        """The result of a run that waits."""
        pause = pause_of(snapshot)
        emit(
            RunPaused(
                event="paused",
                thread_id=record.thread_id,
                reason=pause["reason"],
                message=pause["message"],
            )
        )
        report = unfinished(record, snapshot.values, self._deps)
        return cast(RunResult, {**report, "outcome": "paused", "pause": pause})

    def _result(self, values: Mapping[str, Any]) -> RunResult:
        """The result in a finished run's state, its pictures found again where the home was moved."""
        keys = [key for key in RunResult.__annotations__ if key in values]
        result = cast(RunResult, {key: values[key] for key in keys})
        locate = self._deps.images.locate
        rounds = [
            RoundResult(**{**item, "image": str(locate(item["image"]))}) for item in result["rounds"]
        ]
        return {**result, "image": str(locate(result["image"])), "rounds": rounds}

    @asynccontextmanager
    async def _graph(self) -> AsyncIterator[Graph]:
        async with self._checkpointer.use() as saver:
            yield build_graph(
                deps=self._deps, checkpointer=saver, interrupt_before=self._interrupt_before
            )

    def _deliver(self, record: RunRecord, result: RunResult) -> RunResult:
        """Copies the picture to where it was asked for and notes how the run ended."""
        if record.out is not None and result["image"]:
            target = Path(record.out) / f"{record.thread_id}.png"
            copy_file(Path(result["image"]), target)
            result["image"] = str(target)
        ended = {
            "outcome": result["outcome"],
            "image": result["image"],
            "passed": result["passed"],
            "total": result["total"],
        }
        self._index.write(record.model_copy(update=ended))
        return result


def started(record: RunRecord, context: RunContext) -> RunStarted:
    """The first event of a run, or of its resume."""
    return RunStarted(
        event="started",
        thread_id=record.thread_id,
        seed=context.seed or 0,
        mllm=context.mllm or "",
        generator=context.generator or "",
    )


def config_for(record: RunRecord) -> RunnableConfig:
    """The LangGraph configuration of a run."""
    return {"configurable": {"thread_id": record.thread_id}}


def input_for(
    record: RunRecord, snapshot: StateSnapshot, answer: Any
) -> RunInput | Command[Any] | None:
    """What the graph is given: the prompt at first, an interrupt's answer, or nothing to just go on."""
    if not snapshot.next:
        return RunInput(prompt=record.prompt)
    return None if answer is None else Command(resume=answer)


async def advance(
    graph: Graph,
    start: RunInput | Command[Any] | None,
    config: RunnableConfig,
    context: RunContext,
    emit: Emit,
) -> None:
    """Runs the graph until it ends or pauses, each step's checkpoint written before the next begins."""
    events = graph.astream(start, config, context=context, stream_mode="custom", durability="sync")
    async for event in events:
        emit(cast(Event, event))


def pause_of(snapshot: StateSnapshot) -> PauseInfo:
    """Why a run waits: what interrupted it says so itself, or it is a breakpoint before a node."""
    waits_for = list(snapshot.next)
    said = next((item.value for item in snapshot.interrupts), None)
    if isinstance(said, Mapping) and said.get("reason") in ("person", "limit"):
        message = str(said.get("message") or "")
        return PauseInfo(reason=said["reason"], message=message, waits_for=waits_for)
    message = "waits for an answer" if said is not None else f"waits before {', '.join(waits_for)}"
    return PauseInfo(reason="person", message=message, waits_for=waits_for)


def unfinished(record: RunRecord, values: Mapping[str, Any], deps: Dependencies) -> RunReport:
    """What a run that has not ended has so far, with a finished run's keys."""
    report = RunReport(
        thread_id=record.thread_id,
        outcome=None,
        prompt=record.prompt,
        skill=values.get("skill"),
        image="",
        best_round=0,
        passed=0,
        total=len(values.get("requirements") or ()),
        rounds=[],
        usage=NOTHING_SPENT,
        warnings=list(values.get("warnings") or ()),
    )
    if values.get("attempts"):
        report.update(cast(RunReport, summarize(cast(RunState, values), deps)))
    return report
