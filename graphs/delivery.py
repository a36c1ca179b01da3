"""What a run that ended or waits gives back, and its picture where it was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from langgraph.types import StateSnapshot

from ..events import RunPaused
from ..memory.folders import copy_file
from ..memory.older import completed
from ..memory.runs import RunRecord, Runs
from ..memory.state import RunReport, RunResult
from ..nodes.dependencies import Dependencies
from .standing import pause_of, unfinished


def paused(record: RunRecord, snapshot: StateSnapshot, deps: Dependencies) -> RunResult:
    """The result of a run that waits."""
    so_far = unfinished(record, completed(snapshot.values), deps)
    return cast(RunResult, {**so_far, "outcome": "paused", "pause": pause_of(snapshot)})


def told_of(result: RunResult) -> RunPaused:
    """The event that tells of a run that waits."""
    pause = result.get("pause")
    assert pause is not None
    return RunPaused(
        event="paused",
        thread_id=result["thread_id"],
        reason=pause["reason"],
        message=pause["message"],
    )


def result_in(record: RunRecord, values: Mapping[str, Any], deps: Dependencies) -> RunResult:
    """The result in a finished run's state. What another version did not lay out is made up for from
    the facts."""
    found = {key: values[key] for key in RunResult.__annotations__ if key in values}
    if not found.get("earlier"):
        found.pop("earlier", None)
    if RunReport.__required_keys__ - found.keys():
        found = {**unfinished(record, values, deps), **found}
    return cast(RunResult, found)


def hand_over(record: RunRecord, values: Mapping[str, Any], deps: Dependencies) -> None:
    """Copies the best picture so far to where the run's last one was asked for.

    Raises:
        StorageError: it cannot be read or written.
    """
    best = unfinished(record, values, deps)["image"]
    if record.out is not None and best:
        copy_file(deps.images.locate(best), Path(record.out) / record.file)


def deliver(index: Runs, record: RunRecord, result: RunResult) -> RunResult:
    """Copies the picture to where it was asked for and notes how the run ended.

    Raises:
        StorageError: it cannot be read or written.
    """
    if record.out is not None and result["image"]:
        target = Path(record.out) / record.file
        copy_file(Path(result["image"]), target)
        result["image"] = str(target)
    ended = {
        "outcome": result["outcome"],
        "image": result["image"],
        "passed": result["passed"],
        "total": result["total"],
    }
    index.write(record.model_copy(update=ended))
    return result
