"""What comes next in a prompt, where that decides what a word means."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from .words import COUNTS, NOUNS, PLURALS, Token

STANDING = frozenset({"place", "relation", "corners", "row", "column", "on top"})
"""Sorts of tokens that say where something stands."""
ENDS = frozenset({"comma", "colon", "and"})
THINGS = frozenset({"noun", "plural"})


def is_one(rest: list[Token]) -> bool:
    """Whether an article, or the number one, comes next."""
    return bool(rest) and rest[0].sort == "count" and COUNTS.get(rest[0].value) == 1


def noun_in(rest: list[Token]) -> str | None:
    """The name of the thing that comes next, after what it is like; None: something else comes."""
    token = next((t for t in rest if t.sort not in {"the", "count", "colour", "size"}), None)
    if token is None or token.sort not in THINGS:
        return None
    noun = PLURALS.get(token.value, token.value)
    return NOUNS.get(noun, noun)


def ends_in_and(rest: list[Token]) -> bool:
    """Whether bare things follow up to an "and" and one more: ", circle and star"."""
    sorts = [token.sort for token in rest]
    while sorts[:1] == ["comma"] and sorts[1:2] and sorts[1] in THINGS:
        sorts = sorts[2:]
    sorts = sorts[1:] if sorts[:1] == ["comma"] else sorts
    return sorts[:1] == ["and"] and bool(THINGS.intersection(sorts[1:2]))


def goes_on(rest: list[Token]) -> bool:
    """Whether a colour is followed by what it colours or by another one: "red and blue", "red star"."""
    sorts = [token.sort for token in rest[:3]] + [""] * 3
    if sorts[0] in {"noun", "plural", "colour", "size"}:
        return True
    return sorts[0] in {"and", "comma"} and sorts[1] == "colour" and sorts[2] not in THINGS


def begins_clause(rest: list[Token]) -> bool:
    """Whether a relation begins a clause, and what stands so comes last: "above them a sun"."""
    sorts = [token.sort for token in takewhile(lambda token: token.sort not in ENDS, rest)]
    if sorts[:1] and sorts[0] in {"it", "them", "that"}:
        return True
    return sum(sort in THINGS for sort in sorts) > 1


def first_is_bare_plural(rest: list[Token]) -> bool:
    """Whether several kinds without a number follow: "cats, dogs and birds"."""
    sorts = [token.sort for token in rest if token.sort not in {"colour", "size"}][:3]
    return sorts in (["plural", "comma", "plural"], ["plural", "and", "plural"])


def shared_items(rest: list[Token]) -> tuple[int, bool]:
    """How many things after a comma may stand where the clause began, and whether that is sure: the
    list ends in "and", or another such clause comes after it."""
    found, joined = 0, False
    for sorts, end in clauses(rest):
        if sorts[:1] == ["no"]:
            break
        if STANDING.intersection(sorts):
            first = next(sort for sort in sorts if sort not in {"the", "in", "on"})
            return found, joined or first in STANDING
        if sorts and not THINGS.intersection(sorts):
            break
        found += bool(sorts)
        joined = joined or (end == "and" and bool(found))
    return found, joined


def clauses(rest: list[Token]) -> Iterator[tuple[list[str], str]]:
    """The sorts of what stands between commas and "and", with what comes after, up to a full stop."""
    sorts: list[str] = []
    for token in rest:
        if token.sort not in ENDS:
            sorts.append(token.sort)
            continue
        yield sorts, token.sort
        if token.sort == "colon" or token.value not in {"", ","}:
            return
        sorts = []
    yield sorts, ""
