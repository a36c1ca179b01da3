"""A wish of the embedded world in words that are read as the same wish."""

from __future__ import annotations

from .members import base_of, is_shared_out
from .questions import GROUND_WORDS
from .reading.grammar import read_prompt
from .reading.words import refuse
from .wish import Relation, Wish
from .world import MAX_OBJECTS, NUMBERS


def described(wish: Wish) -> str:
    """A wish in words that are read as the same wish.

    Raises:
        NotInWorldError: there are none.
    """
    if wish.total > MAX_OBJECTS:
        raise refuse("so many things (up to eight)")
    flanked = [r for r in wish.relations if is_flanked(wish, r)]
    lines = [
        line for line in wish.lines if not any(line.groups == (r.subject, *r.objects) for r in flanked)
    ]
    parts = list[str]()
    for index, group in enumerate(wish.groups):
        how = "" if group.exact else "at least "
        number = NUMBERS[group.count] if group.count else "no"
        places = [place for owner, place in wish.places if owner == index]
        places += [f"in a {line.name}" for line in lines if line.groups[-1] == index]
        parts.append(" ".join([f"{how}{number}", group.kind.words(group.count or 2), *places]))
    for relation in wish.relations:
        named = [wish.groups[i] for i in (relation.subject, *relation.objects)]
        subject, *others = (f"the {group.kind.words(group.count)}" for group in named)
        if relation in flanked:
            parts.append(f"{others[0]} on both sides of {subject}")
        else:
            parts.append(f"{subject} {related(relation.name)} {' and '.join(others)}")
    ground = f" {GROUND_WORDS[wish.ground]}" if wish.ground else ""
    words = ", ".join(parts) + ground
    if read_prompt(words) != wish:
        raise refuse("a change of so involved a request (say the whole request anew)")
    return words


def related(name: str) -> str:
    """A relation's name as it is said: "each below one of"."""
    return f"each {base_of(name)} one of" if is_shared_out(name) else name


def is_flanked(wish: Wish, relation: Relation) -> bool:
    """Whether two of a kind stand left and right of another, in one row with it."""
    pair = (relation.subject, *relation.objects)
    rows = [line for line in wish.lines if line.name == "row" and line.groups == pair]
    return relation.name == "between" and len(pair) == 2 and bool(rows)
