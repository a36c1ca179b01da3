"""Says in plain words in which order things stand, where some may be alike: "pink, yellow, pink"."""

from __future__ import annotations

import re
from itertools import groupby, pairwise
from typing import Literal, NamedTuple

from ..synonyms import plural
from ..world import GRID, NUMBERS
from .words import COLOUR, SIZE, SIZE_WORDS

Axis = Literal["row", "column"]
LOOK = rf"(?:{SIZE}(?:(?: and|,)? {COLOUR})?|{COLOUR}(?:(?: and|,)? {SIZE}(?! {COLOUR}))?)(?![\w'-])"
"""What one thing is like: a size, a colour or both, in either order."""
BEFORE: dict[Axis, str] = {"row": "left of", "column": "above"}
CELLS: dict[Axis, tuple[str, ...]] = {
    "row": ("on the left", "in the left half", "in the right half", "on the right"),
    "column": ("at the top", "in the top half", "in the bottom half", "at the bottom"),
}
"""Where each of four stands that fill a row or a column."""


class Kind(NamedTuple):
    """What one or several alike things are like and called; "": nothing is said of it, or not again."""

    look: str
    noun: str

    def words(self, count: int = 1) -> str:
        """ "big red tree", "big red trees"."""
        noun = plural(self.noun) if self.noun and count > 1 else self.noun
        return f"{self.look} {noun}".strip()


def tidy(look: str) -> str:
    """A look with its size first and without "and": "pink and small" is "small pink"."""
    words = [word for word in re.findall(r"[a-z]+", look) if word != "and"]
    return " ".join(sorted(words, key=lambda word: word not in SIZE_WORDS))


def runs_of(kinds: list[Kind]) -> list[tuple[Kind, int]]:
    """Each kind with how many of it stand beside each other."""
    return [(kind, len([*alike])) for kind, alike in groupby(kinds)]


def counted(kinds: list[Kind]) -> list[str]:
    """ "one red tree", "two green trees", in the order in which they come first."""
    numbers = {kind: kinds.count(kind) for kind in kinds}
    return [f"{NUMBERS[number]} {kind.words(number)}" for kind, number in numbers.items()]


def joined(parts: list[str]) -> str:
    """ "a cat, a dog and a bird"."""
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]


def related(kinds: list[Kind], axis: Axis | None) -> list[str] | None:
    """What relations say of an order: "the red tree left of the green trees"; None: not all of it."""
    runs, numbers = runs_of(kinds), {kind: kinds.count(kind) for kind in kinds}
    names = [kind.words(numbers[kind]) for kind, _ in runs]
    if len(runs) == len(numbers):
        if axis is None and len(runs) > 1:
            return None
        return [f"the {a} {BEFORE[axis or 'row']} the {b}" for a, b in pairwise(names)]
    if len(runs) == 3 and len(numbers) == 2 and runs[0][1] == runs[2][1] == 1:
        return [f"the {names[1]} between the {names[0]}"]
    return None


def placed(kinds: list[Kind], axis: Axis) -> list[str] | None:
    """Four that fill a row or column, with the place of each; None: they are not four."""
    if len(kinds) != GRID:
        return None
    cells, found = CELLS[axis], list[str]()
    for half in (slice(0, 2), slice(2, 4)):
        (one, other), places = kinds[half], cells[half]
        if one == other:
            found.append(f"two {one.words(2)} {next(p for p in places if p.endswith('half'))}")
        else:
            found += [
                f"one {kind.words()} {place}" for kind, place in zip(kinds[half], places, strict=True)
            ]
    return found
