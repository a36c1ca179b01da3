"""``gems prune``: old runs go, with everything that is theirs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from .command import Json, one_line_errors

if TYPE_CHECKING:
    from ..graphs.pruning import Pruned


def prune(
    keep_days: Annotated[
        float, typer.Option("--keep-days", min=0, help="Keep runs with something new within them.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Delete nothing, and say what would go.")
    ] = False,
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Also runs that wait for you, or were stopped.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Delete old runs with their pictures and checkpoints; what was learned stays."""
    with one_line_errors():
        from ..graphs.api import default_session

        pruned = default_session().prune(keep_days, unfinished=unfinished, dry_run=dry_run)
        if as_json:
            print(json.dumps(asdict(pruned)))
            return
        for line in lines_of(pruned, dry_run):
            print(line)


def lines_of(pruned: Pruned, dry_run: bool) -> list[str]:
    """What a person is told."""
    verb = "would go" if dry_run else "went"
    lines = [*pruned.runs, f"{len(pruned.runs)} runs and {pruned.pictures} pictures {verb}"]
    if pruned.unfinished:
        lines.append(f"{pruned.unfinished} unfinished runs stay; --unfinished takes them as well")
    if pruned.under_way:
        lines.append(f"{pruned.under_way} runs stay, as somebody is at them")
    return lines
