"""``gems eval``: benchmarks, from prompts to tables. A first word that is no subcommand is run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Optional

import typer
from typer.core import TyperGroup

from ..errors import InputError
from .command import Json, Share, one_line_errors
from .eval_options import (
    After,
    Arms,
    ByRound,
    Data,
    DryRun,
    Gpus,
    Jobs,
    Judge,
    Limit,
    MaxCalls,
    MaxCost,
    MaxImages,
    Name,
    PicturesEach,
    PriceList,
    RayAddress,
    Seed,
    WordingFile,
    Worker,
    Workers,
)  # fmt: skip
from .task_commands import Steps, task_app


class BenchmarkGroup(TyperGroup):
    """Takes ``gems eval shapes`` for ``gems eval run shapes``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """See click's ``Command``; help and subcommands are the group's own."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["run", *args]
        return super().parse_args(ctx, args)


eval_app = typer.Typer(cls=BenchmarkGroup, no_args_is_help=True)
eval_app.add_typer(task_app)


@eval_app.callback()
def benchmarks() -> None:
    """Run a benchmark, `gems eval shapes` for example, or one step of it."""


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
    after: After = None,
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
    max_cost: MaxCost = None,
    jobs: Jobs = 20,
    worker: Worker = False,
    name: Name = None,
    ray: RayAddress = None,
    workers: Workers = 2,
    gpus: Gpus = 0.0,
    dry_run: DryRun = False,
    prices: PriceList = None,
    as_json: Json = False,
) -> None:
    """Run a benchmark: the same prompts drawn in several ways, with figures and a report.

    Tasks, with --data: geneval2, geneval, dpg, oneig-en, oneig-zh, wise-verified, wise-legacy,
    longtext-en, longtext-zh, spatialgeneval, crea, artimuse.
    """
    with one_line_errors():
        from ..evals.caps import Caps
        from ..evals.tasks.catalogue import TASKS

        caps = Caps(max_images, max_mllm_calls, max_cost)
        if suite in {*TASKS, "wise"}:
            only_for_suites(small, judge_noise, judge_blind, writer_noise, after)
            from .tasks import Effort

            steps = Steps(suite, data, out, arms, limit, pictures, seed, wording)
            effort = Effort(caps, jobs, worker, name)
            if ray is not None and not dry_run:
                from ..evals.ray_workers import Team
                from .tasks import have_workers_do

                steps.settle(effort)
                command = steps.worker_command(judge, by_round, effort)
                have_workers_do(Team(ray, workers, gpus), command)
            steps.run(judge, by_round, effort, dry_run, prices, as_json)
            return
        from ..evals.arms import choose_arms
        from ..evals.cases import load_suite
        from ..evals.noise import Noise
        from ..evals.plan import EvalPlan
        from .evaluate import run_plan

        chosen = load_suite(f"{suite}-small" if small else suite, limit)
        noise = Noise(judge_noise, judge_blind, writer_noise)
        label = (f"-{noise.label()}" if noise else "") + ("-after" if after else "")
        folder = (out or Path(f"eval-{chosen.name}-{seed}{label}")).absolute()
        before = after.absolute() if after else None
        plan = EvalPlan(
            chosen, tuple(choose_arms(arms)), seed, folder, noise, caps=caps, jobs=jobs, after=before
        )
        run_plan(plan, as_json, worker=worker, name=name)


def only_for_suites(*given: object) -> None:
    """Refuses what a task does not know.

    Raises:
        InputError: one of ``given``, as ``gems eval run`` takes them, is set.
    """
    names = ("--small", "--judge-noise", "--judge-blind", "--writer-noise", "--after")
    for name, value in zip(names, given, strict=True):
        if value:
            raise InputError(f"{name} is for suites of prompts, no task has it: leave it out")


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


@eval_app.command("check-scoring")
def check_scoring(
    folder: Annotated[Path, typer.Argument(help="Golden files: answers with their official figures.")],
) -> None:
    """Score golden files' answers: SAME or DIFF a figure; fails unless all are the same."""
    with one_line_errors():
        from ..evals.scoring.golden import check_folder, print_findings

        if not print_findings(check_folder(folder), print):
            raise typer.Exit(1)
