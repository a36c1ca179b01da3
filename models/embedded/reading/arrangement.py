"""What a sentence says of several groups at once: rows and columns, an order, one in each corner."""

from __future__ import annotations

from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from itertools import combinations, pairwise

from ..members import is_shared_out, rank_of
from ..questions import includes
from ..wish import CORNERS, PLACES, Line, Relation, Wish, area_of
from ..world import GRID, NUMBERS
from .words import refuse

LINES = frozenset({"row", "column"})
"""Names of lines that are one object wide."""


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
    groups = [*dict.fromkeys(groups)]
    total = sum(wish.groups[index].count for index in groups)
    wide = sum(wish.groups[index].count * wish.groups[index].kind.span for index in groups)
    if name in LINES and not 1 < total <= GRID:
        raise refuse(f"{NUMBERS[min(total, len(NUMBERS) - 1)]} in one {name}: it holds two to four")
    if name == "row" and wide > GRID:
        raise refuse("so many things and letters in one row: it holds four")
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


def share(wish: Wish, index: int, part: int, relations: int, places: int) -> None:
    """Has a new group, ``part``, stand where another of the same whole stands: "under the cloud three
    cups: one red, two blue". The first so many relations and places of the wish hold for the whole."""
    wish.places += [(part, place) for group, place in wish.places[:places] if group == index]
    wish.lines = [
        Line((*line.groups, part), line.name) if index in line.groups else line for line in wish.lines
    ]
    for at, relation in enumerate(wish.relations[:relations]):
        if relation.subject == index:
            wish.relations.append(replace(relation, subject=part))
        elif index in relation.objects and relation.name == "between":
            wish.relations[at] = replace(relation, objects=(*relation.objects, part))
        elif index in relation.objects:
            wish.relations.append(replace(relation, objects=(part,)))


OPPOSITE = {"below": "above", "right of": "left of"}
BACK = {before: after for after, before in OPPOSITE.items()}


def refuse_circles(wish: Wish) -> None:
    """Refuses what stands above or left of itself, through however many others.

    Raises:
        NotInWorldError: "a cat above a dog, the dog above the cat".
    """
    for name in OPPOSITE.values():
        before: TopologicalSorter[int] = TopologicalSorter()
        for relation in wish.relations:
            for other in relation.objects:
                if relation.name == name:
                    before.add(other, relation.subject)
                elif OPPOSITE.get(relation.name) == name:
                    before.add(relation.subject, other)
        try:
            before.prepare()
        except CycleError:
            raise refuse(f"things that are each {name} the other (say which one is)") from None


def flank(wish: Wish, index: int, middle: int, line: str) -> None:
    """Puts two of a group left and right of another (``row``), or above and below it (``column``).

    Raises:
        NotInWorldError: the group has more than two, or the other more than one.
    """
    group = wish.groups[index]
    if group.count > 2 or wish.groups[middle].count != 1:
        raise refuse(f"{group.words()} on both sides of {wish.groups[middle].words()}")
    wish.groups[index] = replace(group, count=2)
    wish.relations.append(Relation(middle, "between", (index,)))
    line_up(wish, [middle, index], line)


def pair_up(wish: Wish) -> None:
    """Reads two groups that look alike, on opposite sides of another, as two of one: "a star left of
    the cake and a star right of it"."""
    placed = {owner for owner, _ in wish.places}
    for one, other in combinations(wish.relations, 2):
        a, b = one.subject, other.subject
        alike = wish.groups[a] == wish.groups[b] and wish.groups[a].count == 1
        opposite = one.name in {OPPOSITE.get(other.name), BACK.get(other.name)}
        if a != b and alike and opposite and one.objects == other.objects and not placed & {a, b}:
            rest = [r for r in wish.relations if r not in (one, other)]
            if said_of(rest, a, a) != said_of(rest, b, a):
                return
            wish.relations = [r for r in rest if b not in (r.subject, *r.objects)]
            flank(wish, a, one.objects[0], "row" if one.name in {"left of", "right of"} else "column")
            remove(wish, b, [])
            return


def said_of(relations: list[Relation], index: int, name: int) -> set[Relation]:
    """The relations of a group, as if it were called ``name``."""

    def now(group: int) -> int:
        return name if group == index else group

    about = (r for r in relations if index in (r.subject, *r.objects))
    return {Relation(now(r.subject), r.name, tuple(map(now, r.objects))) for r in about}


def refuse_full_cells(wish: Wish) -> None:
    """Refuses two things where there is room for one.

    Raises:
        NotInWorldError: "a star in each corner and a cat in the top left corner".
    """
    for place, cells in PLACES.items():
        there = [owner for owner, at in wish.places if at == place]
        if len(cells) == 1 and sum(wish.groups[owner].count for owner in set(there)) > 1:
            raise refuse(f"several things {place}, where there is room for one")


def refuse_more_there(wish: Wish) -> None:
    """Refuses so many at a place where others of the kind stand, too: what is asked of a picture is how
    many are there in all.

    Raises:
        NotInWorldError: "a cat at the top and a cat at the top".
    """
    for index, place in wish.places:
        kind = wish.groups[index].kind
        for other, group in enumerate(wish.groups):
            alike = other != index and group.count and includes(kind, group.kind)
            if alike and area_of(wish, other) <= PLACES[place]:
                raise refuse(f"{kind.words(2)} {place} one by one (say how many there are)")


def refuse_twins(wish: Wish) -> None:
    """Refuses relations of one of two groups that look alike: "a star left of a cat and a star right of
    it". What is asked of a picture is asked of all that look so.

    Raises:
        NotInWorldError: there are such.
    """
    for relation in wish.relations:
        for kind in (wish.groups[index].kind for index in (relation.subject, *relation.objects)):
            alike = {i for i, g in enumerate(wish.groups) if g.count and includes(kind, g.kind)}
            apart = relation.name == "between" and alike <= {relation.subject, *relation.objects}
            if len(alike) > 1 and not apart:
                raise refuse(
                    f"several {kind.words(2)}, one of them {relation.name} something (give them "
                    "colours or places of their own)"
                )


def refuse_unmatched(wish: Wish) -> None:
    """Refuses relations to one of several where there is none, or nobody can tell which.

    Raises:
        NotInWorldError: "above the middle of" four, or of a list; "each below one of" fewer.
    """
    for relation in wish.relations:
        subject, *others = (wish.groups[i] for i in (relation.subject, *relation.objects))
        count, rank = sum(group.count for group in others), rank_of(relation.name)
        exact = all(group.exact for group in (subject, *others))
        if is_shared_out(relation.name) and not (exact and subject.count == count):
            raise refuse(
                "one for each where there are not as many (say how many, and where each stands)"
            )
        if rank and not (exact and count > 1 and (rank != "middle" or count % 2)):
            raise refuse(f"'the {rank}' of what is not several alike (say what is there)")


def order(wish: Wish, name: str, drawn: list[int]) -> None:
    """Every one of these groups stands in the relation ``name`` to the next one.

    Of one group its objects stand in a line.

    Raises:
        NotInWorldError: two of them are alike, so that no order can be seen.
    """
    if len(drawn) == 1:
        line_up(wish, drawn, "column" if name in {"above", "below"} else "row")
        return
    kinds = [wish.groups[index].kind for index in drawn]
    if any(includes(a, b) for i, a in enumerate(kinds) for j, b in enumerate(kinds) if i != j):
        raise refuse("an order of objects that are alike")
    wish.relations += [Relation(a, name, (b,)) for a, b in pairwise(drawn)]
