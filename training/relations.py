"""Captions that say how things stand to each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..models.embedded.world import CELLS, Item, held_out
from .groups import Group, Rng, new_groups, pick, split
from .samples import LINES, Sample, listed, scatter, turned


def relation(rng: Rng, most: int) -> Sample:
    """Two groups of which one stands so to the other, perhaps a third: "two cats above a red dog"."""
    most = max(2, most)
    if most > 2 and rng.random() < 0.1:
        return between(rng)
    total = int(rng.integers(2, most + 1))
    parts = 2 if total == 2 or rng.random() < 0.6 else 3
    groups = new_groups(rng, split(rng, total, parts))
    name = pick(rng, ("above", "below", "left of", "right of", "next to"))
    if not place_so(rng, groups[0], name, groups[1]) or held_out_relation(groups, name):
        return relation(rng, most)
    scatter(rng, groups)
    words = {"above": ("above", "over"), "below": ("below", "under")}
    said = pick(rng, words.get(name, (f"to the {name}" if " of" in name else "next to", name)))
    text = f"{groups[0].words(rng)} {said} {groups[1].words(rng)}"
    text = listed([text, *(group.words(rng) for group in groups[2:])])
    a, b = groups[0], groups[1]
    return Sample(text, groups, [lambda items: related(items, a, name, b)])


def between(rng: Rng) -> Sample:
    """One object between two others, in a row or a column: "a cat between a red dog and a blue key"."""
    groups = new_groups(rng, [1, 1, 1])
    line = [cells for cells in LINES if len(cells) == 3][int(rng.integers(8))]
    cells = line if rng.random() < 0.5 else turned(line)
    for group, cell in zip(groups, (cells[1], cells[0], cells[2]), strict=True):
        group.cells = [cell]
    first, second, third = (group.words(rng) for group in groups)

    def rule(items: Sequence[Item]) -> bool:
        one, *two = (next((i.row, i.column) for i in items if g.is_one(i)) for g in groups)
        return all(2 * one[axis] == two[0][axis] + two[1][axis] for axis in (0, 1))

    return Sample(f"{first} between {second} and {third}", groups, [rule])


def held_out_relation(groups: Sequence[Group], name: str) -> bool:
    """Whether the first two groups stand in a relation that training never names."""
    a, b = (f"{group.colour} {group.kind}" for group in groups[:2])
    return held_out(f"{a} {name} {b}")


def place_so(rng: Rng, first: Group, name: str, second: Group) -> bool:
    """Cells for both so that every one of ``first`` stands so to every one of ``second``; False: this
    try found none."""
    if name == "next to":
        return place_beside(rng, first, second)
    line = int(rng.integers(1, 4))
    axis = 1 if name in {"above", "below"} else 0
    before = [
        cell for cell in rng.permutation(CELLS).tolist() if "1234abcd".index(cell[axis]) % 4 < line
    ]
    after = [cell for cell in rng.permutation(CELLS).tolist() if cell not in before]
    ahead, behind = (first, second) if name in {"above", "left of"} else (second, first)
    ahead.cells, behind.cells = before[: ahead.number], after[: behind.number]
    return len(ahead.cells) == ahead.number and len(behind.cells) == behind.number


def place_beside(rng: Rng, first: Group, second: Group) -> bool:
    """The same for neighbours in a row."""
    line = LINES[int(rng.integers(len(LINES)))]
    if first.number != 1 or second.number > 1:
        first.number = second.number = 1
    cells = [*line[:2]] if rng.random() < 0.5 else [*line[1::-1]]
    first.cells, second.cells = [cells[0]], [cells[1]]
    return True


def related(items: Sequence[Item], first: Group, name: str, second: Group) -> bool:
    """Whether all of ``first`` in a picture stand so to all of ``second``."""
    tests: dict[str, Callable[[Item, Item], bool]] = {
        "above": lambda a, b: a.row < b.row,
        "below": lambda a, b: a.row > b.row,
        "left of": lambda a, b: a.column < b.column,
        "right of": lambda a, b: a.column > b.column,
        "next to": lambda a, b: abs(a.row - b.row) + abs(a.column - b.column) == 1,
    }
    pairs = [(a, b) for a in items if first.is_one(a) for b in items if second.is_one(b)]
    return all(tests[name](a, b) for a, b in pairs)
