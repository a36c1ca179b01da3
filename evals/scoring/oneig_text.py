"""OneIG-Bench, text rendering: edit distance, completion rate and word accuracy.

Rule of OneIG-Bench/OneIG-Benchmark 41b4983, ``text_score.py``, odd ones included.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from ...errors import InputError
from .means import mean
from .texts import NO_TEXT, common, counted, edit_distance, has_chinese, single_spaces, without_spaces

Mode = Literal["EN", "ZH"]
MOST_EDITS: dict[Mode, int] = {"EN": 100, "ZH": 50}
STRAY = "addCriterion"
"""A word that the judge is known to add."""
SHORT_ANSWER, LONG_ANSWER, LONG_TEXT = 128, 256, 60
"""Tokens, tokens, and the words of a ground truth beyond which an answer may be long."""


@dataclass(frozen=True)
class Reading:
    """One cell read: its distance from the truth, and how many of the truth's units it has."""

    distance: int
    matched: int
    total: int


def token_limit(cell: str) -> int:
    """How many tokens the judge may answer with; ``cell`` is the ground truth as the csv holds it."""
    return LONG_ANSWER if len(cell.split()) > LONG_TEXT else SHORT_ANSWER


def normalize(text: str) -> str:
    """What counts of a text; white space goes where Chinese is left, else runs of it become one."""
    left = counted(text)
    return without_spaces(left) if has_chinese(left) else single_spaces(left)


@lru_cache(maxsize=65536)
def compare(cell: str, reading: str) -> Reading:
    """A judge's reading beside the ground truth, which is the printed form of a list."""
    truth = normalize(cell)
    read = normalize(reading.replace(STRAY, "").replace(NO_TEXT, ""))
    by_character = has_chinese(truth)
    wanted, found = (list(t) if by_character else t.split() for t in (truth, read))
    return Reading(edit_distance(read, truth), common(wanted, found), len(wanted))


def readings_in_turn(
    rows: Sequence[tuple[str, str, Sequence[str] | None]],
) -> Iterator[tuple[str, list[Reading] | None]]:
    """The readings of (id, ground truth, judge's texts) in the order of the csv. None instead of texts
    is a prompt left out. No texts at all is a picture of black cells alone, which the official script
    scores with the texts that it got before.

    Raises:
        InputError: such a picture comes first, which stops the official script.
    """
    texts: Sequence[str] = ()
    for name, cell, given in rows:
        if given is None:
            yield name, None
            continue
        texts = given or texts
        if not texts:
            raise InputError(f"the first picture, {name}, is black: the official script stops at it")
        yield name, [compare(cell, text) for text in texts]


def figures(readings: Sequence[Reading]) -> list[float]:
    """Mean distance, share of readings without any, and word accuracy pooled over them."""
    total = sum(reading.total for reading in readings)
    accuracy = sum(reading.matched for reading in readings) / total if total else 0.0
    return [*distances(readings), accuracy]


def figures_of_prompt(readings: Sequence[Reading]) -> list[float]:
    """The same of one prompt, whose word accuracy is the mean over its cells."""
    shares = [reading.matched / reading.total if reading.total else 0.0 for reading in readings]
    return [*distances(readings), mean(shares)]


def distances(readings: Sequence[Reading]) -> list[float]:
    """Mean distance, and the share of readings without any."""
    return [
        mean([reading.distance for reading in readings]),
        mean([float(reading.distance == 0) for reading in readings]),
    ]


def summarize(prompts: Mapping[str, Sequence[Reading] | None], mode: Mode) -> dict[str, Any]:
    """The score, 0..1, over all cells of all prompts, and its three parts by prompt."""
    pooled = [reading for readings in prompts.values() for reading in readings or ()]
    distance, completion, accuracy = figures(pooled)
    most = MOST_EDITS[mode]
    return {
        "ED": distance,
        "CR": completion,
        "WAC": accuracy,
        "text_score": 1 - min(most, distance) * (1 - completion) * (1 - accuracy) / most,
        "per_prompt_ED_CR_WAC": {
            name: figures_of_prompt(readings) if readings else None
            for name, readings in prompts.items()
        },
    }
