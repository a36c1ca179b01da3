"""GenEval as a task; see ``scoring/geneval.py``. A detector judges: pictures are laid out for the
official script, its verdicts are read back. Questions to another judge are another benchmark."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...errors import InputError
from ...memory.files import write_file
from ..scoring import geneval as rule
from .files import find_file, item_of, place, read_items, read_lines_of_json
from .task import PICTURE, Answers, Ask, Figures, Item, Judged, Numbers, Task, first_text, ratio

TASKS = ("single_object", "two_object", "counting", "colors", "position", "color_attr")
SIDES = {"left of": "to the left of", "right of": "to the right of"}


class GenEval(Task):
    """Four pictures a prompt."""

    name = "geneval"
    title = "GenEval"
    judge = "Mask2Former and CLIP"
    pictures = 4
    size = 553
    by_api = False
    headline = "overall"
    published = "GenEval"

    def read(self, data: Path) -> list[Item]:
        """See ``Task``; ``evaluation_metadata.jsonl``."""
        path = find_file(data, "evaluation_metadata.jsonl")
        return read_items(path, read_lines_of_json(path), as_item)

    def lay_out(self, shown: Mapping[str, Sequence[Path]], items: Sequence[Item], to: Path) -> None:
        """See ``Task``: ``00000/metadata.jsonl`` and ``00000/samples/0000.png``."""
        for item in items:
            pictures = shown.get(item.id, ())
            if pictures:
                line = json.dumps(item.data["metadata"], ensure_ascii=False)
                write_file(to / item.id / "metadata.jsonl", line.encode("utf-8", "replace"))
            for number, picture in enumerate(pictures):
                place(picture, to / item.id / "samples" / f"{number:04d}.png")

    def asks(self, item: Item) -> Iterator[Ask]:
        """Questions in place of the detector; see the module."""
        for number, question in enumerate(questions_of(item.data["metadata"])):
            text = self.wording.text("user", question=question)
            yield Ask(str(number), (PICTURE, text), {"max_tokens": 16, "temperature": 0})

    def _correct(self, judged: Judged) -> list[bool]:
        return [every_yes(judged.item, answers) for answers in judged.answers]

    def tally(self, judged: Judged) -> Sequence[float] | None:
        """See ``Task``: correct pictures and all of them, in the columns of the item's task."""
        return row_of(judged.item, self._correct(judged)) if judged.answers else None

    def combine(self, sums: Numbers) -> Numbers:
        """See ``Task``: the mean over the tasks that occur."""
        import numpy as np

        shares = ratio(sums[:, 0::2], sums[:, 1::2])
        there = ~np.isnan(shares)
        return ratio(np.where(there, shares, 0).sum(axis=1), there.sum(axis=1).astype(np.float64))

    def figures(self, judged: Sequence[Judged]) -> Figures:
        """See ``Task``."""
        seen = [one for one in judged if one.answers]
        return breakdown([rule.Judged(one.item.data["metadata"], self._correct(one)) for one in seen])

    def read_official(self, path: Path, items: Sequence[Item], arm: str = "") -> Figures:
        """See ``Task``; the detector's ``results.jsonl``, a line a picture."""
        ids = {item.id for item in items}
        verdicts: dict[str, list[bool]] = {}
        for line in read_lines_of_json(path):
            if "filename" not in line or "correct" not in line:
                raise InputError(f"{path} needs a line a picture with `filename` and `correct`")
            item = item_of(str(line["filename"]), ids)
            if item is not None:
                verdicts.setdefault(item, []).append(bool(line["correct"]))
        if not verdicts:
            raise InputError(f"{path} names no picture of this run")
        return breakdown(
            [rule.Judged(i.data["metadata"], verdicts[i.id]) for i in items if i.id in verdicts]
        )


def as_item(number: int, line: dict[str, Any]) -> Item:
    """A line of the metadata, named by its number as the official folders are."""
    if line["tag"] not in TASKS:
        raise ValueError(f"tag {line['tag']!r} is none of GenEval's")
    return Item(f"{number:05d}", line["prompt"], line["tag"], {"metadata": line})


def breakdown(folders: Sequence[rule.Judged]) -> Figures:
    """The summary script's figures, 0..1."""
    told = rule.summarize(folders)
    return {
        "overall": told["overall"],
        "by task": told["per_task"],
        "correct pictures": told["images_correct"],
        "prompts with a correct picture": told["prompts_with_a_correct_image"],
    }


def row_of(item: Item, correct: Sequence[bool]) -> list[float]:
    """See ``GenEval.tally``."""
    row = [0.0] * (2 * len(TASKS))
    place_of = TASKS.index(item.data["metadata"]["tag"])
    row[2 * place_of : 2 * place_of + 2] = [float(sum(correct)), float(len(correct))]
    return row


def questions_of(metadata: Mapping[str, Any]) -> list[str]:
    """A yes/no question a clause."""
    include, asked = metadata["include"], []
    exact = metadata["tag"] == "counting"
    for clause in include:
        kind = clause["class"]
        number = f"{'exactly' if exact else 'at least'} {clause['count']}"
        asked.append(f"Is the number of objects of the kind {kind!r} {number}?")
        if "color" in clause:
            asked.append(f"Does the picture show a {kind} whose colour is {clause['color']}?")
        if "position" in clause:
            relation, target = clause["position"]
            asked.append(
                f"Is the {kind} {SIDES.get(relation, relation)} the {include[target]['class']}?"
            )
    return asked


def every_yes(item: Item, answers: Answers) -> bool:
    """Whether every clause was found."""
    count = len(questions_of(item.data["metadata"]))
    return all(first_text(answers, str(n)).strip().rstrip(".").lower() == "yes" for n in range(count))
