"""``gems eval``: benchmarks, from prompts to tables. A first word that is no subcommand is run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Optional

import typer
from typer.core import TyperGroup

from .command import Json, Share, one_line_errors


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


@eval_app.command("run")
def evaluate(
    suite: Annotated[str, typer.Argument(help="shapes, or a .jsonl file of prompts.")],
    small: Annotated[bool, typer.Option("--small", help="The suite's small version.")] = False,
    arms: Annotated[
        Optional[str],
        typer.Option(help="What to compare: names or .toml files, with commas. [the ladder]"),
    ] = None,
    limit: Annotated[Optional[int], typer.Option(min=1, help="Only so many prompts.")] = None,
    seed: Annotated[int, typer.Option(help="Makes the benchmark repeatable.")] = 0,
    judge_noise: Annotated[float, Share("Verdicts that are flipped, 0 to 1.")] = 0.0,
    judge_blind: Annotated[float, Share("Verdicts that are withheld, 0 to 1.")] = 0.0,
    writer_noise: Annotated[float, Share("Prompts that lose a part, 0 to 1.")] = 0.0,
    out: Annotated[
        Optional[Path],
        typer.Option(help="Folder of its files; a run that was stopped goes on. [eval-SUITE-SEED]"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Run a benchmark: the same prompts drawn in several ways, with figures and a report."""
    with one_line_errors():
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


@eval_app.command("check-scoring")
def check_scoring(
    folder: Annotated[Path, typer.Argument(help="Golden files: answers with their official figures.")],
) -> None:
    """Score golden files' answers: SAME or DIFF a figure; fails unless all are the same."""
    with one_line_errors():
        from ..evals.scoring.golden import check_folder, print_findings

        if not print_findings(check_folder(folder), print):
            raise typer.Exit(1)
