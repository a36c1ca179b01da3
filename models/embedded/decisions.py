"""Answers checks about seen objects: yes, no, and what decides it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise, permutations

from .eye import Scene, Seen
from .members import base_of, is_shared_out, is_singled, rank_of
from .questions import (
    GROUND_WORDS,
    Check,
    ColourCheck,
    CountCheck,
    GroundCheck,
    LineCheck,
    RelationCheck,
)
from .wish import ObjectKind, stands_at
from .world import NUMBERS

STEP = 0.5
"""Cells by which one object has to be further left or further up than another."""
REACH = 1.6
"""Cells between the centres of objects that stand next to each other, at most."""
BAND = 0.75
"""Cells that something between two others may be off their line."""

Decision = tuple[bool, str]


def matches(seen: Seen, kind: ObjectKind) -> bool:
    """Whether an object is certainly of a kind."""
    same = kind.colour in (None, seen.colour) and kind.size in (None, seen.size)
    return same and kind.name in (None, seen.kind)


def might_match(seen: Seen, kind: ObjectKind) -> bool:
    """Whether a malformed object could be meant as one of a kind."""
    colour = seen.colour is None or kind.colour in (None, seen.colour)
    name = seen.kind is None or kind.name in (None, seen.kind)
    return seen.malformed and colour and name


def candidates(kind: ObjectKind, scene: Scene) -> Sequence[Seen]:
    """What in a picture may be of a kind: its words for a word, else its objects and single letters."""
    return scene.words if kind.is_word and kind.span > 1 else scene.objects


def found_of(kind: ObjectKind, scene: Scene) -> list[Seen]:
    """What in a picture is certainly of a kind."""
    return [s for s in candidates(kind, scene) if matches(s, kind)]


def count_words(count: int, kind: ObjectKind) -> str:
    """A count in words: "three red circles", "no heart"."""
    if count == 0:
        return f"no {kind.words(1)}"
    return f"{NUMBERS[count] if count < len(NUMBERS) else count} {kind.words(count)}"


def decide(check: Check, scene: Scene) -> Decision:
    """Whether ``check`` holds for what was seen, with the reason in words for a verdict."""
    if isinstance(check, CountCheck):
        return decide_count(check, scene)
    if isinstance(check, ColourCheck):
        return decide_colour(check, scene)
    if isinstance(check, LineCheck):
        return decide_line(check, scene)
    if isinstance(check, GroundCheck):
        said = GROUND_WORDS.get(scene.ground, "on plain ground")
        return scene.ground == check.name, f"the picture is {said}"
    return decide_relation(check, scene)


def decide_count(check: CountCheck, scene: Scene) -> Decision:
    """Counts; an object that is malformed and might be meant makes the answer no."""
    seen = candidates(check.kind, scene)
    here = [s for s in seen if check.place is None or stands_at(s.cells, check.place)]
    found = [s for s in here if matches(s, check.kind) and not s.malformed]
    broken = [s for s in here if might_match(s, check.kind)]
    where = f" {check.place}" if check.place else ""
    if broken:
        return False, f"a malformed object stands at {broken[0].cell}"
    if check.place is not None:
        everywhere = [s for s in seen if matches(s, check.kind)]
        if len(found) < check.count and everywhere:
            cells = ", ".join(sorted(s.cell for s in everywhere))
            return False, f"{count_words(len(everywhere), check.kind)} at {cells}, not{where}"
    good = len(found) == check.count if check.exact else len(found) >= check.count
    if check.kind.is_word and not good and scene.words:
        said = ", ".join(f'"{word.kind}" in {word.colour}' for word in scene.words)
        return False, f"what is written is {said}{where}"
    verb = "is" if len(found) < 2 else "are"
    return good, f"there {verb} {count_words(len(found), check.kind)}{where}"


def decide_colour(check: ColourCheck, scene: Scene) -> Decision:
    """Whether all of a kind have the colour; with none of them, no."""
    seen = candidates(check.kind, scene)
    found = [s for s in seen if matches(s, check.kind) or might_match(s, check.kind)]
    if not found:
        return False, f"there is {count_words(0, check.kind)}"
    wrong = [s for s in found if s.colour != check.colour]
    if wrong:
        return False, f"the one at {wrong[0].cell} is {wrong[0].colour or 'of no clear colour'}"
    return True, f"all of them are {check.colour}"


def decide_relation(check: RelationCheck, scene: Scene) -> Decision:
    """Every subject to every object; "next to" any one of them; "between" any two of them."""
    subjects = found_of(check.subject, scene)
    groups = [found_of(kind, scene) for kind in check.objects]
    missing = [
        k
        for k, found in zip((check.subject, *check.objects), (subjects, *groups), strict=True)
        if not found
    ]
    if missing:
        return False, f"there is {count_words(0, missing[0])}"
    if is_shared_out(check.name) and not paired(subjects, check.name, groups[0]):
        return False, f"not every {check.subject.words(1)} is {check.name}"
    for subject in subjects:
        others = [[s for s in group if s is not subject] for group in groups]
        if not stands(subject, check.name, others):
            return False, f"the {check.subject.words(1)} at {subject.cell} is not {check.name}"
    return True, f"every {check.subject.words(1)} is {check.name}"


def decide_line(check: LineCheck, scene: Scene) -> Decision:
    """Whether all objects of these kinds stand in one row or column, each next to another."""
    groups = [found_of(kind, scene) for kind in check.kinds]
    missing = [kind for kind, group in zip(check.kinds, groups, strict=True) if not group]
    if missing:
        return False, f"there is {count_words(0, missing[0])}"
    found = {id(s): s for group in groups for s in group}.values()
    good = in_line(list(found), check.name)
    named = " and ".join(kind.words(2) for kind in check.kinds)
    return good, f"{named} are {'' if good else 'not '}in a {check.name}"


def in_line(found: Sequence[Seen], name: str) -> bool:
    """Whether two objects or more stand in one ``row``, ``column`` or grid without a gap."""
    if name.startswith("grid"):
        return in_grid(found, NUMBERS.index(name.split()[2]))
    spots = sorted(found, key=lambda s: (s.x, s.y) if name == "row" else (s.y, s.x))
    steps = [apart(a, b) if name == "row" else apart(a, b)[::-1] for a, b in pairwise(spots)]
    return bool(steps) and all(along <= REACH and off < STEP for along, off in steps)


def in_grid(found: Sequence[Seen], rows: int) -> bool:
    """Whether objects stand in so many equal rows, each below the other, without a gap."""
    spots = sorted(found, key=lambda s: s.y)
    wide = len(spots) // rows
    if wide * rows != len(spots):
        return False
    lines = [sorted(spots[at : at + wide], key=lambda s: s.x) for at in range(0, len(spots), wide)]
    columns = [list(column) for column in zip(*lines, strict=True)]
    return all(in_line(line, "row") for line in lines) and all(in_line(c, "column") for c in columns)


def apart(a: Seen, b: Seen) -> tuple[float, float]:
    """How many cells two objects are apart, across and down. Words are as wide as their letters, and
    have things above and below all of them."""
    return max(0.0, abs(a.x - b.x) - (a.span + b.span - 2) / 2), abs(a.y - b.y)


def stands(subject: Seen, name: str, groups: list[list[Seen]]) -> bool:
    """Whether ``subject`` stands in the relation to ``groups``: to all of one, or between two."""
    if name == "between":
        first, second = (groups[0], groups[0]) if len(groups) == 1 else (groups[0], groups[1])
        return any(between(subject, a, b) for a in first for b in second if a is not b)
    rank = rank_of(name)
    tests = [
        related(subject, name, other) for other in (ranked(groups[0], rank) if rank else groups[0])
    ]
    return any(tests) if name == "next to" or is_shared_out(name) else bool(tests) and all(tests)


def paired(subjects: Sequence[Seen], name: str, others: Sequence[Seen]) -> bool:
    """Whether each subject, or each other where those are fewer, has one for itself in the relation."""
    turned = len(others) < len(subjects)
    few, many = (others, subjects) if turned else (subjects, others)
    return any(
        all(
            related(b, name, a) if turned else related(a, name, b)
            for a, b in zip(few, some, strict=True)
        )
        for some in permutations(many, len(few))
    )


def ranked(found: Sequence[Seen], rank: str) -> list[Seen]:
    """The one of these that stands at a rank: the outermost to a side, or the middle of an odd number;
    none where there is no such."""
    wide = max(s.x for s in found) - min(s.x for s in found) if found else 0.0
    high = max(s.y for s in found) - min(s.y for s in found) if found else 0.0
    across = rank in {"left", "right"} or (rank == "middle" and wide >= high)
    row = sorted(found, key=lambda s: s.x if across else s.y)
    at = {"left": 0, "top": 0, "right": -1, "bottom": -1, "middle": len(row) // 2}[rank]
    return row[at:][:1] if row and (rank != "middle" or len(row) % 2) else []


def related(a: Seen, name: str, b: Seen) -> bool:
    """Whether ``a`` is above, below, left of, right of or next to ``b``; straight so, and not only
    higher or further left, where one of several is meant, and beside it where each has its own."""
    if is_singled(name):
        base = base_of(name)
        off = apart(a, b)[0 if base in {"above", "below"} else 1]
        near = not is_shared_out(name) or max(apart(a, b)) <= REACH
        return near and (base == "next to" or off < STEP) and related(a, base, b)
    if name == "next to":
        return max(apart(a, b)) <= REACH and min(apart(a, b)) < STEP
    if name in {"above", "below"}:
        return (b.y - a.y if name == "above" else a.y - b.y) > STEP
    return (b.x - a.x if name == "left of" else a.x - b.x) > STEP


def between(a: Seen, b: Seen, c: Seen) -> bool:
    """Whether ``a`` lies on the way from ``b`` to ``c``, off their line by no more than ``BAND``."""
    dx, dy = c.x - b.x, c.y - b.y
    length = math.hypot(dx, dy)
    if length < 2 * STEP:
        return False
    along = ((a.x - b.x) * dx + (a.y - b.y) * dy) / length
    off = abs((a.x - b.x) * dy - (a.y - b.y) * dx) / length
    return STEP / 2 < along < length - STEP / 2 and off <= BAND
