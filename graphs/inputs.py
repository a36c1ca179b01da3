"""What the graph is given to begin a run with, or to go on with one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import RunnableConfig
from langgraph.types import Command, StateSnapshot

from ..events import RunStarted
from ..memory.runs import RunRecord
from ..nodes.context import RunContext, check_context
from .standing import begins_turn

if TYPE_CHECKING:
    from .schemas import GraphInput


def config_for(record: RunRecord) -> RunnableConfig:
    """What LangGraph finds a run's checkpoints by: the thread id."""
    return {"configurable": {"thread_id": record.thread_id}}


def started(record: RunRecord, context: RunContext) -> RunStarted:
    """The first event of a run, or of its resume."""
    return RunStarted(
        event="started",
        thread_id=record.thread_id,
        seed=context.seed or 0,
        mllm=context.mllm or "",
        generator=context.generator or "",
    )


def known_options(record: RunRecord) -> tuple[RunContext, list[str]]:
    """A run's options, and a warning for those that another version of GEMS gave it."""
    unknown = sorted(record.context.keys() - RunContext.model_fields.keys())
    known = {name: value for name, value in record.context.items() if name not in unknown}
    warnings = [
        f"GEMS {record.version} began this run with the option {name!r}, which is passed over here"
        for name in unknown
    ]
    return check_context(known), warnings


def input_for(
    record: RunRecord, snapshot: StateSnapshot | None, answer: Any
) -> GraphInput | Command[Any] | None:
    """What the graph is given: the prompt at first, an interrupt's answer, or nothing to just go on."""
    if snapshot is not None and begins_turn(record, snapshot):
        return {"follow_up": record.words}
    if snapshot is None or not snapshot.tasks:
        return {"prompt": record.prompt}
    if answer is None:
        return None
    ids = [item.id for item in snapshot.interrupts]
    if not ids:
        return Command(resume=answer)
    by_id = isinstance(answer, Mapping) and answer and set(answer) <= set(ids)
    return Command(resume=answer if by_id else dict.fromkeys(ids, answer))
