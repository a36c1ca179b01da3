"""Layouts: a cell for every object, so that every place, relation, row and column holds."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from .decisions import in_line, paired, stands
from .eye import Seen
from .members import is_shared_out, rank_of
from .questions import same_kinds
from .reading.words import refuse
from .wish import ObjectKind, Wish, stands_at
from .world import CELLS, GRID, NUMBERS

TRIES = 20_000
"""Steps of the search before relations are given up."""


def run_of(cell: str, span: int) -> tuple[str, ...]:
    """``span`` cells of a row from ``cell`` on; empty: the row ends before."""
    column = "abcd".index(cell[0])
    start = CELLS.index(cell)
    return CELLS[start : start + span] if column + span <= GRID else ()


def fits_grid(placed: Sequence[Seen], name: str, total: int) -> bool:
    """Whether some of a grid's objects are no further apart than its rows and columns."""
    rows = NUMBERS.index(name.split()[2])
    across, down = [s.x for s in placed] or [0], [s.y for s in placed] or [0]
    return max(across) - min(across) <= total // rows - 1 and max(down) - min(down) <= rows - 1


ANY_OF = frozenset({"next to", "between"})
"""Relations that one of several others is enough for."""


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
        raise refuse("words and things for which there is no room")

    def _search(
        self, cells: list[str], relations: bool, places: bool, kept: Mapping[int, str]
    ) -> list[str] | None:
        self._steps += 1
        if self._steps > TRIES:
            return None
        position = len(cells)
        if position == len(self.owners):
            return cells
        asked = self._places(position) if places else []
        taken, letters = self._taken(cells, self._span(position))
        runs = {cell: run_of(cell, self._span(position)) for cell in CELLS}
        free = [
            cell
            for cell, run in runs.items()
            if run and taken.isdisjoint(run) and all(stands_at(run, place) for place in asked)
        ]
        if self._kind(position).is_word:
            free = [cell for cell in free if not letters & self._ends(cell, position)]
        self._random.shuffle(free)
        if position in kept:
            free = [cell for cell in free if cell == kept[position]]
        for cell in free:
            more = [*cells, cell]
            if relations and not (self._lines_can_hold(more) and self._relations_can_hold(more)):
                continue
            if found := self._search(more, relations, places, kept):
                return found
        return None

    def _places(self, position: int) -> list[str]:
        return [place for owner, place in self._wish.places if owner == self.owners[position]]

    def _kind(self, position: int) -> ObjectKind:
        return self._wish.groups[self.owners[position]].kind

    def _span(self, position: int) -> int:
        return self._kind(position).span

    def _taken(self, cells: Sequence[str], span: int) -> tuple[set[str], set[str]]:
        """The cells that are taken, and those of them that ``span`` letters must not touch: of
        a word any letter, of a single letter any word."""
        runs = [(i, run_of(cell, self._span(i))) for i, cell in enumerate(cells)]
        letters = {
            cell
            for i, run in runs
            if self._kind(i).is_word and (span > 1 or len(run) > 1)
            for cell in run
        }
        return {cell for _, run in runs for cell in run}, letters

    def _ends(self, cell: str, position: int) -> set[str]:
        """The cells before and after a word, where another letter would make it longer."""
        run = run_of(cell, self._span(position))
        around = {chr(ord(run[0][0]) - 1) + run[0][1], chr(ord(run[-1][0]) + 1) + run[-1][1]}
        return around & set(CELLS)

    def _seen(self, position: int, cell: str) -> Seen:
        kind = self._kind(position)
        return Seen(kind.colour, kind.name, kind.size, cell, kind.span)

    def _lines_can_hold(self, cells: Sequence[str]) -> bool:
        """Whether no row or column is broken whose objects all have their cells."""
        for line in self._wish.lines:
            members = [i for i, owner in enumerate(self.owners) if owner in line.groups]
            placed = [self._seen(i, cells[i]) for i in members if i < len(cells)]
            if len(placed) == len(members) and not in_line(placed, line.name):
                return False
            if line.name.startswith("grid") and not fits_grid(placed, line.name, len(members)):
                return False
        return True

    def _relations_can_hold(self, cells: Sequence[str]) -> bool:
        """Whether no relation is broken: those to all others as far as these have cells, those to some
        of them once all have."""
        kinds = [self._kind(i) for i in range(len(self.owners))]
        seen = [self._seen(i, cell) for i, cell in enumerate(cells)]
        for relation in self._wish.relations:
            named = [self._wish.groups[i].kind for i in (relation.subject, *relation.objects)]
            subjects, *groups = [
                [s for s, k in zip(seen, kinds, strict=False) if k == n] for n in named
            ]
            waiting = {k for k in kinds[len(cells) :] if k in named}
            if is_shared_out(relation.name):
                if len(waiting) < 2 and not paired(subjects, relation.name, groups[0]):
                    return False
                continue
            some = relation.name in ANY_OF or rank_of(relation.name) is not None
            if some and waiting:
                continue
            ready = some or all(groups)
            if ready and not all(stands(s, relation.name, groups) for s in subjects):
                return False
        return True


def owners_of(wish: Wish) -> list[int]:
    """The group of every object, objects of one kind next to each other."""
    return [
        index
        for indices in same_kinds(wish).values()
        for index in indices
        for _ in range(wish.groups[index].count)
    ]
