"""``gems run``: shows a night's work and writes its sheet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..errors import CancelledRunError
from ..evals.batch import FAILED, Batch, Done
from ..evals.batch_sheet import write_sheet
from ..evals.prompt_file import read_rows
from ..graphs.api import default_session
from ..models.loop import run_blocking
from .output import open_console


def run_file(
    path: Path,
    out: Path,
    jobs: int,
    defaults: Mapping[str, Any],
    as_json: bool,
    limit: int | None = None,
) -> bool:
    """Runs a file of prompts, or the first ones; whether every one got its picture.

    Raises:
        CancelledRunError: Ctrl-C; the same command goes on.
        GemsError: see ``read_rows`` and ``Batch.run``.
    """
    rows = read_rows(path, defaults)[:limit]
    console = open_console(stderr=as_json)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[said]}"),
        TimeRemainingColumn(),
        console=console,
    ) as shown:
        bar = shown.add_task(path.name, total=len(rows), said="")

        def done(one: Done) -> None:
            if one.outcome == FAILED:
                shown.console.print(f"{one.id}: {one.error}", markup=False, soft_wrap=True)
            shown.update(bar, advance=1, said=f"{one.id} {one.outcome}")

        batch = Batch(rows, out, default_session(), jobs, done)
        shown.update(bar, completed=sum(one.outcome != FAILED for one in batch.finished()))
        try:
            run_blocking(batch.run())
        except KeyboardInterrupt:
            raise CancelledRunError("stopped; the same command goes on from here") from None
        finally:
            sheet = write_sheet(path.stem, batch.finished(), out)
    found = batch.finished()
    if as_json:
        print(json.dumps({"results": [one.model_dump() for one in found], "sheet": str(sheet)}))
    else:
        console.print(f"pictures, results.csv and sheet.html: {out}", soft_wrap=True, markup=False)
    return all(one.outcome != FAILED for one in found)
