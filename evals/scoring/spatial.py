"""SpatialGenEval: ten multiple-choice questions in one call, five valid replies, four must agree.

Rule of AMAP-ML/SpatialGenEval 8b294b5, both stages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .means import mean, mean_or_none

VALID_REPLIES, MOST_CALLS, AGREEING = 5, 25, 4
BASIC = 2
"""The first dimensions; the others are the spatial ones."""


def read_letters(reply: str | None, questions: int) -> list[str] | None:
    """The first character of each line; None where there are not as many lines as questions."""
    lines = [line.strip() for line in (reply or "").split("\n")]
    letters = [line[0] for line in lines if line]
    return letters if len(letters) == questions else None


@dataclass
class Ballot:
    """The valid replies about one picture, and the calls made for them."""

    questions: int
    calls: int = 0

    def __post_init__(self) -> None:
        self.replies: list[list[str]] = []

    @property
    def open(self) -> bool:
        """Whether another call is to be made."""
        return len(self.replies) < VALID_REPLIES and self.calls < MOST_CALLS

    def add(self, reply: str | None) -> None:
        """Counts a call; None is one that failed."""
        self.calls += 1
        letters = read_letters(reply, self.questions)
        if letters is not None:
            self.replies.append(letters)

    def right(self, keys: Sequence[str]) -> list[bool] | None:
        """Right or wrong by question; None where valid replies are missing: the item is given up."""
        if len(self.replies) < VALID_REPLIES:
            return None
        return [
            sum(letters[place] == key for letters in self.replies) >= AGREEING
            for place, key in enumerate(keys)
        ]


def count_votes(replies: Iterable[str | None], questions: int) -> Ballot:
    """A ballot from replies in the order in which they come."""
    ballot = Ballot(questions)
    for reply in replies:
        if not ballot.open:
            break
        ballot.add(reply)
    return ballot


def summarize(items: Sequence[Sequence[bool]]) -> dict[str, Any]:
    """Accuracies by dimension, each rounded to three digits, and their means; items that were given up
    are not among ``items``."""
    dimensions = [
        round(mean([float(right) for right in column]), 3) for column in zip(*items, strict=True)
    ]
    means = {
        "avg": mean_or_none(dimensions),
        "basic": mean_or_none(dimensions[:BASIC]),
        "spatial": mean_or_none(dimensions[BASIC:]),
    }
    return {
        "dimensions": dimensions,
        **{f"{name}_acc": value for name, value in means.items()},
        "printed": {name: f"{value:.3f}" for name, value in means.items() if value is not None},
    }


def pair(files: Sequence[str], ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Which picture goes with which item: the listing sorted by code point beside the file's order."""
    return zip(ids, sorted(files), strict=False)


def pairs_by_scene(
    files: Sequence[str], items: Sequence[Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    """The pairs of all scenes, as ``(all)``, and of every scene, which is cut out afterwards."""
    pairs = dict(pair(files, [item["id"] for item in items]))
    scenes: dict[str, dict[str, str]] = {"(all)": pairs}
    for item in items:
        if item["id"] in pairs:
            scenes.setdefault(item["scene"], {})[item["id"]] = pairs[item["id"]]
    return scenes
