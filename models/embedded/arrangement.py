"""What a sentence says of several groups at once: rows and columns, an order, one in each corner."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from .questions import includes
from .wish import CORNERS, Line, Relation, Wish
from .words import refuse
from .world import GRID, NUMBERS


def spread(wish: Wish, index: int) -> None:
    """Makes a group four of one object, each in a corner.

    Raises:
        NotInWorldError: it is neither one ("a star in each corner") nor four.
    """
    group = wish.groups[index]
    if group.exact and group.count not in (1, len(CORNERS)):
        raise refuse(f"{NUMBERS[group.count]} {group.kind.words(group.count)} in four corners")
    wish.groups[index] = replace(group, count=1, exact=True)
    wish.places.append((index, CORNERS[0]))
    for corner in CORNERS[1:]:
        wish.groups.append(replace(group, count=1, exact=True))
        wish.places.append((len(wish.groups) - 1, corner))


def line_up(wish: Wish, groups: list[int], name: str) -> None:
    """Puts groups in one ``row`` or ``column``.

    Raises:
        NotInWorldError: one object is no row, and more than four find no room in one.
    """
    total = sum(wish.groups[index].count for index in groups)
    if not 1 < total <= GRID:
        raise refuse(f"{NUMBERS[min(total, len(NUMBERS) - 1)]} in one {name}: it holds two to four")
    wish.lines.append(Line(tuple(groups), name))


def drop_if_described(wish: Wish, index: int) -> None:
    """Drops a group whose objects all later groups describe: "two objects, a circle and a square". What
    was said of where it stands is then said of those.

    Raises:
        NotInWorldError: they describe it, but are not as many.
    """
    group = wish.groups[index]
    later = [i for i, other in enumerate(wish.groups) if i > index and other.count]
    if group.count < 2 or not later:
        return
    if not all(includes(group.kind, wish.groups[i].kind) for i in later):
        return
    described = sum(wish.groups[i].count for i in later)
    if described != group.count or any(index in (r.subject, *r.objects) for r in wish.relations):
        said, named = (NUMBERS[min(n, len(NUMBERS) - 1)] for n in (group.count, described))
        raise refuse(f"{said} {group.kind.words(group.count)} of which {named} are described")
    remove(wish, index, later)


def remove(wish: Wish, index: int, heirs: list[int]) -> None:
    """Takes a group out; its places and lines become those of ``heirs``, and all are numbered anew."""

    def now(group: int) -> list[int]:
        return [heir - 1 for heir in heirs] if group == index else [group - (group > index)]

    wish.places = [(heir, place) for group, place in wish.places for heir in now(group)]
    wish.lines = [Line(tuple(i for g in line.groups for i in now(g)), line.name) for line in wish.lines]
    wish.relations = [
        Relation(now(r.subject)[0], r.name, tuple(now(g)[0] for g in r.objects)) for r in wish.relations
    ]
    del wish.groups[index]


def order(wish: Wish, name: str) -> None:
    """Every group that is drawn stands in the relation ``name`` to the next one that was named.

    Of one group its objects stand in a line.

    Raises:
        NotInWorldError: two of them are alike, so that no order can be seen.
    """
    drawn = [index for index, group in enumerate(wish.groups) if group.count]
    if len(drawn) == 1:
        line_up(wish, drawn, "column" if name in {"above", "below"} else "row")
        return
    kinds = [wish.groups[index].kind for index in drawn]
    if any(includes(a, b) for i, a in enumerate(kinds) for j, b in enumerate(kinds) if i != j):
        raise refuse("an order of objects that are alike")
    wish.relations += [Relation(a, name, (b,)) for a, b in pairwise(drawn)]
