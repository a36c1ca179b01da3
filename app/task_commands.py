"""The steps of ``gems eval TASK`` as commands of their own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, Optional

import typer

from .command import Json, one_line_errors
from .eval_options import (
    Arms,
    ByRound,
    Data,
    DryRun,
    Jobs,
    Judge,
    Limit,
    MaxCalls,
    MaxCost,
    MaxImages,
    Name,
    PicturesEach,
    PriceList,
    Seed,
    TaskFolder,
    WordingFile,
    Worker,
)  # fmt: skip

if TYPE_CHECKING:
    from ..evals.arms import Arm
    from ..evals.tasks.plan import TaskPlan
    from .tasks import Effort

task_app = typer.Typer()


class Steps(NamedTuple):
    """A task as it was asked for on the command line."""

    task: str
    data: Path | None
    out: Path | None
    arms: str | None
    limit: int | None
    pictures: int | None
    seed: int
    wording: Path | None

    def plan(self) -> tuple[TaskPlan, list[Arm]]:
        """The plan, and the arms that draw it.

        Raises:
            InputError: there is no data, no such task, or no such arm.
        """
        from ..errors import InputError
        from ..evals.arms import choose_arms
        from ..evals.tasks.catalogue import open_task
        from ..evals.tasks.plan import make_plan

        task = open_task(self.task, self.wording)
        if self.data is None:
            raise InputError(f"{self.task} needs its official files: --data PATH (docs/benchmarks.md)")
        out = self.out or Path(f"eval-{self.task}-{self.seed}")
        plan = make_plan(task, self.data, out, limit=self.limit, pictures=self.pictures, seed=self.seed)
        return plan, choose_arms(self.arms or "base,gems")

    def worker_command(self, judge: str | None, by_round: bool, effort: Effort) -> list[str]:
        """The same as a worker's command, its paths absolute."""
        plan, _ = self.plan()
        options = {
            "data": plan.data, "out": plan.out, "arms": self.arms, "limit": self.limit,
            "pictures": self.pictures, "seed": self.seed, "judge": judge, "jobs": effort.jobs,
            "wording": self.wording.absolute() if self.wording else None,
            "max-images": effort.caps.images, "max-mllm-calls": effort.caps.mllm_calls,
            "max-cost": effort.caps.cost,
        }  # fmt: skip
        given = [f"--{name}={value}" for name, value in options.items() if value is not None]
        return ["eval", self.task, *given, *(["--by-round"] if by_round else []), "--worker"]

    def settle(self, effort: Effort) -> None:
        """Notes what the evaluation is called in the database, before anybody helps."""
        from ..evals.naming import settle_name
        from ..settings import load_settings
        from .tasks import drawn_by

        settle_name(load_settings(), drawn_by(*self.plan(), effort), effort.name)

    def run(
        self,
        judge: str | None,
        by_round: bool,
        effort: Effort,
        dry_run: bool,
        prices: str | None,
        as_json: bool,
    ) -> None:
        """All steps, or what they would take."""
        from ..settings import load_settings
        from .output import open_console
        from .task_tables import print_estimate, rates_of
        from .tasks import run_task

        plan, arms = self.plan()
        if dry_run:
            rates = rates_of(prices, load_settings(), judge)
            print_estimate(plan, arms, rates, open_console())
            return
        run_task(plan, arms, effort, spec=judge, by_round=by_round, as_json_wanted=as_json)


@task_app.command("generate")
def generate_task(
    task: Annotated[
        str, typer.Argument(help="A task: geneval2, dpg, ... (see `gems eval run --help`).")
    ],
    data: Data = None,
    arms: Arms = None,
    limit: Limit = None,
    pictures: PicturesEach = None,
    seed: Seed = 0,
    out: Annotated[Optional[Path], typer.Option(help="Folder of its files. [eval-TASK-SEED]")] = None,
    max_images: MaxImages = None,
    max_mllm_calls: MaxCalls = None,
    max_cost: MaxCost = None,
    jobs: Jobs = 20,
    worker: Worker = False,
    name: Name = None,
    dry_run: DryRun = False,
    prices: PriceList = None,
) -> None:
    """Draw a task's pictures and lay them out for the official script."""
    with one_line_errors():
        from ..evals.caps import Caps
        from ..settings import load_settings
        from .output import open_console
        from .task_tables import print_estimate, rates_of
        from .tasks import Effort, generate

        plan, chosen = Steps(task, data, out, arms, limit, pictures, seed, None).plan()
        if dry_run:
            rates = rates_of(prices, load_settings(), None)
            print_estimate(plan, chosen, rates, open_console())
            return
        effort = Effort(Caps(max_images, max_mllm_calls, max_cost), jobs, worker, name)
        generate(plan, chosen, effort, open_console())


@task_app.command("judge")
def judge_task(
    folder: TaskFolder,
    judge: Judge = None,
    wording: WordingFile = None,
    by_round: ByRound = False,
    max_cost: MaxCost = None,
) -> None:
    """Ask the judge about a task's pictures; what it answered before is not asked again."""
    with one_line_errors():
        from ..evals.caps import Caps
        from ..evals.tasks.plan import open_plan
        from .output import open_console
        from .tasks import judge as ask_judge

        caps = Caps(cost=max_cost)
        ask_judge(open_plan(folder, wording), judge, by_round, open_console(), caps)


@task_app.command("score")
def score_task(
    folder: TaskFolder,
    official: Annotated[
        Optional[Path], typer.Option(help="An official script's result file, to be read back.")
    ] = None,
    arm: Annotated[Optional[str], typer.Option(help="Whose pictures that script judged.")] = None,
    as_json: Json = False,
) -> None:
    """Print a task's figures from what was judged, and write its report."""
    with one_line_errors():
        from .output import open_console
        from .task_figures import read_back, show_and_write

        if official is not None:
            read_back(folder, official, arm)
        show_and_write(folder, as_json, open_console())


@task_app.command("report")
def report_task(folder: TaskFolder) -> None:
    """Write a task's report again, and print where it is."""
    with one_line_errors():
        from ..evals.tasks.report import write
        from .task_figures import score

        print(write(*score(folder)))


@task_app.command("compare")
def compare_tasks(
    folder: TaskFolder,
    other: Annotated[Path, typer.Argument(help="Another one.", metavar="DIR")],
    as_json: Json = False,
) -> None:
    """Compare two runs of one task, arm by arm: figures, prompts, cost, models."""
    with one_line_errors():
        from .output import open_console
        from .task_figures import compare

        compare(folder, other, as_json, open_console())


@task_app.command("table")
def print_overview(
    folders: Annotated[list[Path], typer.Argument(help="Folders of tasks.", metavar="DIR...")],
) -> None:
    """Print the published table with your figures of several tasks under it."""
    with one_line_errors():
        from .output import open_console
        from .task_figures import show_overview

        show_overview(folders, open_console())
