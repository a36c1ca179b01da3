"""``gems eval`` for public benchmarks: draws, judges, scores and reports, each resumable by itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..errors import CancelledRunError, InputError
from ..evals.arms import Arm
from ..evals.caps import NO_CAPS, Caps
from ..evals.cases import Case
from ..evals.plan import BLOCK, EvalPlan
from ..evals.records import Record
from ..evals.runner import Runner
from ..evals.scorers import Later
from ..evals.sharing import open_sharing
from ..evals.tasks import report
from ..evals.tasks.files import read_json, write_json
from ..evals.tasks.judging import AnswerFile, Judging, units_of
from ..evals.tasks.plan import TaskPlan, open_plan
from ..evals.tasks.results import TaskResult, as_json, score_task
from ..models.judges.completions import CompletionJudge
from ..models.loop import run_blocking
from ..settings import Settings, load_settings
from .output import open_console
from .task_tables import print_tables


def bars(console: Console) -> Progress:
    """A bar with how many are done and the time left."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
    )


class Effort(NamedTuple):
    """How the work is done, and how much of it."""

    caps: Caps = NO_CAPS
    jobs: int = BLOCK
    worker: bool = False
    """Whether another process lays out and reports."""


def generate(plan: TaskPlan, arms: Sequence[Arm], effort: Effort, console: Console) -> None:
    """Draws what is missing, and lays everything out for the official scripts.

    Raises:
        CancelledRunError: Ctrl-C; what is finished is kept.
        GemsError: see ``Runner``; a cap, among others.
    """
    plan.write()
    suite = plan.suite
    drawn = EvalPlan(
        suite, tuple(arms), plan.seed, plan.out,
        scorer=Later(plan.task.name), caps=effort.caps, jobs=effort.jobs,
    )  # fmt: skip
    with bars(console) as shown:
        rows = {arm.name: shown.add_task(arm.name, total=len(suite.cases)) for arm in arms}

        def done(arm: str, case: Case, record: Record | None) -> None:
            if record is None:
                shown.console.print(f"{arm}: {case.id} failed", markup=False)
            else:
                shown.advance(rows[arm])

        runner = Runner(drawn, load_settings(), done)
        for record in runner.finished():
            shown.advance(rows[record.arm])
        blocking(runner.run())
    for folder in [] if effort.worker else plan.lay_out():
        console.print(f"laid out for the official script: {folder}", soft_wrap=True, markup=False)


def blocking(work: Any) -> Any:
    """Runs ``work``.

    Raises:
        CancelledRunError: Ctrl-C.
    """
    try:
        return run_blocking(work)
    except KeyboardInterrupt:
        raise CancelledRunError("stopped; the same command goes on from here") from None


def judge(plan: TaskPlan, spec: str | None, by_round: bool, console: Console) -> str:
    """Asks the judge what is missing; its spec, which is noted in the folder.

    Raises:
        InputError: nobody is named, or nothing is drawn.
        GemsError: see ``Judging.run``.
    """
    settings = load_settings()
    asked = CompletionJudge(chosen_judge(spec, settings), settings)
    fetch(plan)
    units = units_of(plan, by_round)
    if not units:
        raise InputError(f"{plan.out} holds no pictures yet: draw some with `gems eval generate`")
    verifiers = [settings.mllm if name == "mllm" else name for name in settings.verifiers.split(",")]
    wording = dict(plan.task.wording.texts) if plan.task.wording.given else None
    noted = {"judge": asked.name, "url": asked.url, "verifiers": verifiers, "wording": wording}
    with bars(console) as shown:
        row = shown.add_task(f"judging by {asked.model}", total=len(units))
        sharing = open_sharing(settings, plan.out)
        work = Judging(plan, asked, lambda: shown.advance(row), sharing)
        write_json(noted, plan.out / "judge.json")
        try:
            blocking(work.run(units))
        finally:
            blocking(asked.aclose())
    return asked.name


def chosen_judge(spec: str | None, settings: Settings) -> str:
    """Who judges.

    Raises:
        InputError: nobody is named.
    """
    found = spec or settings.judge
    if not found:
        raise InputError("nobody is named to judge: --judge openai:MODEL, or GEMS_JUDGE")
    return found


def fetch(plan: TaskPlan, judge: str = "") -> None:
    """Brings what workers elsewhere have written into a folder; nothing where they share the folder."""
    sharing = open_sharing(load_settings(), plan.out)
    sharing.log(plan.out / "records.jsonl")
    if judge:
        sharing.log(AnswerFile(plan, judge).path)
    sharing.settle()


def noted_judge(out: Path) -> Mapping[str, Any]:
    """Who judged a folder's pictures last, and in whose words; nobody where it was not judged."""
    path = out / "judge.json"
    return read_json(path) if path.is_file() else {"judge": "", "verifiers": [], "wording": None}


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
        print(json.dumps({**as_json(result), "official": official, "report": str(path)}))
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


def run_task(
    plan: TaskPlan,
    arms: Sequence[Arm],
    effort: Effort,
    *,
    spec: str | None,
    by_round: bool,
    as_json_wanted: bool = False,
) -> None:
    """All steps: draws, judges where somebody is named who can, scores, reports.

    Raises:
        GemsError: see the steps.
    """
    console, settings = open_console(stderr=as_json_wanted), load_settings()
    named = spec or settings.judge
    if named:
        CompletionJudge(named, settings)  # before anything is paid
    generate(plan, arms, effort, console)
    if named:
        judge(plan, named, by_round, console)
    else:
        console.print("nobody is named to judge (--judge, GEMS_JUDGE): drawn and laid out only")
    if effort.worker:
        console.print(
            f"nothing is left to do here; figures: gems eval score {plan.out}", soft_wrap=True
        )
    else:
        show_and_write(plan.out, as_json_wanted, console)
