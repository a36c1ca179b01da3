"""A run of a task: which prompts, how many pictures of each, in which folder; and what lies there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import InputError, StorageError
from ...memory.files import write_file
from ...memory.images import open_images
from ...settings import Settings
from ..arm_runner import arm_settings
from ..cases import Case, Suite
from ..records import Record, RecordFile
from .catalogue import open_task
from .files import read_json
from .task import Item, Task

Shown = dict[str, list[Path]]
"""Pictures by item, in the order of their numbers; those that are not drawn yet are not among them."""


@dataclass(frozen=True)
class TaskPlan:
    """What to draw and judge. Written to ``task.json``, so that later steps need the folder alone."""

    task: Task
    data: Path
    items: tuple[Item, ...]
    whole: int
    """Prompts in the data; more than ``items`` where there is a limit."""
    pictures: int
    seed: int
    out: Path

    @property
    def suite(self) -> Suite:
        """The prompts as a suite: a case a picture, and nothing of an item but its prompt."""
        cases = [
            Case(id=f"{item.id}-{number}", prompt=item.prompt, kind=item.group)
            for number in range(self.pictures)
            for item in self.items
        ]
        return Suite(self.task.name, tuple(cases))

    @property
    def is_whole(self) -> bool:
        """Whether it is the benchmark as published: all of its prompts, as many pictures of each."""
        return len(self.items) == self.task.size and self.pictures == self.task.pictures

    def write(self) -> None:
        """Notes the plan in its folder.

        Raises:
            InputError: the folder is another plan's.
            StorageError: it cannot be written.
        """
        path, wanted = self.out / "task.json", self.describe()
        if path.is_file() and read_json(path) != wanted:
            raise InputError(f"{self.out} holds another run of a task: choose another --out")
        write_file(path, json.dumps(wanted, indent=1).encode())

    def describe(self) -> dict[str, object]:
        """What makes the same plan again."""
        return {
            "task": self.task.name,
            "data": str(self.data),
            "prompts": len(self.items),
            "pictures": self.pictures,
            "seed": self.seed,
        }

    def records(self) -> dict[str, list[Record]]:
        """What is drawn, by arm."""
        known = {case.id for case in self.suite.cases}
        found: dict[str, list[Record]] = {}
        for record in RecordFile(self.out / "records.jsonl").read():
            if record.case in known:
                found.setdefault(record.arm, []).append(record)
        return found

    def shown(self, records: Sequence[Record], after: int | None = None) -> Shown:
        """The delivered pictures of one arm; ``after`` that many rounds, from 1, where it is given."""
        found: dict[str, list[tuple[int, Path]]] = {}
        for record in records:
            item, _, number = record.case.rpartition("-")
            name = record.image
            if after is not None and record.image_by_round:
                name = record.image_by_round[min(after, len(record.image_by_round)) - 1]
            found.setdefault(item, []).append((int(number), self.out / name))
        return {item: [path for _, path in sorted(pairs)] for item, pairs in found.items()}

    def lay_out(self) -> list[Path]:
        """Lays the pictures of every arm out for the official script; the folders, one an arm.

        Raises:
            StorageError, InputError: see ``Task.lay_out``.
        """
        folders = []
        for arm, records in self.records().items():
            folder = self.out / "official" / arm
            self.task.lay_out(self.shown(records), self.items, folder)
            folders.append(folder)
        return folders


def bring_pictures(plan: TaskPlan, settings: Settings) -> None:
    """Brings the pictures that workers elsewhere have drawn into the folder, where machines share them.

    Raises:
        StorageError: they cannot be reached, or kept.
    """
    for arm, records in plan.records().items():
        images = open_images(arm_settings(settings, plan.out / "arms" / arm))
        for name in {name for r in records for name in (r.image, *r.image_by_round)}:
            if not images.locate(str(plan.out / name)).exists():
                raise StorageError(
                    f"the picture {plan.out / name} is not here; where another machine has drawn it, "
                    "give all of them GEMS_OBJECTS, or an --out on one disk"
                )


def make_plan(
    task: Task, data: Path, out: Path, *, limit: int | None, pictures: int | None, seed: int
) -> TaskPlan:
    """The plan for a task's data.

    Raises:
        InputError: the data cannot be read.
    """
    data = data.expanduser().absolute()
    if not data.exists():
        raise InputError(f"there is nothing at {data}: give the benchmark's own files with --data")
    items = task.read(data)
    kept = tuple(items[:limit])
    return TaskPlan(task, data, kept, len(items), pictures or task.pictures, seed, out.absolute())


def open_plan(out: Path, wording: Path | None = None) -> TaskPlan:
    """The plan of a folder.

    Raises:
        InputError: it holds none, or its data has gone.
    """
    path = out / "task.json"
    try:
        told: Mapping[str, object] = json.loads(path.read_text(encoding="utf-8"))
        name, data, prompts, pictures, seed = (
            told[key] for key in ("task", "data", "prompts", "pictures", "seed")
        )
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise InputError(f"{out} holds no task: draw one with `gems eval generate TASK`") from exc
    task = open_task(str(name), wording)
    limit, number = int(str(prompts)), int(str(pictures))
    return make_plan(task, Path(str(data)), out, limit=limit, pictures=number, seed=int(str(seed)))
