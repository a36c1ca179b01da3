"""Two runs of one task beside each other, arm by arm, over the prompts that both have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...errors import InputError
from ..tables import Table, remark
from .judging import AnswerFile, judged_items
from .plan import TaskPlan
from .results import difference, estimate, rows_of

Side = tuple[TaskPlan, Mapping[str, Any]]
"""A run, and who judged it."""


def compare_folders(one: Side, other: Side) -> Iterator[tuple[str, Table]]:
    """What is to be said, and the table of differences.

    Raises:
        InputError: the runs are of different tasks.
    """
    (plan, noted), (second, second_noted) = one, other
    if plan.task.name != second.task.name:
        raise InputError(
            f"{plan.out} is {plan.task.name} and {second.out} is {second.task.name}: "
            "compare two runs of one task"
        )
    note = ""
    if noted["judge"] != second_noted["judge"] or plan.task.wording != second.task.wording:
        note = "Not comparable: the runs were judged by different models, or in different words."
    elif plan.seed != second.seed:
        note = "The seeds differ, so the differences are of prompts and of luck."
    yield note, difference_table(plan, rows_by_arm(one), rows_by_arm(other))


Rows = Mapping[str, Sequence[float]]


def rows_by_arm(side: Side) -> dict[str, Rows]:
    """Every arm's rows of sums."""
    plan, noted = side
    known = AnswerFile(plan, noted["judge"]).read()
    return {
        arm: rows_of(plan.task, judged_items(plan, plan.shown(records), known))
        for arm, records in plan.records().items()
    }


def difference_table(plan: TaskPlan, one: Mapping[str, Rows], other: Mapping[str, Rows]) -> Table:
    """A row an arm that both have; of runs with one arm each, that one against the other."""
    pairs = [(arm, arm) for arm in one if arm in other]
    if not pairs and len(one) == len(other) == 1:
        pairs = [(next(iter(one)), next(iter(other)))]
    rows = []
    for ours, theirs in pairs:
        gain = difference(plan.task, one[ours], other[theirs])
        figures = [estimate(plan.task, found) for found in (one[ours], other[theirs])]
        if gain is not None:
            digits = plan.task.digits
            texts = [figure.text(digits) if figure else "-" for figure in figures]
            rows.append(
                [
                    ours if ours == theirs else f"{ours} - {theirs}",
                    *texts,
                    gain.text(digits, signed=True),
                    remark(gain),
                ]
            )
    return Table(["arm", "first", "second", "first - second", ""], rows)
