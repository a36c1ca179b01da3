"""What a scene is made of while it is being thought up: groups of equal objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ..models.embedded.synonyms import plural
from ..models.embedded.world import COLOURS, LETTERS, NUMBERS, THINGS, Item, held_out

Rng = np.random.Generator
LETTER_SHARE = 0.12
SMALL_SHARE = 0.12
NAMED_BIG_SHARE = 0.1
"""How often the size is said of what is not small."""
OBJECTS = tuple(
    (colour, kind) for kind in THINGS for colour in COLOURS if not held_out(f"{colour} {kind}")
)
LETTER_OBJECTS = tuple((colour, letter) for letter in LETTERS for colour in COLOURS)


@dataclass
class Group:
    """So many equal objects: what they are, what a caption says of them, where they stand."""

    number: int
    colour: str
    kind: str
    size: str = "big"
    says_colour: bool = True
    says_size: bool = False
    cells: list[str] = field(default_factory=list)

    def items(self) -> list[Item]:
        """Its objects, each in its cell."""
        return [Item(self.colour, self.kind, cell, self.size) for cell in self.cells]

    def is_one(self, item: Item) -> bool:
        """Whether ``item`` is as the caption says; a size that is not said is big."""
        return (
            item.kind == self.kind
            and item.size == self.size
            and (item.colour == self.colour or not self.says_colour)
        )

    def name(self, many: bool = False) -> str:
        """Size, colour and kind as far as they are said: "small red cats"."""
        size = self.size if self.says_size else ""
        colour = self.colour if self.says_colour else ""
        if self.kind in LETTERS:
            noun = self.kind if not many else f"{self.kind} letters"
        else:
            noun = plural(self.kind) if many else self.kind
        return " ".join(word for word in (size, colour, noun) if word)

    def words(self, rng: Rng) -> str:
        """With the number before it, as a newcomer might write it."""
        if self.number == 1:
            return f"{pick(rng, ('a', 'a', 'one', '1'))} {self.name()}"
        number = pick(rng, (NUMBERS[self.number], NUMBERS[self.number], str(self.number)))
        return f"{number} {self.name(many=True)}"


def pick(rng: Rng, options: Sequence[str]) -> str:
    """One of ``options``, each as likely as another."""
    return options[int(rng.integers(len(options)))]


def new_group(rng: Rng, number: int, *, letters: bool = True, open_colour: float = 0.12) -> Group:
    """A group that training may show: no held-out object, nor a held-out number of it."""
    pool = LETTER_OBJECTS if letters and rng.random() < LETTER_SHARE else OBJECTS
    while True:
        colour, kind = pool[int(rng.integers(len(pool)))]
        if number == 1 or not held_out(f"{colour} {kind} {number}"):
            break
    small = rng.random() < SMALL_SHARE
    return Group(
        number,
        colour,
        kind,
        "small" if small else "big",
        says_colour=rng.random() >= open_colour,
        says_size=small or rng.random() < NAMED_BIG_SHARE,
    )


def distinct(groups: Sequence[Group]) -> bool:
    """Whether no object of one group could be taken for one of another."""
    return all(
        a.kind != b.kind or (a.colour != b.colour and a.says_colour and b.says_colour)
        for i, a in enumerate(groups)
        for b in groups[:i]
    )


def pair_is_held_out(groups: Sequence[Group]) -> bool:
    """Whether these are just two kinds that training never shows together."""
    kinds = sorted({group.kind for group in groups})
    return len(kinds) == 2 and held_out(" + ".join(kinds))


def new_groups(rng: Rng, numbers: Sequence[int], open_colour: float = 0.12) -> list[Group]:
    """Groups of these sizes that can be told apart and that training may show together."""
    while True:
        groups = [new_group(rng, number, open_colour=open_colour) for number in numbers]
        if distinct(groups) and not pair_is_held_out(groups):
            return groups


def split(rng: Rng, total: int, parts: int) -> list[int]:
    """``total`` as a sum of ``parts`` numbers, each at least one."""
    numbers = [1] * parts
    for index in rng.integers(parts, size=total - parts):
        numbers[int(index)] += 1
    return numbers
