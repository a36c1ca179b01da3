"""A scene of the embedded world with its caption, and what it takes to be what the caption asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..models.embedded.world import CELLS, PLAIN, Item
from .groups import Group, Rng

Rule = Callable[[Sequence[Item]], bool]
LINES = tuple(
    tuple(CELLS[4 * row + column] for column in range(start, start + length))
    for length in (2, 3, 4)
    for row in range(4)
    for start in range(5 - length)
)
"""Runs of two to four neighbouring cells in a row."""


@dataclass
class Sample:
    """A scene, its caption, and the rules besides its groups' numbers that a picture has to keep."""

    caption: str
    groups: list[Group]
    rules: list[Rule]
    ground: str = PLAIN

    @property
    def items(self) -> list[Item]:
        """The scene's objects."""
        return [item for group in self.groups for item in group.items()]

    def obeyed(self, items: Sequence[Item], ground: str) -> bool:
        """Whether a picture with ``items`` is what the caption asks for."""
        numbers = all(sum(map(g.is_one, items)) == g.number for g in self.groups)
        total = len(items) == sum(g.number for g in self.groups)
        return numbers and total and ground == self.ground and all(rule(items) for rule in self.rules)


def listed(parts: Sequence[str]) -> str:
    """``a, b and c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def scatter(rng: Rng, groups: Sequence[Group], taken: Sequence[str] = ()) -> None:
    """Gives every object of groups that have no cells yet one of its own, anywhere."""
    used = {*taken, *(cell for group in groups for cell in group.cells)}
    free = [cell for cell in rng.permutation(CELLS).tolist() if cell not in used]
    for group in groups:
        while len(group.cells) < group.number:
            group.cells.append(free.pop())


def merged(groups: Sequence[Group]) -> list[Group]:
    """Groups of the same objects as one."""
    found: dict[tuple[str, str], Group] = {}
    for group in groups:
        known = found.setdefault(
            (group.colour, group.kind),
            Group(0, group.colour, group.kind, group.size, True, group.says_size),
        )
        known.number += group.number
        known.cells += group.cells
    return list(found.values())


def turned(line: Sequence[str]) -> list[str]:
    """A run of cells in a row as one in a column."""
    return ["abcd"[int(row) - 1] + str("abcd".index(column) + 1) for column, row in line]
