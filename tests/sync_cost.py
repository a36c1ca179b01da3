"""What it costs to have each note of a paid answer on the disk before a run goes on.

``python tests/sync_cost.py [FOLDER] [--notes 300]`` appends notes of usual size to a file in FOLDER as
GEMS does, and again with ``fsync`` after each, and prints the median and the 95th percentile of both.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from statistics import quantiles

from gems.models.lines import append_line

NOTE = json.dumps({"task": "t" * 36, "key": "k" * 40, "answer": {"text": "a" * 1200}})


def milliseconds(path: Path, notes: int, sync: bool) -> list[float]:
    """How long each note took."""
    took = []
    for _ in range(notes):
        start = time.perf_counter()
        append_line(path, NOTE)
        if sync:
            with path.open("rb+") as file:
                os.fsync(file)
        took.append(1000 * (time.perf_counter() - start))
    return took


def main(folder: Path | None, notes: int) -> None:
    """Prints both."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        for sync in (False, True):
            cuts = quantiles(milliseconds(Path(place) / f"{sync}.jsonl", notes, sync), n=20)
            name = "with fsync" if sync else "as it is"
            print(f"{name}: median {cuts[9]:.2f} ms, 95th percentile {cuts[18]:.2f} ms")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--notes", type=int, default=300)
    given = parser.parse_args()
    main(given.folder, given.notes)
