"""OneIG-Bench in two languages as tasks: alignment and text by a judge, see ``scoring/oneig_*.py``.
Style, reasoning and diversity need local weights: their result files are read back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any, ClassVar

import numpy as np

from ...errors import InputError
from ..scoring import oneig_alignment, oneig_text
from .files import find_file, place_grid, read_items, read_json, read_table
from .task import PICTURE, Ask, Figures, Item, Judged, Numbers, Task, first_text, ratio

CLASSES = {
    "anime": "anime",
    "portrait": "human",
    "human": "human",
    "object": "object",
    "text": "text",
    "reasoning": "reasoning",
    "multilingualism": "multilingualism",
}
"""The folder of a category, by a word of its name."""
DIMENSIONS = ("alignment", "text", "style", "reasoning", "diversity")


class OneIG(Task):
    """Four pictures a prompt in one grid, each cell judged alone."""

    judge = "Qwen2.5-VL-7B-Instruct"
    pictures = 4
    skips_black = True
    headline = "mean of alignment and text"
    mode: ClassVar[oneig_text.Mode]
    file: ClassVar[str]
    suffix: ClassVar[str]

    def read(self, data: Path) -> list[Item]:
        """See ``Task``: the official checkout, or its prompts' csv inside of it."""
        path = find_file(data, self.file)
        root = path.parent
        truths = self._truths(root)
        graphs = {name: self._graphs(root, name) for name in set(CLASSES.values())}

        def as_item(number: int, line: Mapping[str, str]) -> Item:
            folder = class_of(line["category"])
            data = {"class": folder, "id": line["id"], **graphs[folder].get(line["id"], {})}
            if folder == "text" and line["id"] in truths:
                data["text"] = truths[line["id"]]
            return Item(f"{folder}-{line['id']}", prompt_of(line), folder, data)

        return read_items(path, read_table(path), as_item)

    def _truths(self, root: Path) -> dict[str, str]:
        path = root / "scripts" / "text" / f"text_content{self.suffix}.csv"
        return {row["id"]: row["text_content"] for row in read_table(path)} if path.is_file() else {}

    def _graphs(self, root: Path, name: str) -> dict[str, dict[str, Any]]:
        path = root / "scripts" / "alignment" / "Q_D" / f"{name}{self.suffix}.json"
        if not path.is_file():
            return {}
        return {
            key: {part: unpacked(entry[part]) for part in ("question", "dependency")}
            for key, entry in read_json(path).items()
        }

    def lay_out(self, shown: Mapping[str, Sequence[Path]], items: Sequence[Item], to: Path) -> None:
        """See ``Task``: ``images/CLASS/MODEL/ID.png``; the model is the arm, ``to``'s last part."""
        for item in items:
            if shown.get(item.id):
                folder = to.parent / "images" / item.data["class"] / to.name
                place_grid(shown[item.id], folder / f"{item.data['id']}.png")

    def asks(self, item: Item) -> Iterator[Ask]:
        """See ``Task``: picture, then text; cells are sent as the JPEG that the script stores."""
        for name, question in item.data.get("question", {}).items():
            text = self.wording.text("alignment", question=question)
            yield Ask(f"alignment {name}", (PICTURE, text), {"max_tokens": 128}, form="jpeg")
        if "text" in item.data:
            options = {"max_tokens": oneig_text.token_limit(item.data["text"])}
            yield Ask("reading", (PICTURE, self.wording.text("reading")), options, form="jpeg")

    def tally(self, judged: Judged) -> Sequence[float] | None:
        """See ``Task``: alignment and 1; distance, exact ones, cells, matched and all units."""
        alignment, readings = alignment_of(judged), readings_of(judged)
        if alignment is None and not readings:
            return None
        return [
            alignment or 0.0,
            float(alignment is not None),
            sum(r.distance for r in readings),
            sum(r.distance == 0 for r in readings),
            len(readings),
            sum(r.matched for r in readings),
            sum(r.total for r in readings),
        ]

    def combine(self, sums: Numbers) -> Numbers:
        """See ``Task``: the mean of the two dimensions that are judged here."""
        most = oneig_text.MOST_EDITS[self.mode]
        distance = np.minimum(most, ratio(sums[:, 2], sums[:, 4]))
        missed = (1 - ratio(sums[:, 3], sums[:, 4])) * (1 - ratio(sums[:, 5], sums[:, 6]))
        parts = np.stack([ratio(sums[:, 0], sums[:, 1]), 1 - distance * missed / most])
        there = ~np.isnan(parts)
        return ratio(np.where(there, parts, 0).sum(axis=0), there.sum(axis=0).astype(np.float64))

    def figures(self, judged: Sequence[Judged]) -> Figures:
        """See ``Task``. The scripts compute no overall; the published one is the mean of five."""
        alignment = {one.item.id: alignment_of(one) for one in judged if "question" in one.item.data}
        read = {one.item.id: readings_of(one) or None for one in judged if "text" in one.item.data}
        told: Figures = {"alignment": oneig_alignment.summarize(alignment)["alignment"]}
        told["alignment by class"] = {
            name: mean_of_class(alignment, judged, name)
            for name in dict.fromkeys(one.item.group for one in judged if one.item.id in alignment)
        }
        if any(read.values()):
            text = oneig_text.summarize(read, self.mode)
            told["text"] = text["text_score"]
            told["text in parts"] = {name: text[name] for name in ("ED", "CR", "WAC")}
        return told

    def read_official(self, path: Path, items: Sequence[Item], arm: str = "") -> Figures:
        """See ``Task``; one of the scripts' csv files with a row a model, found by the arm's name."""
        row = row_of(read_table(path), arm, path)
        values = {name: number(value) for name, value in row.items() if name}
        found = {name: value for name, value in values.items() if value is not None}
        if not found:
            raise InputError(f"{path} has no row of figures: name a csv of OneIG's results folder")
        return found


def row_of(rows: Sequence[Mapping[str, str]], arm: str, path: Path) -> Mapping[str, str]:
    """The row of a model, which is called as its arm; a single row is anybody's.

    Raises:
        InputError: it is none of several, or the file has a row a prompt.
    """
    if rows and arm and arm in rows[0]:
        raise InputError(
            f"{path} has a row a prompt: name the csv with a row a model, without _prompt_"
        )
    if len(rows) == 1:
        return rows[0]
    by_name = {row.get("", ""): row for row in rows}
    if arm not in by_name:
        names = ", ".join(filter(None, by_name)) or "none"
        raise InputError(f"{path} has no row of figures called {arm!r}: its rows are {names}")
    return by_name[arm]


def class_of(category: str) -> str:
    """The folder of a category.

    Raises:
        ValueError: it is none of OneIG-Bench's.
    """
    for word, folder in CLASSES.items():
        if word in category.lower():
            return folder
    raise ValueError(f"category {category!r} is none of OneIG-Bench's")


def prompt_of(line: Mapping[str, str]) -> str:
    """The prompt of a line, whatever language its column is named after.

    Raises:
        ValueError: there is no such column.
    """
    for name, value in line.items():
        if name.lower() in {"prompt", "prompt_en", "prompt_zh", "prompt_cn"}:
            return value
    raise ValueError("there is no column for the prompt")


def unpacked(value: Any) -> dict[str, Any]:
    """A member of a question file, which can be JSON in a text; its keys as texts."""
    found = json.loads(value) if isinstance(value, str) else value
    return {str(key): member for key, member in found.items()}


def alignment_of(judged: Judged) -> float | None:
    """The prompt's score over its cells; None where it is not about alignment, or has no cell."""
    questions = judged.item.data.get("question")
    if not questions:
        return None
    cells = [
        {n: first_text(answers, f"alignment {n}") for n in questions} for answers in judged.answers
    ]
    return oneig_alignment.prompt_score(judged.item.data["dependency"], cells)


def readings_of(judged: Judged) -> list[oneig_text.Reading]:
    """The cells' readings; none where the prompt is not about text."""
    if "text" not in judged.item.data:
        return []
    return [
        oneig_text.compare(judged.item.data["text"], first_text(answers, "reading"))
        for answers in judged.answers
    ]


def mean_of_class(
    scores: Mapping[str, float | None], judged: Sequence[Judged], name: str
) -> float | None:
    """The mean alignment of one class."""
    found = [scores[one.item.id] for one in judged if one.item.group == name and one.item.id in scores]
    there = [score for score in found if score is not None]
    return fmean(there) if there else None


def number(text: str | None) -> float | None:
    """A cell's number; None where it holds none."""
    try:
        return float(text or "")
    except ValueError:
        return None


class OneIGEn(OneIG):
    """English."""

    name = "oneig-en"
    title = "OneIG-Bench EN (alignment, text)"
    size = 1120
    mode = "EN"
    file = "OneIG-Bench.csv"
    suffix = ""


class OneIGZh(OneIG):
    """Chinese."""

    name = "oneig-zh"
    title = "OneIG-Bench ZH (alignment, text)"
    size = 1320
    mode = "ZH"
    file = "OneIG-Bench-ZH.csv"
    suffix = "_zh"
