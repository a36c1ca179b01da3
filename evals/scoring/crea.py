"""The CREA score: six criteria of 1..5, as GEMS reports it (no official scoring is known).

Rule of lcqysl/GEMS fec33ff, ``eval/CREA/eval.py``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .means import mean, total

CRITERIA = (
    "originality",
    "expressiveness",
    "aesthetic",
    "technical",
    "unexpected",
    "interpretability",
)
BRACKETED = re.compile(r"\[.*?\]", re.DOTALL)
Scores = list[float]


def read_scores(reply: str | None) -> Scores | None:
    """The six scores of a reply, as they are; None where it is dropped.

    The text from the first bracket to the first closing one after it is read as JSON; a list there that
    is not of six leaves the whole reply to be read.
    """
    text = reply or ""
    match = BRACKETED.search(text)
    try:
        found = json.loads(match[0] if match else text)
        if match and len(found) != len(CRITERIA):
            found = json.loads(text)
        return as_scores(found)
    except (ValueError, TypeError, OverflowError, RecursionError):
        # A reply may be nothing but opening brackets, thousands of them.
        return None


def as_scores(found: Any) -> Scores | None:
    """A list of six values that convert to numbers; else None.

    Raises:
        ValueError, TypeError, OverflowError: one does not.
    """
    if not isinstance(found, list) or len(found) != len(CRITERIA):
        return None
    return [float(value) for value in found]


def summarize(replies: Mapping[str, Sequence[Scores | None]]) -> dict[str, Any]:
    """The six means over the replies that are left, and their sum, 6..30 where replies keep to 1..5."""
    left = [scores for answers in replies.values() for scores in answers if scores is not None]
    means = [mean(list(column)) for column in zip(*left, strict=True)]
    whole = total(means)
    return {
        "scores": {prompt: list(answers) for prompt, answers in replies.items()},
        "counted": len(left),
        "means": means,
        "total": whole,
        "total_printed": f"{whole:.4f}",
    }
