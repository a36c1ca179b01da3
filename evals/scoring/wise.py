"""WISE, both protocols: a reply's scores, a prompt's score, and the weighted mean of six categories.

Rules of PKU-YuanGroup/WISE eb51174: ``WISE_legacy/`` (three scores of 0..2) and WISE_Verified (0 or 1).
The parsers' sharp edges are the scripts' own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from .means import mean_or_none, total

PROMPTS = 1000
MOST_CALLS = 3
"""Until a reply can be read."""
ASPECTS: tuple[str, ...] = ("consistency", "realism", "aesthetic_quality")
LEGACY_SCORE = re.compile(r"(consistency|realism|aesthetic quality)\*{0,2}\s*:?\s*(\d)", re.IGNORECASE)
VERIFIED_SCORE = re.compile(r"score\*{0,2}\s*:?\s*([01])\b", re.IGNORECASE)
THOUGHT = re.compile(r"<think>.*?</think>", re.DOTALL)
T = TypeVar("T")


@dataclass(frozen=True)
class Protocol:
    """What the two protocols differ in: categories with their last id and weight in percent."""

    categories: Mapping[str, tuple[int, float]]


LEGACY = Protocol(
    {
        "CULTURE": (400, 0.4),
        "TIME": (567, 0.167),
        "SPACE": (700, 0.133),
        "BIOLOGY": (800, 0.1),
        "PHYSICS": (900, 0.1),
        "CHEMISTRY": (1000, 0.1),
    }
)
VERIFIED = Protocol(
    {
        "CULTURE": (400, 0.4),
        "TIME": (520, 0.12),
        "SPACE": (640, 0.12),
        "BIOLOGY": (760, 0.12),
        "PHYSICS": (880, 0.12),
        "CHEMISTRY": (1000, 0.12),
    }
)


def bare_lines(text: str, digits: str) -> list[float]:
    """The lines that are one of ``digits`` and nothing else."""
    lines = (line.strip() for line in text.splitlines())
    return [float(line) for line in lines if len(line) == 1 and line in digits]


def read_legacy(text: str | None) -> dict[str, float] | None:
    """The three scores of a reply; None where one is missing. A name given twice counts the last time;
    only without any name, the first three lines of a bare digit count."""
    found = {
        name.lower().replace(" ", "_"): float(digit) for name, digit in LEGACY_SCORE.findall(text or "")
    }
    if not found:
        found = dict(zip(ASPECTS, bare_lines(text or "", "012"), strict=False))
    return found if len(found) == len(ASPECTS) else None


def read_verified(text: str | None) -> float | None:
    """The score of a reply, 0 or 1; None where there is none."""
    left = THOUGHT.sub("", text or "").replace("</think>", "")
    match = VERIFIED_SCORE.search(left)
    if match:
        return float(match[1])
    lines = bare_lines(left, "01")
    return lines[0] if len(lines) == 1 else None


def first_read(replies: Sequence[str | None], read: Callable[[str | None], T | None]) -> T | None:
    """What the first reply that can be read says, of at most ``MOST_CALLS``; None is a failed call."""
    for reply in replies[:MOST_CALLS]:
        value = read(reply)
        if value is not None:
            return value
    return None


def legacy_score(scores: Mapping[str, float]) -> float:
    """One prompt's score, 0..1 where its three scores are within 0..2."""
    consistency, realism, quality = (scores[name] for name in ASPECTS)
    return (0.7 * consistency + 0.2 * realism + 0.1 * quality) / 2


def category_of(number: int, protocol: Protocol) -> str | None:
    """The category of a prompt's id; None beyond the benchmark."""
    for name, (last, _) in protocol.categories.items():
        if 1 <= number <= last:
            return name
    return None


def summarize(scores: Mapping[int, float], protocol: Protocol) -> dict[str, Any]:
    """Means by category over the ids there are, and their weighted sum, which needs all 1,000."""
    means = {
        name: mean_or_none([s for n, s in scores.items() if category_of(n, protocol) == name])
        for name in protocol.categories
    }
    complete = all(number in scores for number in range(1, PROMPTS + 1))
    overall = total(w * (means[n] or 0.0) for n, (_, w) in protocol.categories.items())
    return {
        "category_means": means,
        "overall": overall if complete else None,
        "overall_printed": f"{overall:.2f}" if complete else None,
    }
