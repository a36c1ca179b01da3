"""What exists in the embedded world, and the words for it.

Pictures are 128 x 128 pixels on a 4 x 4 grid of 32-pixel cells, at most one object in a cell and all of
it inside. Cells are named like a spreadsheet's: columns ``a`` to ``d`` from the left, rows ``1`` to
``4`` from the top, so ``a1`` is the top left corner and ``d4`` the bottom right one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from string import ascii_uppercase

GRID = 4
CELL = 32
PICTURE = GRID * CELL
MAX_OBJECTS = 8
PLAIN = "plain"
GROUNDS: dict[str, tuple[int, int, int]] = {
    PLAIN: (244, 242, 236),
    "day": (205, 230, 250),
    "meadow": (206, 236, 186),
    "night": (76, 80, 128),
}
"""RGB of the backgrounds, 0..255 as the colours below."""
COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (214, 40, 40),
    "orange": (245, 130, 20),
    "yellow": (248, 212, 50),
    "green": (42, 157, 80),
    "blue": (38, 84, 200),
    "purple": (130, 60, 170),
    "pink": (246, 140, 186),
    "brown": (128, 78, 42),
    "black": (18, 18, 20),
}
ICONS: dict[str, str] = {
    "cat": "cat",
    "dog": "dog",
    "fish": "fish",
    "horse": "horse",
    "frog": "frog",
    "bird": "dove",
    "spider": "spider",
    "car": "car-side",
    "bicycle": "bicycle",
    "truck": "truck",
    "plane": "plane",
    "boat": "sailboat",
    "rocket": "rocket",
    "tree": "tree",
    "leaf": "leaf",
    "moon": "moon",
    "sun": "sun",
    "cloud": "cloud",
    "apple": "apple-whole",
    "carrot": "carrot",
    "icecream": "ice-cream",
    "cake": "cake-candles",
    "house": "house",
    "umbrella": "umbrella",
    "bell": "bell",
    "key": "key",
    "cup": "mug-hot",
    "guitar": "guitar",
    "hat": "hat-cowboy",
    "crown": "crown",
    "ghost": "ghost",
    "snowman": "snowman",
}
"""Things, and what the icon font calls them."""
SHAPES = ("circle", "square", "triangle", "star", "heart", "diamond")
LETTERS = tuple(ascii_uppercase)
THINGS = (*ICONS, *SHAPES)
KINDS = (*THINGS, *LETTERS)
SIZES: dict[str, int] = {"small": 18, "big": 27}
"""The longer side of an object, in pixels. What is not called small is big."""
JITTER = 1
"""Pixels by which an object may be off the middle of its cell."""
NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight")
RELATIONS = ("above", "below", "left of", "right of", "next to")
CELLS = tuple(f"{column}{row}" for row in "1234" for column in "abcd")

HELD_OUT_SHARE = 10
"""One composition in this many is kept out of training, for benchmarks."""


@dataclass(frozen=True)
class Item:
    """One object of a scene: its colour, kind and size by name, its cell by name."""

    colour: str
    kind: str
    cell: str
    size: str = "big"

    @property
    def column(self) -> int:
        """0 (left) to 3 (right)."""
        return "abcd".index(self.cell[0])

    @property
    def row(self) -> int:
        """0 (top) to 3 (bottom)."""
        return "1234".index(self.cell[1])


def article(word: str) -> str:
    """The article before ``word``: "a" or "an"."""
    return "an" if word[0] in "aeiou" else "a"


@cache
def held_out(composition: str) -> bool:
    """Whether a composition is kept out of the training stream: an object (``"red cat"``), several of
    one (``"red cat 3"``), two kinds (``"cat + dog"``, by the alphabet) or two objects in a
    relation (``"red cat above blue dog"``). A hash decides, so that every program agrees without a
    list."""
    digest = hashlib.blake2b(composition.encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") % HELD_OUT_SHARE == 0
