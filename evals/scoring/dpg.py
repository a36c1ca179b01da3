"""DPG-Bench: questions in a graph, asked of every crop of a grid.

Rule of TencentQQGYLab/ELLA 3c228f1, ``compute_dpg_bench.py`` in one process, odd ones included.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .means import mean, mean_or_none

Answers = Mapping[int, str]
"""A judge's words about one crop, by proposition."""


@dataclass(frozen=True)
class Proposition:
    """A question of an item; ``parents`` in the order given, without the 0 that means none."""

    number: int
    parents: tuple[int, ...]
    category: str
    """The detailed label: "attribute - colour"."""
    question: str


Item = Mapping[int, Proposition]
"""In the order in which they are asked and zeroed."""


def read_proposition(row: Mapping[str, Any]) -> Proposition:
    """A line of the csv.

    Raises:
        ValueError: its numbers are none.
    """
    parents = (int(part) for part in str(row["dependency"]).split(","))
    return Proposition(
        int(row["proposition_id"]),
        tuple(parent for parent in parents if parent != 0),
        str(row["tuple"]).split("(")[0].strip(),
        str(row["question_natural_language"]),
    )


def read_items(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[int, Proposition]]:
    """The items by id. The first line is dropped, an item that another one interrupts keeps its last
    block, and of two questions with one number the later stands in the place of the first."""
    items: dict[str, dict[int, Proposition]] = {}
    current = None
    for row in rows[1:]:
        name = str(row["item_id"])
        if name != current:
            items[name], current = {}, name
        proposition = read_proposition(row)
        items[name][proposition.number] = proposition
    return items


def item_of(file: str) -> str:
    """The id of the item that a picture file belongs to."""
    return file.split(".")[0]


def own_answers(item: Item, answers: Answers) -> dict[int, float]:
    """1 for the exact answer ``yes``, else 0."""
    return {number: float(answers[number] == "yes") for number in item}


def zeroed(item: Item, own: Mapping[int, float]) -> dict[int, float]:
    """Answers after questions whose parent is 0 by then became 0, in the items' order: zeroes travel.

    Raises:
        KeyError: a parent that is read is not among the questions; reading stops at the first 0.
    """
    values = dict(own)
    for number, proposition in item.items():
        if any(values[parent] == 0 for parent in proposition.parents):
            values[number] = 0.0
    return values


@dataclass(frozen=True)
class FileScore:
    """A picture's score, 0..1, and by category the last crop's own answers."""

    score: float
    by_category: Sequence[tuple[str, float]]


def score_file(item: Item, crops: Sequence[Answers]) -> FileScore | None:
    """The score of one picture file; None where an unknown parent fails it."""
    own = [own_answers(item, answers) for answers in crops]
    try:
        score = mean([mean(list(zeroed(item, values).values())) for values in own])
    except KeyError:
        return None
    last = own[-1]
    return FileScore(score, [(item[number].category, value) for number, value in last.items()])


def percent_by_category(scored: Sequence[FileScore], level: int) -> dict[str, float]:
    """Percent by label, pooled over the questions of all files; level 1 is what stands before the
    hyphen."""
    groups: dict[str, list[float]] = defaultdict(list)
    for file in scored:
        for label, value in file.by_category:
            groups[label.split("-")[0].strip() if level == 1 else label].append(value)
    return {label: 100 * mean(groups[label]) for label in sorted(groups)}


def summarize(files: Mapping[str, FileScore | None]) -> dict[str, Any]:
    """The figures of all picture files; None is one that failed or that no item knows."""
    scored = [score for _, score in sorted(files.items()) if score is not None]
    total = mean_or_none([file.score for file in scored])
    return {
        "score": None if total is None else 100 * total,
        "per_image": {name: score and score.score for name, score in files.items()},
        "left_out": sorted(name for name, score in files.items() if score is None),
        "category_l1": percent_by_category(scored, 1),
        "category_l2": percent_by_category(scored, 2),
    }
