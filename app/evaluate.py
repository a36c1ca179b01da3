"""``gems eval``: shows a benchmark's progress and prints its figures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..errors import CancelledRunError
from ..evals.arms import Arm
from ..evals.cases import Case
from ..evals.naming import settle_name
from ..evals.plan import EvalPlan
from ..evals.records import Record
from ..evals.report import write
from ..evals.runner import Runner
from ..evals.score import ArmScore, Scores, alike_note, score, scorer_note
from ..evals.tables import Table, difference_table, round_table, saving_table
from ..models.loop import run_blocking
from ..settings import load_settings
from .output import open_console


class ArmBars:
    """One bar an arm: prompts done, how many fully correct, pictures, and the time left."""

    def __init__(self, arms: Sequence[Arm], total: int, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[said]}"),
            TimeRemainingColumn(),
            console=console,
        )
        self._tasks = {
            arm.name: self._progress.add_task(arm.name, total=total, said="") for arm in arms
        }
        self._right = dict.fromkeys(self._tasks, 0)
        self._images = dict.fromkeys(self._tasks, 0)

    def __enter__(self) -> ArmBars:
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def __call__(self, arm: str, case: Case, record: Record | None) -> None:
        """Moves an arm's bar by one case; one that failed (``record`` is None) is named and not
        counted."""
        if record is None:
            self._progress.console.print(f"{arm}: {case.id} failed", markup=False)
            return
        self._right[arm] += record.correct
        self._images[arm] += record.images
        said = f"{self._right[arm]} right, {self._images[arm]} pictures"
        self._progress.update(self._tasks[arm], advance=1, said=said)


def run_plan(plan: EvalPlan, as_json: bool, *, worker: bool = False, name: str | None = None) -> None:
    """Runs what is missing of ``plan``, writes its report and prints its figures; with ``as_json`` one
    object on stdout, and the bars on stderr. A ``worker`` leaves report and figures to another;
    ``name``: see ``settle_name``.

    Raises:
        CancelledRunError: Ctrl-C; what is finished is kept.
        GemsError: see ``Runner``.
    """
    console = open_console(stderr=as_json)
    name_evaluation(plan, console, name, worker=worker)
    records = run_cases(plan, console)
    if worker:
        console.print("nothing is left to do here", markup=False)
        return
    scores = score(records, plan.arms)
    noise = f", noise {plan.noise.label()}" if plan.noise else ""
    after = f", after {plan.after.name}" if plan.after else ""
    path = write(f"gems eval {plan.suite.name}, seed {plan.seed}{noise}{after}", scores, plan.out)
    if as_json:
        print(json.dumps(to_json(scores, path)))
        return
    show(scores, console)
    console.print(f"report: {path}", soft_wrap=True, markup=False)


def name_evaluation(
    plan: EvalPlan, console: Console, name: str | None = None, *, worker: bool = False
) -> None:
    """Settles what an evaluation is called in the database, and says so to who began it.

    Raises:
        GemsError: see ``settle_name``.
    """
    settings = load_settings()
    found = settle_name(settings, plan, name, worker=worker)
    if settings.database_url is not None and not worker:
        said = f"in the database: {found}; another machine helps with --worker --name {found}"
        console.print(said, markup=False, soft_wrap=True, highlight=False)


def run_cases(plan: EvalPlan, console: Console) -> list[Record]:
    """Every record of ``plan``, the missing ones made before a bar an arm; see ``run_plan``."""
    bars = ArmBars(plan.arms, len(plan.suite.cases), console)
    runner = Runner(plan, load_settings(), bars)
    cases = {case.id: case for case in plan.suite.cases}
    with bars:
        for record in runner.finished():
            bars(record.arm, cases[record.case], record)
        try:
            return run_blocking(runner.run())
        except KeyboardInterrupt:
            raise CancelledRunError("stopped; the same command goes on from here") from None


def to_json(scores: Scores, report: Path) -> dict[str, Any]:
    """What ``gems eval --json`` prints; every estimate as ``mean``, ``low`` and ``high``."""
    return {
        "arms": [asdict(arm) for arm in scores.arms],
        "differences": [asdict(item) for item in scores.differences],
        "savings": [asdict(item) for item in scores.savings],
        "scorers": scores.scorers,
        "unjudged": scores.unjudged,
        "report": str(report),
    }


def show(scores: Scores, console: Console) -> None:
    """The ladder and the paired differences as tables; the report has every interval."""
    tables = (
        short_table(scores.arms),
        round_table(scores.arms),
        difference_table(scores.differences),
        saving_table(scores.savings),
    )
    for head, rows in tables:
        for line in columns([head, *rows] if rows else []):
            console.print(line, markup=False, soft_wrap=True)
    for note in filter(None, (alike_note([a.correct for a in scores.arms]), scorer_note(scores))):
        console.print(note, markup=False, soft_wrap=True)


def short_table(arms: Sequence[ArmScore]) -> Table:
    """The ladder with one interval an arm, so that a row fits a terminal."""
    rows = [
        [
            arm.arm,
            arm.correct.text(),
            f"{arm.questions.mean:.1f}",
            f"{arm.images.mean:.2f}",
            f"{arm.calls.mean:.1f}",
            f"{arm.rounds.mean:.2f}" if arm.rounds else "-",
        ]
        for arm in arms
    ]
    return Table(["arm", "fully correct %", "questions %", "pictures", "calls", "rounds"], rows)


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines, the first being the head: the first column and those without a head to the left,
    numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    words = [position == 0 or not cell for position, cell in enumerate(rows[0] if rows else ())]
    return [
        "  ".join(
            cell.ljust(width) if left else cell.rjust(width)
            for cell, width, left in zip(row, widths, words, strict=True)
        ).rstrip()
        for row in rows
    ]
