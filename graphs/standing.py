"""Where a run stands: whether it can go on, why it waits, what it has so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from langgraph.types import StateSnapshot

from ..errors import RunError
from ..memory.images import ImageStore
from ..memory.runs import RunRecord
from ..memory.state import EarlierTurn, PauseAsk, PauseInfo, RoundResult, RunReport, RunResult, RunState
from ..models.text import clean_text
from ..nodes.dependencies import Dependencies
from ..nodes.results import report

ReportT = TypeVar("ReportT", RunReport, RunResult)


def check_that_it_goes_on(record: RunRecord, snapshot: StateSnapshot) -> None:
    """Checks that a run that has not ended waits for a node that there is.

    Raises:
        RunError: another version left it at a step of its own.
    """
    values = snapshot.values
    if values.get("attempts") and not snapshot.tasks and not values.get("outcome"):
        raise RunError(
            f"the run {record.thread_id!r} waits at a step that this version of GEMS does not have: "
            f"resume it with the version that left it there ({record.version} began it)",
            record.thread_id,
        )


def is_over(snapshot: StateSnapshot) -> bool:
    """Whether a run has ended. Its tasks tell, and not ``next``, which leaves out those that were done
    when the run was cut off before the checkpoint after them."""
    return not snapshot.tasks and bool(snapshot.values.get("outcome"))


def begins_turn(record: RunRecord, snapshot: StateSnapshot) -> bool:
    """Whether a follow-up was asked for that the run has not taken up."""
    values = snapshot.values
    if len(record.turns) > len(values.get("turns") or ()):
        return True
    return bool(record.turns) and clean_text(str(values.get("prompt"))) != clean_text(record.words)


def check_that_it_takes_a_turn(record: RunRecord, snapshot: StateSnapshot) -> bool:
    """Whether a run's last turn broke off before it was drawn, so that the next replaces it.

    Raises:
        RunError: the run has not ended, or has no picture.
    """
    thread, drawn = record.thread_id, bool(snapshot.values.get("attempts"))
    broke_off = begins_turn(record, snapshot) or bool(record.turns and not drawn)
    if not broke_off and not (is_over(snapshot) and drawn):
        raise RunError(f"the run {thread!r} has not ended yet: gems resume {thread}", thread)
    return broke_off


def has_drawn_since(ended: StateSnapshot, now: StateSnapshot) -> bool:
    """Whether the turn after ``ended`` has a picture."""
    later = len(now.values.get("turns") or ()) > len(ended.values.get("turns") or ())
    return later and bool(now.values.get("attempts"))


def with_turn(record: RunRecord, broke_off: bool) -> RunRecord:
    """The record of a run whose next turn begins; it replaces the last one where that ``broke_off``."""
    open_again = dict.fromkeys(("outcome", "image", "passed", "total", "rating"))
    before = record.turns[:-1] if broke_off else record.turns
    turns = {"turns": [*before, record.said], "said": "", **open_again}
    return record.model_copy(update=turns)


def pause_of(snapshot: StateSnapshot) -> PauseInfo:
    """Why a run waits: what interrupted it says so itself, or it is a breakpoint before a node."""
    waits_for = list(snapshot.next)
    said = next((item.value for item in snapshot.interrupts), None)
    if isinstance(said, Mapping) and said.get("reason") in ("person", "limit"):
        message = str(said.get("message") or "")
        return PauseInfo(reason=said["reason"], message=message, waits_for=waits_for)
    if not snapshot.interrupts:
        message = f"waits before {', '.join(waits_for)}"
        return PauseInfo(reason="person", message=message, waits_for=waits_for)
    asks = [PauseAsk(id=item.id, value=item.value) for item in snapshot.interrupts]
    return PauseInfo(reason="person", message="waits for an answer", waits_for=waits_for, asks=asks)


def unfinished(record: RunRecord, values: Mapping[str, Any], deps: Dependencies) -> RunReport:
    """What a run that has not ended has so far, with a finished run's keys."""
    found = report(cast(RunState, values), deps, record.thread_id)
    found.pop("reason", None)
    words = {"prompt": record.words, "request": found.get("request") or record.words}
    return cast(RunReport, {**found, "outcome": None, **words})


def located(report: ReportT, images: ImageStore) -> ReportT:
    """A report whose pictures are on this machine, whoever drew them, also after the home was moved.
    May block.

    Raises:
        StorageError: the store that machines share cannot be reached.
    """
    found = {**report, **with_located(report, images)}
    if earlier := report.get("earlier"):
        found["earlier"] = [{**turn, **with_located(turn, images)} for turn in earlier]
    return cast(ReportT, found)


def with_located(shown: ReportT | EarlierTurn, images: ImageStore) -> dict[str, Any]:
    """The pictures of a report, or of an earlier turn in it, where they are on this machine."""
    rounds = [
        RoundResult(**{**item, "image": str(images.locate(item["image"]))}) for item in shown["rounds"]
    ]
    return {"image": str(images.locate(shown["image"])) if shown["image"] else "", "rounds": rounds}
