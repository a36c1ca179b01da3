"""What exists in the embedded world, and the words for it.

Pictures are 64 x 64 pixels on a 4 x 4 grid of 16-pixel cells, at most one object in a cell. Cells
are named like a spreadsheet's: columns ``a`` to ``d`` from the left, rows ``1`` to ``4`` from the
top, so ``a1`` is the top left corner and ``d4`` the bottom right one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

GRID = 4
CELL = 16
PICTURE = GRID * CELL
MAX_OBJECTS = 6
GROUND = (244, 242, 236)
"""RGB of the plain background, 0..255 as the colours below."""
COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (214, 40, 40),
    "orange": (245, 130, 20),
    "yellow": (248, 212, 50),
    "green": (42, 157, 80),
    "blue": (38, 84, 200),
    "purple": (130, 60, 170),
}
SHAPES = ("circle", "square", "triangle", "star", "heart", "diamond")
NUMBERS = ("zero", "one", "two", "three", "four", "five", "six")
RELATIONS = ("above", "below", "left of", "right of", "next to")
CELLS = tuple(f"{column}{row}" for row in "1234" for column in "abcd")

HELD_OUT_SHARE = 10
"""One composition in this many is kept out of training, for benchmarks."""


@dataclass(frozen=True)
class Item:
    """One object of a scene: its colour and shape by name, its cell by name."""

    colour: str
    shape: str
    cell: str

    @property
    def column(self) -> int:
        """0 (left) to 3 (right)."""
        return "abcd".index(self.cell[0])

    @property
    def row(self) -> int:
        """0 (top) to 3 (bottom)."""
        return "1234".index(self.cell[1])


def plural(shape: str, count: int) -> str:
    """``shape`` in the number that fits ``count``."""
    return shape if count == 1 else f"{shape}s"


def article(word: str) -> str:
    """The article before ``word``: "a" or "an"."""
    return "an" if word[0] in "aeiou" else "a"


def held_out(composition: str) -> bool:
    """Whether a composition (``"red circle 3"``, ``"red circle above blue star"``) is kept out of
    the training stream. Decided by a hash, so that every program agrees without a list."""
    digest = hashlib.blake2b(composition.encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") % HELD_OUT_SHARE == 0
