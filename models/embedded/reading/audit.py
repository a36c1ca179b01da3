"""Checks a reading against the words that it was read from: what was said and is nowhere in the wish is
refused, whichever of the readers passed over it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

from ..wish import CORNERS, Group, Wish
from .relations import BESIDE, SIDES
from .words import COUNTS, NOUNS, PLURALS, Token, refuse

FLANKING = frozenset({*SIDES, "left of", "right of", "above", "below"})
"""Relations that two alike things to the sides of another are read as "between" for."""


def refuse_unread(tokens: list[Token], wish: Wish) -> None:
    """Refuses what ``tokens`` say and ``wish`` does not.

    Raises:
        NotInWorldError: there is such.
    """
    for token in tokens:
        check = CHECKS.get(token.sort)
        if check is not None and not check(token.value, wish):
            said = token.value or token.sort
            raise refuse(f"{said!r} (it is not clear what it is about: say it right after its thing)")


def has_colour(word: str, wish: Wish) -> bool:
    """Whether something is to have the colour, or not to."""
    return any(group.kind.colour == word for group in wish.groups)


def has_size(word: str, wish: Wish) -> bool:
    """Whether something is to have the size."""
    return any(group.kind.size == word for group in wish.groups)


def has_thing(word: str, wish: Wish) -> bool:
    """Whether the thing is to be seen, or not to. "Objects" are said to be what is named then."""
    name = NOUNS.get(PLURALS.get(word, word), PLURALS.get(word, word))
    return name is None or any(group.kind.name == name for group in wish.groups)


def has_number(word: str, wish: Wish) -> bool:
    """Whether some groups together are so many."""
    number = COUNTS.get(word, 1)
    return number < 2 or number in sums(wish.groups)


def sums(groups: list[Group]) -> set[int]:
    """How many objects any of the groups have together."""
    counts = [group.count for group in groups if group.count]
    return {sum(some) for size in range(1, len(counts) + 1) for some in combinations(counts, size)}


def has_ground(word: str, wish: Wish) -> bool:
    """Whether that is the ground."""
    return wish.ground == word


def has_place(word: str, wish: Wish) -> bool:
    """Whether something stands there, or at that side of another."""
    return any(place == word for _, place in wish.places) or has_relation(BESIDE.get(word, ""), wish)


def has_relation(word: str, wish: Wish) -> bool:
    """Whether something stands so to another, or at that side of the picture."""
    names = {relation.name for relation in wish.relations}
    placed = any(BESIDE.get(place) == word for _, place in wish.places)
    return word in names or placed or (word in FLANKING and "between" in names)


def has_corners(word: str, wish: Wish) -> bool:
    """Whether something stands in every corner."""
    return set(CORNERS) <= {place for _, place in wish.places}


def has_line(word: str, wish: Wish) -> bool:
    """Whether something stands in a row or column, or in an order."""
    return bool(wish.lines or wish.relations)


def is_open(word: str, wish: Wish) -> bool:
    """Whether there may be more of something than was said."""
    return any(group.count and not group.exact for group in wish.groups)


def denies(word: str, wish: Wish) -> bool:
    """Whether something is not to be seen."""
    return any(group.count == 0 for group in wish.groups)


CHECKS: dict[str, Callable[[str, Wish], bool]] = {
    "colour": has_colour,
    "size": has_size,
    "noun": has_thing,
    "plural": has_thing,
    "count": has_number,
    "ground": has_ground,
    "place": has_place,
    "relation": has_relation,
    "corners": has_corners,
    "row": has_line,
    "column": has_line,
    "row ahead": has_line,
    "column ahead": has_line,
    "grid": has_line,
    "order": has_line,
    "least": is_open,
    "no": denies,
    "none": denies,
}
"""What has to be so of a wish where a token of a sort was read. The other sorts only bind these."""
