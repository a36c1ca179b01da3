"""Two runs of one task beside each other, arm by arm, over the prompts that both have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...errors import InputError
from ..plan import read_plan
from ..tables import Table, remark
from .judging import AnswerFile, judged_items
from .plan import TaskPlan
from .report import DIGITS, breakdown_tables, costs_known, shown
from .results import ArmResult, TaskResult, difference, estimate, rows_of, score_task, values_of

Rows = Mapping[str, Sequence[float]]
Side = tuple[TaskPlan, Mapping[str, Any]]
"""A run, and who judged it."""


@dataclass(frozen=True)
class Comparison:
    """What is to be said of two runs, and their figures beside each other."""

    notes: list[str]
    tables: list[Table]


def compare_folders(one: Side, other: Side) -> Comparison:
    """Two runs of one task.

    Raises:
        InputError: the runs are of different tasks.
    """
    plan, second = one[0], other[0]
    if plan.task.name != second.task.name:
        raise InputError(
            f"{plan.out} is {plan.task.name} and {second.out} is {second.task.name}: "
            "compare two runs of one task"
        )
    rows, other_rows = rows_by_arm(one), rows_by_arm(other)
    pairs = pairs_of(rows, other_rows)
    results = (result_of(one), result_of(other))
    tables = [
        difference_table(plan, pairs, rows, other_rows),
        turned_table(plan, pairs, rows, other_rows),
        *figure_tables(pairs, results),
        cost_table(pairs, results),
    ]
    return Comparison(notes_on(one, other), tables)


def notes_on(one: Side, other: Side) -> list[str]:
    """Why the runs may not be put beside each other, and in which models they differ."""
    (plan, noted), (second, second_noted) = one, other
    found = []
    if noted["judge"] != second_noted["judge"] or plan.task.wording != second.task.wording:
        found.append("Not comparable: the runs were judged by different models, or in different words.")
    if plan.seed != second.seed:
        found.append("The seeds differ, so the differences are of prompts and of luck.")
    if plan.pictures != second.pictures:
        found.append(f"{plan.pictures} pictures a prompt against {second.pictures}.")
    models = (drawn_by(plan.out), drawn_by(second.out))
    found += [
        f"{name}: {models[0].get(name)} against {models[1].get(name)}"
        for name in dict.fromkeys([*models[0], *models[1]])
        if models[0].get(name) != models[1].get(name)
    ]
    return found


def drawn_by(out: Path) -> Mapping[str, Any]:
    """The models that drew a folder's pictures, and their settings; nothing where it does not say."""
    path = out / "plan.json"
    return read_plan(path).get("models", {}) if path.is_file() else {}


def result_of(side: Side) -> TaskResult:
    """A run's figures."""
    plan, noted = side
    return score_task(plan, noted["judge"], noted["verifiers"])


def pairs_of(one: Mapping[str, Rows], other: Mapping[str, Rows]) -> list[tuple[str, str]]:
    """The arms that both have; of runs with one arm each, that one against the other."""
    pairs = [(arm, arm) for arm in one if arm in other]
    if not pairs and len(one) == len(other) == 1:
        pairs = [(next(iter(one)), next(iter(other)))]
    return pairs


def label_of(ours: str, theirs: str) -> str:
    """What a pair of arms is called."""
    return ours if ours == theirs else f"{ours} - {theirs}"


def rows_by_arm(side: Side) -> dict[str, Rows]:
    """Every arm's rows of sums."""
    plan, noted = side
    known = AnswerFile(plan, noted["judge"]).read()
    return {
        arm: rows_of(plan.task, judged_items(plan, plan.shown(records), known))
        for arm, records in plan.records().items()
    }


Pairs = Sequence[tuple[str, str]]


def difference_table(
    plan: TaskPlan, pairs: Pairs, one: Mapping[str, Rows], other: Mapping[str, Rows]
) -> Table:
    """A row a pair of arms: both headlines, and the paired difference over the same prompts."""
    rows = []
    for ours, theirs in pairs:
        gain = difference(plan.task, one[ours], other[theirs])
        figures = [estimate(plan.task, found) for found in (one[ours], other[theirs])]
        if gain is not None:
            digits = plan.task.digits
            texts = [figure.text(digits) if figure else "-" for figure in figures]
            rows.append([label_of(ours, theirs), *texts, gain.text(digits, signed=True), remark(gain)])
    return Table([plan.task.headline, "first", "second", "first - second", ""], rows)


def turned_table(
    plan: TaskPlan, pairs: Pairs, one: Mapping[str, Rows], other: Mapping[str, Rows]
) -> Table:
    """How many prompts are better in the first, better in the second, and alike."""
    rows = []
    for ours, theirs in pairs:
        mine, yours = (values_of(plan.task, found) for found in (one[ours], other[theirs]))
        gains = [mine[name] - yours[name] for name in mine if name in yours]
        if gains:
            better, worse = sum(gain > 0 for gain in gains), sum(gain < 0 for gain in gains)
            counts = (better, worse, len(gains) - better - worse)
            rows.append([label_of(ours, theirs), *map(str, counts)])
    return Table(["prompts", "first is better", "second is better", "alike"], rows)


def figure_tables(pairs: Pairs, results: tuple[TaskResult, TaskResult]) -> list[Table]:
    """The official breakdown of every pair of arms, the runs side by side."""
    tables = []
    for pair in pairs:
        arms = [arm_of(result, arm) for result, arm in zip(results, pair, strict=True)]
        named = [replace(arm, arm=name) for arm, name in zip(arms, ("first", "second"), strict=True)]
        for head, rows in breakdown_tables(replace(results[0], arms=named)):
            tables.append(Table([f"{label_of(*pair)}: {head[0]}", *head[1:]], rows))
    return tables


def cost_table(pairs: Pairs, results: tuple[TaskResult, TaskResult]) -> Table:
    """What a picture of the benchmark took in both runs."""
    rows = []
    for pair in pairs:
        costs = [arm_of(result, arm).cost for result, arm in zip(results, pair, strict=True)]
        rows += [
            [
                f"{label_of(*pair)}: {title}",
                *(shown(cost.get(name), max(2, DIGITS.get(name, 2))) for cost in costs),
            ]
            for name, title in costs_known(costs).items()
        ]
    return Table(["cost", "first", "second"], rows)


def arm_of(result: TaskResult, name: str) -> ArmResult:
    """One arm of a run."""
    return next(arm for arm in result.arms if arm.arm == name)
