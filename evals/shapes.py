"""The suites ``shapes``: prompts about the plain shapes of the embedded world, of five kinds and three
levels.

``shapes-hard`` is for measuring what a loop makes worse: five and six objects, and a third of its
prompts name a cell for each of them, so that the first picture is mostly right and no later one is
likelier to be.

``python -m gems.evals.shapes`` writes the packaged files again. Wherever a prompt counts objects or
relates them, at least one of its compositions (colour, shape and number; two kinds in a relation) is
one that training never saw; a single object has no composition that could be kept out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ..models.embedded.synonyms import spoken
from ..models.embedded.wish import CORNERS
from ..models.embedded.world import CELLS, NUMBERS, RELATIONS, SHAPES, article, held_out
from .building import Rng, case_of, listed, mixed, one_of, pick, prompts, write_suite
from .cases import Case

SEED = 20_261_125
"""Of the suite. Training draws its scenes from seed 0."""
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple")
"""Those that these suites are about."""
LEVELS = {1: 13, 2: 14, 3: 13}
"""Prompts a kind of each level, in the suite of 200."""
SMALL = {1: 3, 2: 3, 3: 2}
"""The same in the suite of 40."""
HARD = {"count": 8, "binding": 8, "relation": 8, "layout": 8, "cells": 16}
"""Prompts of level 3 a kind in the hard suite."""
Group = tuple[int, str, str]
"""Number, colour, shape."""

SIDES = ("at the top", "at the bottom", "on the left", "on the right")
WORDINGS = ("{}", "draw me {}, please", "a picture of {}", "exactly {}", "")
"""How a newcomer asks for several of one kind; the last one names the colour apart."""


def groups_of(rng: Rng, numbers: Sequence[int]) -> list[Group]:
    """Groups with these numbers, no two of the same colour and shape."""
    kinds: list[tuple[str, str]] = []
    while len(kinds) < len(numbers):
        kind = pick(rng, COLOURS), pick(rng, SHAPES)
        if kind not in kinds:
            kinds.append(kind)
    return [(number, *kind) for number, kind in zip(numbers, kinds, strict=True)]


def new_to_training(groups: Sequence[Group]) -> bool:
    """Whether one of several objects of a kind is a composition that training never saw."""
    return any(
        number > 1 and held_out(f"{colour} {shape} {number}") for number, colour, shape in groups
    )


def words(group: Group) -> str:
    """A group as a prompt names it: "two red circles", "a blue square"."""
    number, colour, shape = group
    return f"{article(colour) if number == 1 else NUMBERS[number]} {colour} {spoken(shape, number)}"


def single(rng: Rng, level: int) -> str:
    """One object; on a side; in a corner."""
    [group] = groups_of(rng, [1])
    places = {1: ("",), 2: SIDES, 3: (*CORNERS, "in the middle")}[level]
    return f"{words(group)} {pick(rng, places)}".strip()


def count(rng: Rng, level: int) -> str | None:
    """Two; three or four; five or six of one kind."""
    groups = groups_of(rng, [int(rng.choice({1: [2], 2: [3, 4], 3: [5, 6]}[level]))])
    number, colour, shape = groups[0]
    if not new_to_training(groups):
        return None
    apart = f"{NUMBERS[number]} {spoken(shape, number)}, all of them {colour}"
    wording = pick(rng, WORDINGS)
    return apart if not wording else wording.format(words(groups[0]))


def binding(rng: Rng, level: int) -> str | None:
    """Two kinds, then three, with more and more objects: whose colour, whose number?"""
    numbers = {
        1: one_of(rng, (2, 1), (1, 2)),
        2: one_of(rng, (3, 1), (2, 2), (2, 1, 1)),
        3: one_of(rng, (3, 3), (4, 2), (2, 2, 2), (3, 2, 1)),
    }[level]
    groups = groups_of(rng, numbers)
    return listed([words(group) for group in groups]) if new_to_training(groups) else None


def relation(rng: Rng, level: int) -> str | None:
    """Two objects in a relation; with more of one kind; three kinds in two relations."""
    numbers = {1: (1, 1), 2: one_of(rng, (2, 1), (1, 2), (2, 2)), 3: (1, 1, 1)}[level]
    groups = groups_of(rng, numbers)
    names = [pick(rng, RELATIONS) for _ in groups[1:]]
    pairs = [
        f"{a[1]} {a[2]} {name} {b[1]} {b[2]}"
        for a, name, b in zip(groups, names, groups[1:], strict=False)
    ]
    if not any(held_out(pair) for pair in pairs):
        return None
    text = f"{words(groups[0])} {names[0]} {words(groups[1])}"
    if level == 3:
        middle = f"the {groups[1][1]} {groups[1][2]}"
        text = f"{text}, {middle} {names[1]} {words(groups[2])}"
    return text


def layout(rng: Rng, level: int) -> str | None:
    """Every group has a place of its own."""
    numbers = {1: (2, 1), 2: (2, 1, 1), 3: one_of(rng, (2, 2, 1), (2, 2, 1, 1))}[level]
    groups = groups_of(rng, numbers)
    if not new_to_training(groups):
        return None
    many, one = list(rng.permutation(SIDES)), list(rng.permutation([*CORNERS, "in the middle"]))
    parts = [f"{words(g)} {many.pop() if g[0] > 1 else one.pop()}" for g in groups]
    return listed(parts)


def cells(rng: Rng, level: int) -> str:
    """Every object has a cell of its own."""
    groups = groups_of(rng, [1] * (level + int(rng.integers(2, 4))))
    places = rng.permutation(list(CELLS))
    return ", ".join(f"{words(g)} at {cell}" for g, cell in zip(groups, places, strict=False))


KINDS: dict[str, Callable[[Rng, int], str | None]] = {
    "single": single,
    "count": count,
    "binding": binding,
    "relation": relation,
    "layout": layout,
    "cells": cells,
}
EVERY = ("single", "count", "binding", "relation", "layout")
"""The kinds of the suites of all levels."""


def build(levels: dict[int, int], seed: int) -> list[Case]:
    """``levels[n]`` prompts of level n for each kind but cells, in a mixed order."""
    return of_kinds(dict.fromkeys(EVERY, levels), seed)


def build_hard() -> list[Case]:
    """The hard suite, in a mixed order."""
    return of_kinds({kind: {3: number} for kind, number in HARD.items()}, SEED + 2)


def of_kinds(numbers: Mapping[str, Mapping[int, int]], seed: int) -> list[Case]:
    """``numbers[kind][n]`` prompts of level n for a kind, in a mixed order."""
    rng = np.random.default_rng(seed)
    cases = []
    for kind, levels in numbers.items():
        for level, number in levels.items():
            stream = prompts(KINDS[kind], level, rng)
            for index in range(1, number + 1):
                cases.append(case_of(kind, level, index, next(stream)))
    return mixed(rng, cases)


PACKAGED = {"shapes": (LEVELS, SEED), "shapes-small": (SMALL, SEED + 1)}


def main() -> None:
    """Writes the packaged suites again: the same files, unless this module or the world changed."""
    suites = {name: build(levels, seed) for name, (levels, seed) in PACKAGED.items()}
    for name, cases in {**suites, "shapes-hard": build_hard()}.items():
        write_suite(name, cases)


if __name__ == "__main__":
    main()
