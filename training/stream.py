"""The training stream: endless random scenes and the captions that describe them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ..models.embedded.world import (
    CELLS,
    COLOURS,
    MAX_OBJECTS,
    NUMBERS,
    SHAPES,
    Item,
    article,
    held_out,
    plural,
)

Rng = np.random.Generator
Named = tuple[str, str]
"""Colour and shape."""
COLOUR_NAMES = tuple(COLOURS)
PLACES: dict[str, frozenset[str]] = {
    "in the top left corner": frozenset({"a1"}),
    "in the top right corner": frozenset({"d1"}),
    "in the bottom left corner": frozenset({"a4"}),
    "in the bottom right corner": frozenset({"d4"}),
    "in the middle": frozenset({"b2", "c2", "b3", "c3"}),
    "at the top": frozenset({"a1", "b1", "c1", "d1"}),
    "at the bottom": frozenset({"a4", "b4", "c4", "d4"}),
    "on the left": frozenset({"a1", "a2", "a3", "a4"}),
    "on the right": frozenset({"d1", "d2", "d3", "d4"}),
}
WRAPPINGS = (
    "draw {}",
    "draw me {}, please",
    "a picture of {}",
    "show me {}",
    "i want {}",
    "{} please",
    "exactly {}",
)
RELATION_WORDS = {
    "above": ("above", "over"),
    "below": ("below", "under"),
    "left of": ("left of", "to the left of"),
    "right of": ("right of", "to the right of"),
    "next to": ("next to", "beside"),
}


def pick(rng: Rng, options: Sequence[str]) -> str:
    """One of ``options``, each as likely as another."""
    return options[int(rng.integers(len(options)))]


def kinds_of(items: Sequence[Item]) -> Counter[tuple[str, str]]:
    """How many objects there are of each (colour, shape), in order of first appearance."""
    return Counter((item.colour, item.shape) for item in items)


def sample_scene(rng: Rng, most: int = MAX_OBJECTS) -> list[Item]:
    """A random scene of 1 to ``most`` objects in 1 to 3 kinds, no held-out composition in it."""
    while True:
        count = int(rng.integers(1, most + 1))
        kind_count = min(count, int(rng.choice([1, 2, 3], p=[0.3, 0.45, 0.25])))
        kinds = [(pick(rng, COLOUR_NAMES), pick(rng, SHAPES)) for _ in range(kind_count)]
        extra = rng.integers(kind_count, size=count - kind_count)
        members = kinds + [kinds[int(i)] for i in extra]
        cells = rng.permutation(len(CELLS))[:count]
        items = [Item(c, s, CELLS[int(cell)]) for (c, s), cell in zip(members, cells, strict=True)]
        if not any(held_out(f"{c} {s} {n}") for (c, s), n in kinds_of(items).items() if n > 1):
            return items


def holds(first: Sequence[Item], relation: str, second: Sequence[Item]) -> bool:
    """Whether every object of ``first`` stands in ``relation`` to every object of ``second``."""
    tests = {
        "above": lambda a, b: a.row < b.row,
        "below": lambda a, b: a.row > b.row,
        "left of": lambda a, b: a.column < b.column,
        "right of": lambda a, b: a.column > b.column,
        "next to": lambda a, b: a.row == b.row and abs(a.column - b.column) == 1,
    }
    return all(tests[relation](a, b) for a in first for b in second)


def quantity(rng: Rng, count: int, colour: str) -> str:
    """A count as a newcomer might write it, with the colour after it."""
    if count == 1:
        return f"{pick(rng, (article(colour), article(colour), 'one', '1'))} {colour}"
    return f"{pick(rng, (NUMBERS[count], NUMBERS[count], str(count)))} {colour}"


def list_words(rng: Rng, parts: Sequence[str]) -> str:
    """``a and b``, ``a, b and c``, or the same with bare commas."""
    if len(parts) == 1 or rng.random() < 0.2:
        return ", ".join(parts)
    return ", ".join(parts[:-1]) + " and " + parts[-1]


def count_caption(rng: Rng, items: Sequence[Item]) -> str:
    """Counts and kinds only: ``three purple squares and a yellow star``."""
    kinds = list(kinds_of(items).items())
    order = rng.permutation(len(kinds))
    if len(kinds) == 1 and kinds[0][1] > 1 and rng.random() < 0.15:
        (colour, shape), count = kinds[0]
        number = pick(rng, (NUMBERS[count], str(count)))
        return f"{number} {plural(shape, count)}, all of them {colour}"
    parts = []
    for index in order:
        (colour, shape), count = kinds[int(index)]
        parts.append(f"{quantity(rng, count, colour)} {plural(shape, count)}")
    return list_words(rng, parts)


def relations_in(items: Sequence[Item]) -> list[tuple[Named, str, Named]]:
    """What is true of two kinds, held-out relations left out: (a kind, relation, another kind)."""
    kinds, found = list(kinds_of(items)), []
    for a, b in ((a, b) for a in kinds for b in kinds if a != b):
        first = [i for i in items if (i.colour, i.shape) == a]
        second = [i for i in items if (i.colour, i.shape) == b]
        for relation in RELATION_WORDS:
            name = f"{' '.join(a)} {relation} {' '.join(b)}"
            if holds(first, relation, second) and not held_out(name):
                found.append((a, relation, b))
    return found


def relation_caption(rng: Rng, items: Sequence[Item]) -> str | None:
    """Counts plus one relation that is true of two kinds; None where no relation holds."""
    kinds, found = kinds_of(items), relations_in(items)
    if not found:
        return None
    a, relation, b = found[int(rng.integers(len(found)))]
    n, m = kinds[a], kinds[b]
    words = pick(rng, RELATION_WORDS[relation])
    if len(kinds) == 2 and rng.random() < 0.5:
        left = f"{quantity(rng, n, a[0])} {plural(a[1], n)}"
        return f"{left} {words} {quantity(rng, m, b[0])} {plural(b[1], m)}"
    tail = f"the {a[0]} {plural(a[1], n)} {words} the {b[0]} {plural(b[1], m)}"
    return f"{count_caption(rng, items)}, {tail}"


def layout_caption(rng: Rng, items: Sequence[Item]) -> str:
    """Every object with its cell: ``a red circle at b2, a blue square at c3``."""
    order = rng.permutation(len(items))
    style = rng.random()
    parts = []
    for index in order:
        item = items[int(index)]
        start = f"{article(item.colour)} " if style < 0.7 else ""
        parts.append(f"{start}{item.colour} {item.shape} at {item.cell}")
    return ", ".join(parts)


def place_caption(rng: Rng, items: Sequence[Item]) -> str | None:
    """Counts with a place in plain words for the kinds that have one; None where none has."""
    parts, placed = [], False
    for (colour, shape), count in kinds_of(items).items():
        cells = {i.cell for i in items if (i.colour, i.shape) == (colour, shape)}
        names = [name for name, area in PLACES.items() if cells <= area]
        text = f"{quantity(rng, count, colour)} {plural(shape, count)}"
        if names:
            text, placed = f"{text} {pick(rng, names)}", True
        parts.append(text)
    return list_words(rng, parts) if placed else None


def caption(rng: Rng, items: Sequence[Item], layout_share: float = 0.45) -> str:
    """One of the captions that are true of ``items``, sometimes in a newcomer's wrapping."""
    text = plain_caption(rng, items, layout_share)
    return pick(rng, WRAPPINGS).format(text) if rng.random() < 0.15 else text


def plain_caption(rng: Rng, items: Sequence[Item], layout_share: float) -> str:
    """Layout, relation, place or count caption, in that order of preference by chance."""
    roll = rng.random()
    if roll < layout_share:
        return layout_caption(rng, items)
    rest = (roll - layout_share) / (1 - layout_share)
    text = None
    if rest < 0.3:
        text = relation_caption(rng, items)
    elif rest < 0.5:
        text = place_caption(rng, items)
    return text or count_caption(rng, items)
