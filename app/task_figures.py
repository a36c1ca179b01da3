"""What the steps of ``gems eval TASK`` after drawing and judging print: figures and comparisons."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from ..errors import InputError
from ..evals.sharing import open_sharing
from ..evals.tasks import report
from ..evals.tasks.files import finite, read_json, write_json
from ..evals.tasks.judging import AnswerFile
from ..evals.tasks.plan import TaskPlan, bring_pictures, open_plan
from ..evals.tasks.results import TaskResult, as_json, score_task
from ..settings import load_settings
from .task_tables import print_tables


def fetch(plan: TaskPlan, judge: str = "") -> None:
    """Brings what workers elsewhere have written and drawn into a folder; nothing where they share
    the folder."""
    settings = load_settings()
    sharing = open_sharing(settings, plan.out)
    sharing.log(plan.out / "records.jsonl")
    if judge:
        sharing.log(AnswerFile(plan, judge).path)
    sharing.settle()
    if settings.database_url is not None:
        bring_pictures(plan, settings)


def noted_judge(out: Path) -> Mapping[str, Any]:
    """Who judged a folder's pictures last, and in whose words; nobody where it was not judged.

    Raises:
        InputError: the file that says so is damaged.
    """
    path = out / "judge.json"
    nobody: dict[str, Any] = {"judge": "", "verifiers": [], "wording": None}
    found: object = read_json(path) if path.is_file() else {}
    if not isinstance(found, dict):
        raise InputError(f"{path} does not say who judged: judge again with `gems eval judge {out}`")
    return {**nobody, **found}


def judged_plan(out: Path) -> tuple[TaskPlan, Mapping[str, Any]]:
    """A folder's plan in the words in which it was judged, and who judged it.

    Raises:
        InputError: it holds no task.
    """
    from ..evals.tasks.wording import Wording

    plan, noted = open_plan(out), noted_judge(out)
    if noted["wording"]:
        task = type(plan.task)(Wording(noted["wording"], given=True))
        plan = replace(plan, task=task)
    return plan, noted


def score(out: Path) -> tuple[TaskPlan, TaskResult, dict[str, Any]]:
    """A folder's figures, and what was read back from official scripts.

    Raises:
        InputError: it holds no task.
    """
    plan, noted = judged_plan(out)
    fetch(plan, noted["judge"])
    path = plan.out / "official.json"
    official = read_json(path) if path.is_file() else {}
    return plan, score_task(plan, noted["judge"], noted["verifiers"]), official


def read_back(out: Path, file: Path, arm: str | None) -> None:
    """Keeps the figures of an official result file as an arm's.

    Raises:
        InputError: it is unclear whose they are, or the file is none of the task's.
    """
    plan = open_plan(out)
    drawn = list(plan.records())
    if arm is None and len(drawn) != 1:
        raise InputError(
            f"whose figures are those? give --arm, one of {', '.join(drawn) or 'none drawn'}"
        )
    if arm is not None and arm not in drawn:
        raise InputError(f"no arm {arm!r} is drawn in {out}: one of {', '.join(drawn) or 'none'}")
    path = plan.out / "official.json"
    held = read_json(path) if path.is_file() else {}
    name = arm or drawn[0]
    figures = plan.task.read_official(file, plan.items, name)
    held[name] = {**held.get(name, {}), **figures}
    write_json(held, path)


def show_and_write(out: Path, as_json_wanted: bool, console: Console) -> None:
    """Prints a folder's figures and writes its report.

    Raises:
        GemsError: see ``score`` and ``report.write``.
    """
    plan, result, official = score(out)
    path = report.write(plan, result, official)
    if as_json_wanted:
        told = {**as_json(result), "official": official, "report": str(path)}
        print(json.dumps(finite(told), allow_nan=False))
        return
    console.print(result.title, markup=False, soft_wrap=True)
    for line in report.notes(result):
        console.print(line, markup=False, soft_wrap=True)
    tables = (
        report.headline_table(result),
        report.difference_table(result),
        report.round_table(result),
        *report.breakdown_tables(result),
        *report.official_tables(official, result.digits),
        report.published_table(result),
    )
    print_tables(tables, console)
    console.print(f"report: {path}", soft_wrap=True, markup=False)


def compare(one: Path, other: Path, as_json_wanted: bool, console: Console) -> None:
    """Prints two folders' figures of one task beside each other.

    Raises:
        InputError: they are of different tasks, or judged differently.
    """
    from ..evals.tasks.comparison import compare_folders

    found = compare_folders(judged_plan(one), judged_plan(other))
    if as_json_wanted:
        tables = [table._asdict() for table in found.tables if table.rows]
        print(json.dumps({"notes": found.notes, "tables": tables}, ensure_ascii=False))
        return
    for line in (f"first: {one}, second: {other}", *found.notes):
        console.print(line, markup=False, soft_wrap=True)
    print_tables(found.tables, console)


def show_overview(folders: Sequence[Path], console: Console) -> None:
    """Prints the published table with the figures of several folders under it.

    Raises:
        InputError: one holds no task.
    """
    from ..evals.tasks.overview import overview, overview_notes

    results = [score(folder)[1] for folder in folders]
    print_tables([overview(results)], console)
    for note in overview_notes(results):
        console.print(note, markup=False, soft_wrap=True)
