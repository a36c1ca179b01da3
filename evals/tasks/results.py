"""From answers to a task's figures: by arm with intervals, paired differences, by round, and whether
anybody may put them beside published ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..plan import read_plan
from ..records import Record
from ..score import Estimate, bootstrap_indices
from .judging import (
    NO_TOKENS,
    AnswerFile,
    Known,
    any_tokens,
    is_done,
    is_judgeable,
    judged_items,
)
from .plan import TaskPlan
from .task import Figures, Judged, Numbers, Task


@dataclass(frozen=True)
class ArmResult:
    """How one arm did."""

    arm: str
    prompts: int
    """Items with a figure."""
    pictures: int
    headline: Estimate | None
    """None where nothing is judged, or the official script is to judge."""
    figures: Figures
    by_round: list[float] = field(default_factory=list)
    """The headline with what would have been given back after 1, 2, ... rounds."""
    cost: Mapping[str, float] = field(default_factory=dict)
    """A picture of the benchmark: pictures drawn, MLLM calls, tokens, seconds, money."""


@dataclass(frozen=True)
class TaskResult:
    """Everything that is reported about one run of a task."""

    task: str
    title: str
    """With the judge; an honest name."""
    headline: str
    digits: int
    judge: str
    caveats: list[str]
    """Why it stands beside no published figure; empty: it does."""
    warnings: list[str]
    arms: list[ArmResult]
    differences: list[tuple[str, str, Estimate]]
    """Arm, over which one, and the paired difference of headlines over the items that both have."""
    judge_cost: Mapping[str, int]
    published: str
    top: float = 1.0
    """See ``Task``."""


def rows_of(task: Task, judged: Sequence[Judged]) -> dict[str, Sequence[float]]:
    """Every item's row of sums; those that are left out are not among them."""
    rows = {one.item.id: task.tally(one) for one in judged if one.answers}
    return {name: row for name, row in rows.items() if row is not None}


def resample(task: Task, matrix: Numbers) -> Numbers:
    """The headline of bootstrap samples of items, (BOOTSTRAP_SAMPLES,), of rows (N, K)."""
    picks = bootstrap_indices(len(matrix))
    counts = np.apply_along_axis(np.bincount, 1, picks, minlength=len(matrix))
    return task.combine(counts @ matrix)


def interval(mean: float, samples: Numbers, prompts: int) -> Estimate:
    """A figure over so many prompts with the middle 95% of its bootstrap samples (Efron, 1979); NaN
    samples do not count."""
    there = samples[~np.isnan(samples)]
    low, high = np.percentile(there, [2.5, 97.5]) if len(there) else (mean, mean)
    return Estimate(mean, float(low), float(high), prompts)


def estimate(task: Task, rows: Mapping[str, Sequence[float]]) -> Estimate | None:
    """The headline; None of nothing."""
    if not rows:
        return None
    matrix = np.asarray(list(rows.values()), np.float64)
    mean = float(task.combine(matrix.sum(axis=0, keepdims=True))[0])
    return None if np.isnan(mean) else interval(mean, resample(task, matrix), len(matrix))


def difference(
    task: Task, ours: Mapping[str, Sequence[float]], theirs: Mapping[str, Sequence[float]]
) -> Estimate | None:
    """The paired difference over the items that both have; a sample is of the same items in both."""
    both = [name for name in ours if name in theirs]
    if not both:
        return None
    one, other = (np.asarray([rows[name] for name in both], np.float64) for rows in (ours, theirs))
    sums = np.stack([one.sum(axis=0), other.sum(axis=0)])
    mean = task.combine(sums)
    gain = resample(task, one) - resample(task, other)
    return interval(float(mean[0] - mean[1]), gain, len(both))


def values_of(task: Task, rows: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """The headline of each item alone; those that have none are not among them."""
    if not rows:
        return {}
    values = task.combine(np.asarray(list(rows.values()), np.float64))
    return {name: float(v) for name, v in zip(rows, values, strict=True) if not np.isnan(v)}


def cost_of(records: Sequence[Record]) -> dict[str, float]:
    """Means a picture of the benchmark; money where it is known of every one."""
    names = ["images", "mllm_calls", "input_tokens", "output_tokens", "seconds"]
    names += ["cost"] * all(record.cost is not None for record in records)
    return {name: float(np.mean([getattr(record, name) for record in records])) for name in names}


def arm_result(
    plan: TaskPlan, arm: str, records: Sequence[Record], known: Known
) -> tuple[ArmResult, dict[str, Sequence[float]]]:
    """One arm's figures, and its rows."""
    judged = judged_items(plan, plan.shown(records), known) if known else []
    rows = rows_of(plan.task, judged)
    result = ArmResult(
        arm,
        len(rows),
        len(records),
        estimate(plan.task, rows),
        plan.task.figures(judged) if rows else {},
        curve(plan, records, known) if rows else [],
        cost_of(records),
    )
    return result, rows


def curve(plan: TaskPlan, records: Sequence[Record], known: Known) -> list[float]:
    """The headline after each round; empty where some round's pictures are not judged."""
    longest = max((len(record.image_by_round) for record in records), default=0)
    found: list[float] = []
    for after in range(1, longest + 1):
        shown = plan.shown(records, after)
        judged = judged_items(plan, shown, known)
        if any(len(one.answers) < len(shown.get(one.item.id, [])) for one in judged):
            return []
        estimated = estimate(plan.task, rows_of(plan.task, judged))
        found.append(estimated.mean if estimated else float("nan"))
    return found


def same_model(one: str, other: str) -> bool:
    """Whether two names mean one model, whoever serves it."""
    return (
        one.rpartition("/")[2].rpartition(":")[2].lower()
        == other.rpartition("/")[2].rpartition(":")[2].lower()
    )


def caveats_of(plan: TaskPlan, judge: str, unjudged: int) -> list[str]:
    """Why figures by ``judge`` stand beside no published ones."""
    task, reasons = plan.task, []
    if not task.by_api or not same_model(judge, task.judge):
        reasons.append(f"the judge is {judge or 'nobody'} and not {task.judge}")
    if task.own_words and not task.wording.given:
        reasons.append("the questions are asked in our words; give the official ones with --wording")
    if not plan.is_whole:
        whole = f"{task.size} prompts with {task.pictures} pictures each"
        reasons.append(
            f"{len(plan.items)} prompts with {plan.pictures} pictures each are not the {whole}"
        )
    if unjudged:
        reasons.append(f"{unjudged} pictures are not judged")
    return reasons


def warnings_of(judge: str, verifiers: Sequence[str]) -> list[str]:
    """Where a loop was steered by the model that now judges it."""
    if any(same_model(judge, verifier) for verifier in verifiers if judge):
        return [f"judge and verifier are one model ({judge}): the loop was steered by who scores it"]
    return []


def mute_warnings(plan: TaskPlan, judge: str, known: Known) -> list[str]:
    """Where figures say nothing, since the judge's tokens are not known."""
    mute = known and plan.task.by_tokens and not any_tokens(known)
    return [f"{judge} {NO_TOKENS}"] if mute else []


def mixed(plan: TaskPlan) -> list[str]:
    """Where several versions of GEMS have drawn."""
    path = plan.out / "plan.json"
    versions = read_plan(path).get("versions", []) if path.is_file() else []
    return [f"drawn by GEMS {' and '.join(versions)}"] if len(versions) > 1 else []


def score_task(plan: TaskPlan, judge: str, verifiers: Sequence[str]) -> TaskResult:
    """The result of what is drawn and judged so far."""
    file = AnswerFile(plan, judge)
    known = file.read()
    results, rows = {}, {}
    for arm, records in plan.records().items():
        results[arm], rows[arm] = arm_result(plan, arm, records, known)
    first = next(iter(results), None)
    pairs = [
        (arm, first, difference(plan.task, rows[arm], rows[first]))
        for arm in results
        if first and arm != first
    ]
    caveats = caveats_of(plan, judge, unjudged(plan, known) if known else 0)
    return TaskResult(
        plan.task.name,
        title_of(plan.task, judge, caveats),
        plan.task.headline,
        plan.task.digits,
        judge,
        caveats,
        [*warnings_of(judge, verifiers), *mute_warnings(plan, judge, known), *mixed(plan)],
        list(results.values()),
        [(arm, over, gain) for arm, over, gain in pairs if over and gain],
        file.usage(),
        plan.task.published,
        plan.task.top,
    )


def unjudged(plan: TaskPlan, known: Known) -> int:
    """Pictures of all arms that are missing, or about which not all is answered."""
    missing = 0
    for records in plan.records().values():
        shown = plan.shown(records)
        missing += len(plan.items) * plan.pictures - len(records)
        missing += sum(
            is_judgeable(plan, item, picture) and not is_done(plan, item, picture, known)
            for item in plan.items
            for picture in shown.get(item.id, [])
        )
    return missing


def title_of(task: Task, judge: str, caveats: Sequence[str]) -> str:
    """The task by the name that it may have."""
    by = judge.rpartition(":")[2]
    if not by:
        return f"{task.title}, judged by nobody here"
    if not caveats:
        return f"{task.title} by {by}"
    return f"{task.title}, questions to {by} (not comparable)"


def as_json(result: TaskResult) -> dict[str, Any]:
    """The result for machines."""
    from dataclasses import asdict

    told = asdict(result)
    told["differences"] = [
        {"arm": arm, "over": over, **asdict(gain)} for arm, over, gain in result.differences
    ]
    return told
