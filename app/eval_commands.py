"""``gems eval``: benchmarks, from prompts to tables. A first word that is no subcommand is run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Optional

import typer
from typer.core import TyperGroup

from .command import Json, Share, one_line_errors

if TYPE_CHECKING:
    from ..evals.arms import Arm
    from ..evals.tasks.plan import TaskPlan


class BenchmarkGroup(TyperGroup):
    """Takes ``gems eval shapes`` for ``gems eval run shapes``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """See click's ``Command``; help and subcommands are the group's own."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["run", *args]
        return super().parse_args(ctx, args)


eval_app = typer.Typer(cls=BenchmarkGroup, no_args_is_help=True)


@eval_app.callback()
def benchmarks() -> None:
    """Run a benchmark, `gems eval shapes` for example, or one step of it."""


Arms = Annotated[
    Optional[str],
    typer.Option(help="What to compare: names or .toml files, with commas. [the ladder; base,gems]"),
]
Data = Annotated[
    Optional[Path], typer.Option(help="A task's official files: its prompts, or the folder with them.")
]
Judge = Annotated[
    Optional[str],
    typer.Option(help="Who judges a task: openai:MODEL. [GEMS_JUDGE]", metavar="SPEC"),
]
WordingFile = Annotated[
    Optional[Path], typer.Option(help="A TOML file with the official words to ask the judge in.")
]
ByRound = Annotated[
    bool, typer.Option("--by-round", help="Judge a task's pictures of every round, for the curve.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what a task would take, and send nothing.")
]
PriceList = Annotated[
    Optional[str],
    typer.Option(
        help="Dollars a million tokens in, out, and a picture, for --dry-run.", metavar="IN,OUT,PICTURE"
    ),
]
MaxImages = Annotated[Optional[int], typer.Option(help="Stop a task after this many pictures.")]
MaxCalls = Annotated[Optional[int], typer.Option(help="Stop a task after this many MLLM calls.")]
PicturesEach = Annotated[
    Optional[int], typer.Option(min=1, help="Pictures a prompt of a task. [the benchmark's custom]")
]
Limit = Annotated[Optional[int], typer.Option(min=1, help="Only so many prompts.")]
Seed = Annotated[int, typer.Option(help="Makes the benchmark repeatable.")]
TaskFolder = Annotated[Path, typer.Argument(help="The folder of a task.", metavar="DIR")]


@eval_app.command("run")
def evaluate(
    suite: Annotated[str, typer.Argument(help="shapes, a .jsonl file of prompts, or a task.")],
    small: Annotated[bool, typer.Option("--small", help="The suite's small version.")] = False,
    arms: Arms = None,
    limit: Limit = None,
    seed: Seed = 0,
    judge_noise: Annotated[float, Share("Verdicts that are flipped, 0 to 1.")] = 0.0,
    judge_blind: Annotated[float, Share("Verdicts that are withheld, 0 to 1.")] = 0.0,
    writer_noise: Annotated[float, Share("Prompts that lose a part, 0 to 1.")] = 0.0,
    out: Annotated[
        Optional[Path],
        typer.Option(help="Folder of its files; a run that was stopped goes on. [eval-SUITE-SEED]"),
    ] = None,
    data: Data = None,
    pictures: PicturesEach = None,
    judge: Judge = None,
    wording: WordingFile = None,
    by_round: ByRound = False,
    max_images: MaxImages = None,
    max_mllm_calls: MaxCalls = None,
    dry_run: DryRun = False,
    prices: PriceList = None,
    as_json: Json = False,
) -> None:
    """Run a benchmark: the same prompts drawn in several ways, with figures and a report.

    Tasks, with --data: geneval2, geneval, dpg, oneig-en, oneig-zh, wise-verified, wise-legacy,
    longtext-en, longtext-zh, spatialgeneval, crea, artimuse.
    """
    with one_line_errors():
        from ..evals.tasks.catalogue import TASKS

        if suite in {*TASKS, "wise"}:
            steps = Steps(suite, data, out, arms, limit, pictures, seed, wording)
            steps.run(judge, by_round, (max_images, max_mllm_calls), dry_run, prices, as_json)
            return
        from ..evals.arms import choose_arms
        from ..evals.cases import load_suite
        from ..evals.noise import Noise
        from ..evals.runner import EvalPlan
        from .evaluate import run_plan

        chosen = load_suite(f"{suite}-small" if small else suite, limit)
        noise = Noise(judge_noise, judge_blind, writer_noise)
        label = f"-{noise.label()}" if noise else ""
        folder = (out or Path(f"eval-{chosen.name}-{seed}{label}")).absolute()
        run_plan(EvalPlan(chosen, tuple(choose_arms(arms)), seed, folder, noise), as_json)


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

    def run(
        self,
        judge: str | None,
        by_round: bool,
        most: tuple[int | None, int | None],
        dry_run: bool,
        prices: str | None,
        as_json: bool,
    ) -> None:
        """All steps, or what they would take."""
        from ..evals.caps import Caps
        from .output import open_console
        from .task_tables import print_estimate, read_prices
        from .tasks import run_task

        plan, arms = self.plan()
        if dry_run:
            print_estimate(plan, arms, read_prices(prices), open_console())
            return
        run_task(plan, arms, spec=judge, by_round=by_round, caps=Caps(*most), as_json_wanted=as_json)


@eval_app.command("generate")
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
    dry_run: DryRun = False,
    prices: PriceList = None,
) -> None:
    """Draw a task's pictures and lay them out for the official script."""
    with one_line_errors():
        from ..evals.caps import Caps
        from .output import open_console
        from .task_tables import print_estimate, read_prices
        from .tasks import generate

        plan, chosen = Steps(task, data, out, arms, limit, pictures, seed, None).plan()
        if dry_run:
            print_estimate(plan, chosen, read_prices(prices), open_console())
            return
        generate(plan, chosen, Caps(max_images, max_mllm_calls), open_console())


@eval_app.command("judge")
def judge_task(
    folder: TaskFolder, judge: Judge = None, wording: WordingFile = None, by_round: ByRound = False
) -> None:
    """Ask the judge about a task's pictures; what it answered before is not asked again."""
    with one_line_errors():
        from ..evals.tasks.plan import open_plan
        from .output import open_console
        from .tasks import judge as ask_judge

        ask_judge(open_plan(folder, wording), judge, by_round, open_console())


@eval_app.command("score")
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
        from .tasks import read_back, show_and_write

        if official is not None:
            read_back(folder, official, arm)
        show_and_write(folder, as_json, open_console())


@eval_app.command("report")
def report_task(folder: TaskFolder) -> None:
    """Write a task's report again, and print where it is."""
    with one_line_errors():
        from ..evals.tasks.report import write
        from .tasks import score

        print(write(*score(folder)))


@eval_app.command("compare")
def compare_tasks(
    folder: TaskFolder, other: Annotated[Path, typer.Argument(help="Another one.", metavar="DIR")]
) -> None:
    """Compare two runs of one task, arm by arm, on the same prompts."""
    with one_line_errors():
        from .output import open_console
        from .tasks import compare

        compare(folder, other, open_console())


@eval_app.command("roles")
def examine_roles(
    mllm: Annotated[
        Optional[str],
        typer.Option(help="The model to examine, as for `gems generate`. [GEMS_MLLM]", metavar="SPEC"),
    ] = None,
    roles: Annotated[Optional[str], typer.Option(help="Only these roles, with commas. [all]")] = None,
    at_once: Annotated[int, typer.Option(min=1, help="Calls side by side.")] = 8,
    judge_noise: Annotated[float, Share("Verdicts that are flipped, 0 to 1.")] = 0.0,
    judge_blind: Annotated[float, Share("Verdicts that are withheld, 0 to 1.")] = 0.0,
    writer_noise: Annotated[float, Share("Prompts that lose a part, 0 to 1.")] = 0.0,
    out: Annotated[
        Optional[Path],
        typer.Option(help="Folder of its files; an exam that was stopped goes on. [eval-roles-SPEC]"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Examine a multimodal model in every role, by known truth, and say which settings suit it."""
    with one_line_errors():
        from ..evals.noise import Noise
        from ..evals.roles.examiner import ExamPlan, choose_roles
        from ..settings import load_settings
        from .roles import folder_for, run_exam

        spec = mllm or load_settings().mllm
        noise = Noise(judge_noise, judge_blind, writer_noise)
        folder = (out or folder_for(spec, noise)).absolute()
        run_exam(ExamPlan(spec, folder, choose_roles(roles), at_once, noise), as_json)


@eval_app.command("table")
def print_overview(
    folders: Annotated[list[Path], typer.Argument(help="Folders of tasks.", metavar="DIR...")],
) -> None:
    """Print the published table with your figures of several tasks under it."""
    with one_line_errors():
        from .output import open_console
        from .tasks import show_overview

        show_overview(folders, open_console())


@eval_app.command("check-scoring")
def check_scoring(
    folder: Annotated[Path, typer.Argument(help="Golden files: answers with their official figures.")],
) -> None:
    """Score golden files' answers: SAME or DIFF a figure; fails unless all are the same."""
    with one_line_errors():
        from ..evals.scoring.golden import check_folder, print_findings

        if not print_findings(check_folder(folder), print):
            raise typer.Exit(1)
