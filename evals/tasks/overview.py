"""The published table with our figures under it, over several runs of tasks."""

from __future__ import annotations

from collections.abc import Sequence

from ..tables import Table
from .report import published
from .results import TaskResult

MARK = "*"
"""Behind a figure that stands beside no published one."""


def overview(results: Sequence[TaskResult]) -> Table:
    """A column a task, the published rows first, then a row an arm; each of our figures with its
    interval, and marked where it is not comparable."""
    rows = [
        [row["model"], *(str(row.get(result.published, "-")) for result in results)]
        for row in published()["rows"]
    ]
    arms = list(dict.fromkeys(arm.arm for result in results for arm in result.arms))
    rows += [[f"here: {arm}", *(figure_of(result, arm) for result in results)] for arm in arms]
    return Table(["", *(column_of(result) for result in results)], rows)


def column_of(result: TaskResult) -> str:
    """The published column's name, or the task's own."""
    return result.published or result.task


def figure_of(result: TaskResult, arm: str) -> str:
    """An arm's figure in one task; a dash where it has none."""
    for one in result.arms:
        if one.arm == arm and one.headline is not None:
            return one.headline.text(result.digits) + MARK * bool(result.caveats)
    return "-"


def overview_notes(results: Sequence[TaskResult]) -> list[str]:
    """Where the published figures are from, and what the mark means in each column."""
    notes = [
        f"Published figures: {published()['source']}. Ours with 95% bootstrap intervals over prompts."
    ]
    for result in results:
        if result.caveats:
            notes.append(f"{MARK} {column_of(result)}: not comparable: {'; '.join(result.caveats)}.")
        notes += [f"{column_of(result)}: {warning}." for warning in result.warnings]
    return notes
