"""``gems run``: a file of prompts over night."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from .command import Json, one_line_errors


def run(
    prompts: Annotated[
        Path, typer.Argument(help="A .txt, .csv or .jsonl file: one prompt a line.", metavar="FILE")
    ],
    out: Annotated[
        Path, typer.Option(help="Folder for pictures, results.csv and sheet.html; a run goes on there.")
    ],
    limit: Annotated[Optional[int], typer.Option(min=1, help="Only the first ones.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Prompts side by side.")] = 4,
    rounds: Annotated[Optional[int], typer.Option(help="At most this many rounds. [5]")] = None,
    candidates: Annotated[Optional[int], typer.Option(help="Pictures a round. [1]")] = None,
    skill: Annotated[Optional[str], typer.Option(help="auto, none, or skills. [auto]")] = None,
    no_memory: Annotated[
        bool, typer.Option("--no-memory", help="Neither use nor keep experiences.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Draw every prompt of FILE; columns (id, prompt, seed, rounds, ...) are a row's own options."""
    with one_line_errors():
        from .batch import run_file

        given = {
            "rounds": rounds,
            "candidates": candidates,
            "skill": skill,
            "memory": False if no_memory else None,
        }
        defaults = {name: value for name, value in given.items() if value is not None}
        if not run_file(prompts, out.absolute(), jobs, defaults, as_json, limit):
            raise typer.Exit(1)
