"""A task's result as tables, for the terminal and for one HTML page."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ...memory.files import write_file
from ..figures import Scale, ladder, rounds_figure
from ..report import MOST_FAILURES, PAGES, THUMB, Sheet, thumbnail
from ..score import Estimate, alike_note
from ..tables import Table, remark
from .files import write_json
from .judging import AnswerFile, judged_items
from .plan import TaskPlan
from .results import ArmResult, TaskResult, as_json, rows_of, values_of
from .task import Judged

PUBLISHED = Path(__file__).parent / "published.toml"
BETWEEN = "not judged"


@cache
def published() -> dict[str, Any]:
    """The published figures, and their source."""
    return tomllib.loads(PUBLISHED.read_text(encoding="utf-8"))


def shown(value: object, digits: int) -> str:
    """A figure as it is printed; a dash for none."""
    if isinstance(value, Estimate):
        return value.text(digits)
    if isinstance(value, float):
        return f"{value:.{digits}f}"
    return "-" if value is None else str(value)


def headline_table(result: TaskResult) -> Table:
    """Every arm's headline with its interval."""
    costs = costs_known([arm.cost for arm in result.arms])
    head = ["arm", result.headline, "prompts", "pictures", *costs.values()]
    rows = [
        [
            arm.arm,
            shown(arm.headline, result.digits) if arm.headline else BETWEEN,
            str(arm.prompts),
            str(arm.pictures),
            *(shown(arm.cost.get(name), DIGITS.get(name, 2)) for name in costs),
        ]
        for arm in result.arms
    ]
    return Table(head, rows)


COSTS = {
    "images": "drawn a picture",
    "mllm_calls": "MLLM calls",
    "input_tokens": "tokens in",
    "output_tokens": "tokens out",
    "seconds": "seconds",
    "cost": "money",
}
"""What a picture of the benchmark took, by the names in ``ArmResult.cost``."""
DIGITS = {"input_tokens": 0, "output_tokens": 0, "cost": 4}


def costs_known(costs: Sequence[Mapping[str, float]]) -> dict[str, str]:
    """The columns of ``COSTS`` that any arm has: money is known where prices are."""
    return {name: title for name, title in COSTS.items() if any(name in cost for cost in costs)}


def difference_table(result: TaskResult) -> Table:
    """The paired differences; one whose interval holds 0 says so."""
    rows = [
        [f"{arm} over {over}", gain.text(result.digits, signed=True), remark(gain)]
        for arm, over, gain in result.differences
    ]
    return Table(["difference", result.headline, ""], rows)


def round_table(result: TaskResult) -> Table:
    """The headline after each round; an arm that ended keeps its last."""
    longest = max((len(arm.by_round) for arm in result.arms), default=0)
    rows = [
        [
            arm.arm,
            *(
                shown(v, result.digits)
                for v in [*arm.by_round, *arm.by_round[-1:] * (longest - len(arm.by_round))]
            ),
        ]
        for arm in result.arms
        if arm.by_round
    ]
    return Table([f"{result.headline} after round", *map(str, range(1, longest + 1))], rows)


def breakdown_tables(result: TaskResult) -> list[Table]:
    """The official breakdown: single figures in one table, groups of them in one each."""
    names = list(dict.fromkeys(name for arm in result.arms for name in arm.figures))
    grouped = [n for n in names if any(isinstance(a.figures.get(n), Mapping) for a in result.arms)]
    single = [name for name in names if name not in grouped]
    tables = [figure_table("", single, result.arms, result.digits)] if single else []
    for name in grouped:
        members = [
            ArmResult(arm.arm, 0, 0, None, dict(arm.figures.get(name) or {})) for arm in result.arms
        ]
        labels = list(dict.fromkeys(label for arm in members for label in arm.figures))
        tables.append(figure_table(name, labels, members, result.digits))
    return tables


def figure_table(title: str, names: Sequence[str], arms: Sequence[ArmResult], digits: int) -> Table:
    """A row a figure, a column an arm."""
    rows = [[name, *(shown(arm.figures.get(name), digits) for arm in arms)] for name in names]
    return Table([title or "figure", *(arm.arm for arm in arms)], rows)


def published_table(result: TaskResult) -> Table:
    """The published figures of this task with ours under them; ours only where they may stand there."""
    if not result.published:
        return Table(["model"], [])
    rows = [
        [row["model"], str(row[result.published])]
        for row in published()["rows"]
        if result.published in row
    ]
    for arm in result.arms:
        figure = arm.headline.text(result.digits) if arm.headline else BETWEEN
        rows.append([f"here: {arm.arm}{' (not comparable)' if result.caveats else ''}", figure])
    return Table(["model", result.published], rows)


def notes(result: TaskResult) -> list[str]:
    """What a reader must know before the figures."""
    found = [f"Warning: {warning}." for warning in result.warnings]
    if result.caveats:
        found.append(f"Not comparable with published figures: {'; '.join(result.caveats)}.")
    if alike := alike_note([arm.headline for arm in result.arms if arm.headline]):
        found.append(alike)
    cost = result.judge_cost
    if cost.get("calls"):
        found.append(
            f"The judge answered {cost['calls']} calls, {cost['input_tokens']} tokens in and "
            f"{cost['output_tokens']} out."
        )
    return found


def sheets(plan: TaskPlan, judge: str) -> list[Sheet]:
    """The items of each arm that scored least, as contact sheets."""
    known = AnswerFile(plan, judge).read()
    found = []
    for arm, records in plan.records().items():
        pictures = plan.shown(records)
        judged = judged_items(plan, pictures, known) if known else []
        scores = item_scores(plan, judged)
        worst = sorted((score, item) for item, score in scores.items() if score < best(scores))
        prompts = {item.id: item.prompt for item in plan.items}
        figures = [
            (thumbnail(pictures[item][0]), f"{prompts[item][:200]}: {score:.{plan.task.digits}f}")
            for score, item in worst[:MOST_FAILURES]
        ]
        found.append(Sheet(arm, len(worst), figures))
    return [sheet for sheet in found if sheet.figures]


def best(scores: Mapping[str, float]) -> float:
    """The highest of an arm's items."""
    return max(scores.values(), default=0.0)


def item_scores(plan: TaskPlan, judged: Sequence[Judged]) -> dict[str, float]:
    """The headline of each item alone."""
    return values_of(plan.task, rows_of(plan.task, judged))


def write(plan: TaskPlan, result: TaskResult, official: Mapping[str, Any]) -> Path:
    """Writes ``result.json``, ``ladder.svg`` and ``report.html``; the latter's path.

    Raises:
        StorageError: they cannot be written.
    """
    write_json({**as_json(result), "official": official}, plan.out / "result.json")
    page = PAGES.get_template("tasks/task.html.jinja").render(
        title=result.title,
        notes=notes(result),
        ladder=ladder_of(result),
        curve=curve_of(result),
        headline=headline_table(result),
        differences=difference_table(result),
        rounds=round_table(result),
        breakdown=breakdown_tables(result),
        published=published_table(result),
        source=published()["source"],
        official=official_tables(official, result.digits),
        sheets=sheets(plan, result.judge),
        thumb=THUMB,
    )
    write_file(plan.out / "ladder.svg", f"{ladder_of(result)}\n".encode("utf-8", "replace"))
    path = plan.out / "report.html"
    write_file(path, page.encode("utf-8", "replace"))
    return path


def ladder_of(result: TaskResult) -> Markup:
    """Every arm's headline as a bar; empty where nothing is judged."""
    arms = [(arm.arm, arm.headline) for arm in result.arms if arm.headline]
    return Markup(ladder(arms, scale_of(result)) if arms else "")


def curve_of(result: TaskResult) -> Markup:
    """The headlines by round; empty where no arm's rounds are judged, or none had a second one."""
    arms = [(arm.arm, arm.by_round) for arm in result.arms if arm.by_round]
    longest = max((len(values) for _, values in arms), default=0)
    return Markup(rounds_figure(arms, scale_of(result)) if longest > 1 else "")


def scale_of(result: TaskResult) -> Scale:
    """The axis of a headline: whole numbers, unless it ends at 1."""
    return Scale(result.top, 0 if result.top > 1 else 1, "")


def official_tables(official: Mapping[str, Mapping[str, Any]], digits: int) -> list[Table]:
    """What was read back from official scripts, an arm a column."""
    arms = [ArmResult(arm, 0, 0, None, dict(figures)) for arm, figures in official.items()]
    shell = TaskResult("", "", "", digits, "", [], [], arms, [], {}, "")
    return breakdown_tables(shell) if arms else []
