"""``gems eval`` for public benchmarks: draws, judges, scores and reports, each resumable by itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..errors import CancelledRunError, InputError
from ..evals.arms import Arm
from ..evals.caps import NO_CAPS, Caps
from ..evals.cases import Case
from ..evals.money import Costs
from ..evals.plan import BLOCK, EvalPlan
from ..evals.ray_workers import Team, run_workers
from ..evals.records import Record
from ..evals.runner import Runner
from ..evals.scorers import Later
from ..evals.sharing import Sharing, alone, open_sharing
from ..evals.tasks.files import write_json
from ..evals.tasks.judging import Asked, Judging, units_of
from ..evals.tasks.paying import paid_by
from ..evals.tasks.plan import TaskPlan
from ..models.judges.completions import CompletionJudge
from ..models.loop import run_blocking
from ..settings import Settings, load_settings, own_variables
from .evaluate import name_evaluation
from .output import open_console
from .task_figures import fetch, show_and_write


def bars(console: Console) -> Progress:
    """A bar with how many are done and the time left."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
    )


LAYING_OUT_SECONDS = 600.0
"""How long another process may be at it."""


class Effort(NamedTuple):
    """How the work is done, and how much of it."""

    caps: Caps = NO_CAPS
    jobs: int = BLOCK
    worker: bool = False
    """Whether another process lays out and reports."""
    name: str | None = None
    """What it is to be called in the database."""


def generate(plan: TaskPlan, arms: Sequence[Arm], effort: Effort, console: Console) -> None:
    """Draws what is missing, and lays everything out for the official scripts.

    Raises:
        CancelledRunError: Ctrl-C; what is finished is kept.
        GemsError: see ``Runner``; a cap, among others.
    """
    plan.write()
    drawn = drawn_by(plan, arms, effort)
    suite = drawn.suite
    name_evaluation(drawn, console, effort.name, worker=effort.worker)
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
    if not effort.worker:
        lay_out(plan, console)


def drawn_by(plan: TaskPlan, arms: Sequence[Arm], effort: Effort) -> EvalPlan:
    """What arms are to draw of a task."""
    return EvalPlan(
        plan.suite, tuple(arms), plan.seed, plan.out,
        scorer=Later(plan.task.name), caps=effort.caps, jobs=effort.jobs,
    )  # fmt: skip


def lay_out(plan: TaskPlan, console: Console) -> None:
    """Lays everything out for the official scripts, after another process that does.

    Raises:
        StorageError: it cannot be written.
    """
    fetch(plan)
    with alone(open_sharing(load_settings(), plan.out), "official files", LAYING_OUT_SECONDS):
        for folder in plan.lay_out():
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


def judge(
    plan: TaskPlan, spec: str | None, by_round: bool, console: Console, caps: Caps = NO_CAPS
) -> str:
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
        payer = paying(asked, plan, caps, sharing)
        work = Judging(plan, payer, lambda: shown.advance(row), sharing)
        write_json(noted, plan.out / "judge.json")
        try:
            blocking(work.run(units))
        finally:
            blocking(asked.aclose())
    return asked.name


def paying(asked: CompletionJudge, plan: TaskPlan, caps: Caps, sharing: Sharing) -> Asked:
    """Who is asked, and paid for where money is capped.

    Raises:
        InputError: there is no price for it.
    """
    return asked if caps.cost is None else paid_by(caps.cost, asked, plan, load_settings(), sharing)


def chosen_judge(spec: str | None, settings: Settings) -> str:
    """Who judges.

    Raises:
        InputError: nobody is named.
    """
    found = spec or settings.judge
    if not found:
        raise InputError("nobody is named to judge: --judge openai:MODEL, or GEMS_JUDGE")
    return found


def have_workers_do(team: Team, command: Sequence[str]) -> None:
    """Has workers on a Ray cluster do what there is to do. What one could not do, the caller tries, and
    says why it cannot be done.

    Raises:
        InputError, UnreachableError: see ``run_workers``.
    """
    console = open_console(stderr=True)
    console.print(f"{team.workers} workers on the Ray cluster {team.address}", soft_wrap=True)
    for line in run_workers(team, command, Path.cwd(), own_variables()):
        console.print(f"a worker: {line}", markup=False, soft_wrap=True)


def check_judge(spec: str, caps: Caps, settings: Settings) -> None:
    """Sees, before anything is paid, that a judge can be asked, and paid where money is capped.

    Raises:
        InputError: it cannot.
    """
    CompletionJudge(spec, settings)
    if caps.cost is not None:
        Costs(settings).check_judge(spec)


def unaskable(plan: TaskPlan) -> str:
    """Why no judge can be asked about a plan's items, whoever it is; empty: one can."""
    try:
        for item in plan.items:
            next(iter(plan.task.asks(item)), None)
    except InputError as exc:
        return str(exc)
    return ""


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
    if named and (nobody := unaskable(plan)):
        if spec:
            raise InputError(nobody)
        console.print(f"not judged here: {nobody}", markup=False, soft_wrap=True)
        named = None
    if named:
        check_judge(named, effort.caps, settings)
    generate(plan, arms, effort, console)
    if named:
        judge(plan, named, by_round, console, effort.caps)
    elif not settings.judge:
        console.print("nobody is named to judge (--judge, GEMS_JUDGE): drawn and laid out only")
    if effort.worker:
        console.print(
            f"nothing is left to do here; figures: gems eval score {plan.out}", soft_wrap=True
        )
    else:
        show_and_write(plan.out, as_json_wanted, console)
