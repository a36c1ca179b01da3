"""Options that several commands of ``gems eval`` have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

Arms = Annotated[
    Optional[str],
    typer.Option(help="What to compare: names or .toml files, with commas. [the ladder; base,gems]"),
]
After = Annotated[
    Optional[Path],
    typer.Option(
        help="A second pass: begin with what the same arms learned in this folder.", metavar="DIR"
    ),
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
        help="Money a million tokens in, out, and a picture, for --dry-run. [GEMS_PRICES]",
        metavar="IN,OUT,PICTURE",
    ),
]
MaxImages = Annotated[Optional[int], typer.Option(min=0, help="Stop after this many pictures.")]
MaxCalls = Annotated[
    Optional[int], typer.Option(min=0, help="Stop after this many MLLM calls of the loop.")
]
MaxCost = Annotated[
    Optional[float],
    typer.Option(
        min=0, help="Stop before all, judging as well, costs this much, by the prices of GEMS_PRICES."
    ),
]
PicturesEach = Annotated[
    Optional[int], typer.Option(min=1, help="Pictures a prompt of a task. [the benchmark's custom]")
]
Limit = Annotated[Optional[int], typer.Option(min=1, help="Only so many prompts.")]
Seed = Annotated[int, typer.Option(help="Makes the benchmark repeatable.")]
TaskFolder = Annotated[Path, typer.Argument(help="The folder of a task.", metavar="DIR")]
Jobs = Annotated[int, typer.Option(min=1, help="Prompts side by side in every arm.")]
Worker = Annotated[
    bool,
    typer.Option(
        "--worker",
        help="Help another process of the same command: draw and judge, and report nothing.",
    ),
]
Name = Annotated[
    Optional[str],
    typer.Option(
        help="What it is called in GEMS_DATABASE_URL; the same name on two machines is the same "
        "evaluation. [the folder's, with some characters of its own]"
    ),
]
RayAddress = Annotated[
    Optional[str],
    typer.Option(
        "--ray", help="Have workers on a Ray cluster do a task: auto, HOST:PORT.", metavar="ADDRESS"
    ),
]
Workers = Annotated[int, typer.Option(min=1, help="How many, with --ray.")]
Gpus = Annotated[float, typer.Option(min=0, help="GPUs of each worker, with --ray.")]
