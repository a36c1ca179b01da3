"""GenEval: are the objects there, in number, colour and relation, by a detector's boxes?

Rule of djghosh13/geneval af4902f. The detections and colours are a detector's and a classifier's; here
they become verdicts and shares.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import InputError
from .means import mean

THRESHOLD, COUNTING_THRESHOLD = 0.3, 0.9
"""Boxes with a score above it are kept."""
MOST_BOXES = 16
"""A class."""
SLACK = 0.1
"""Of the sum of two boxes' extents: as far as that, an offset is none."""
NO_OFFSET = 1e-3
"""Pixels."""
STRICT = 0.5
"""Of the unit vector: a component beyond it is a relation."""
PICTURE_NAME = re.compile(r"\d+\.png")


@dataclass(frozen=True)
class Box:
    """A detection: corners in pixels, its score, and what the colour classifier calls it."""

    corners: tuple[float, float, float, float]
    score: float
    colour: str

    def centre(self, axis: int) -> float:
        """In pixels; axis 0 is across, 1 is down."""
        return (self.corners[axis] + self.corners[axis + 2]) / 2

    def extent(self, axis: int) -> float:
        """In pixels."""
        return abs(self.corners[axis + 2] - self.corners[axis])


Detections = Mapping[str, Sequence[Box]]


def is_judged(name: str) -> bool:
    """Whether the official script looks at a picture of that name."""
    return PICTURE_NAME.match(name) is not None


def kept(boxes: Sequence[Box], threshold: float) -> list[Box]:
    """Those above ``threshold``, the best first, of equals the later, at most ``MOST_BOXES``."""
    above = [box for box in boxes[::-1] if box.score > threshold]
    return sorted(above, key=lambda box: -box.score)[:MOST_BOXES]


def relations(box: Box, other: Box) -> set[str]:
    """Where ``box`` stands as seen from ``other``; none, one or, on a diagonal, two."""
    offsets = [box.centre(axis) - other.centre(axis) for axis in (0, 1)]
    length = (offsets[0] ** 2 + offsets[1] ** 2) ** 0.5
    reduced = [
        (1 if offset >= 0 else -1)
        * max(0.0, abs(offset) - SLACK * (box.extent(axis) + other.extent(axis)))
        for axis, offset in enumerate(offsets)
    ]
    if all(abs(value) < NO_OFFSET for value in reduced):
        return set()
    across, down = (value / length for value in reduced)
    tests = {
        "left of": across < -STRICT,
        "right of": across > STRICT,
        "above": down < -STRICT,
        "below": down > STRICT,
    }
    return {name for name, holds in tests.items() if holds}


def stands(
    clause: Mapping[str, Any], boxes: Sequence[Box], earlier: Sequence[list[Box] | None]
) -> bool:
    """Whether every box stands in the clause's relation to every box of the clause that it points at.

    Raises:
        InputError: it points at a clause that comes later, which stops the official script.
    """
    relation, target = clause["position"]
    if target >= len(earlier):
        raise InputError(f"a position points at clause {target}, which is not before it: mend the data")
    others = earlier[target]
    return others is not None and all(relation in relations(a, b) for a in boxes for b in others)


def matched(
    clause: Mapping[str, Any], boxes: Sequence[Box], earlier: Sequence[list[Box] | None]
) -> list[Box] | None:
    """The best boxes where they meet the clause; None where they do not."""
    best = list(boxes[: clause["count"]])
    if len(best) < clause["count"]:
        return None
    if "color" in clause and any(box.colour != clause["color"] for box in best):
        return None
    if "position" in clause and not stands(clause, best, earlier):
        return None
    return best


def is_correct(metadata: Mapping[str, Any], detections: Detections) -> bool:
    """The verdict on one picture."""
    threshold = COUNTING_THRESHOLD if metadata["tag"] == "counting" else THRESHOLD
    boxes = {name: kept(found, threshold) for name, found in detections.items()}
    groups: list[list[Box] | None] = []
    for clause in metadata.get("include", []):
        groups.append(matched(clause, boxes.get(clause["class"], []), groups))
    excluded = any(
        len(boxes.get(clause["class"], [])) >= clause["count"] for clause in metadata.get("exclude", [])
    )
    return None not in groups and not excluded


@dataclass(frozen=True)
class Judged:
    """A folder of pictures: its metadata, and a verdict a picture that was judged."""

    metadata: Mapping[str, Any]
    correct: Sequence[bool]


def summarize(folders: Sequence[Judged]) -> dict[str, Any]:
    """Shares of correct pictures by task, their mean, and over all; folders with the same metadata are
    one prompt."""
    tasks: dict[str, list[float]] = defaultdict(list)
    prompts: dict[str, list[float]] = defaultdict(list)
    for folder in folders:
        for verdict in folder.correct:
            tasks[folder.metadata["tag"]].append(float(verdict))
            prompts[json.dumps(folder.metadata)].append(float(verdict))
    shares = {tag: mean(verdicts) for tag, verdicts in tasks.items()}
    pictures = [verdict for verdicts in tasks.values() for verdict in verdicts]
    overall = mean(list(shares.values()))
    return {
        "per_task": shares,
        "overall": overall,
        "overall_printed": f"{overall:.5f}",
        "images": len(pictures),
        "images_correct": mean(pictures),
        "prompts": len(prompts),
        "prompts_with_a_correct_image": mean([max(verdicts) for verdicts in prompts.values()]),
    }
