"""Layouts: a cell for every object, so that every place, relation, row and column holds."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from .decisions import in_line, stands
from .eye import Seen
from .questions import same_kinds
from .wish import Wish, area_of
from .world import CELLS

TRIES = 20_000
"""Steps of the search before relations are given up."""


def as_seen(cell: str, colour: str | None = "", shape: str | None = "") -> Seen:
    """An object in the middle of a cell."""
    return Seen(colour, shape, "abcd".index(cell[0]) + 0.5, "1234".index(cell[1]) + 0.5)


class Solver:
    """Finds cells by backtracking, in a random order that a seed fixes.

    ``kept`` are cells of objects, by position in ``owners``, that should stay where they are.
    """

    def __init__(self, wish: Wish, seed: int, kept: Mapping[int, str] | None = None) -> None:
        self.owners = owners_of(wish)
        self._wish = wish
        self._random = random.Random(seed)
        self._kept = dict(kept or {})
        self._steps = 0

    def solve(self) -> list[str]:
        """A cell for each of ``owners``. Relations that cannot all hold are given up, places then."""
        for relations, places, kept in ((1, 1, 1), (1, 1, 0), (0, 1, 0), (0, 0, 0)):
            self._steps = 0
            found = self._search([], bool(relations), bool(places), self._kept if kept else {})
            if found is not None:
                return found
        raise AssertionError("sixteen cells hold six objects")

    def _search(
        self, cells: list[str], relations: bool, places: bool, kept: Mapping[int, str]
    ) -> list[str] | None:
        self._steps += 1
        if self._steps > TRIES:
            return None
        position = len(cells)
        if position == len(self.owners):
            return cells if not relations or self._holds(cells) else None
        area = area_of(self._wish, self.owners[position]) if places else frozenset(CELLS)
        free = [cell for cell in CELLS if cell in area and cell not in cells]
        self._random.shuffle(free)
        if position in kept:
            free = [cell for cell in free if cell == kept[position]]
        for cell in free:
            if relations and not self._lines_can_hold([*cells, cell]):
                continue
            if found := self._search([*cells, cell], relations, places, kept):
                return found
        return None

    def _lines_can_hold(self, cells: Sequence[str]) -> bool:
        """Whether no row or column is broken whose objects all have their cells."""
        for line in self._wish.lines:
            members = [i for i, owner in enumerate(self.owners) if owner in line.groups]
            placed = [as_seen(cells[i]) for i in members if i < len(cells)]
            if len(placed) == len(members) and not in_line(placed, line.name):
                return False
        return True

    def _holds(self, cells: Sequence[str]) -> bool:
        kinds = [self._wish.groups[owner].kind for owner in self.owners]
        seen = [as_seen(cell) for cell in cells]

        def members(group: int) -> list[Seen]:
            kind = self._wish.groups[group].kind
            return [s for s, k in zip(seen, kinds, strict=True) if k == kind]

        return all(
            stands(subject, relation.name, [members(i) for i in relation.objects])
            for relation in self._wish.relations
            for subject in members(relation.subject)
        )


def owners_of(wish: Wish) -> list[int]:
    """The group of every object, objects of one kind next to each other."""
    return [
        index
        for indices in same_kinds(wish).values()
        for index in indices
        for _ in range(wish.groups[index].count)
    ]
