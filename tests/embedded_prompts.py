"""Prompts of the embedded world with what they mean, layouts read back, and pictures of it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from gems.models.embedded.eye import Scene, Seen
from gems.models.embedded.scenes import render
from gems.models.embedded.strategies import NAMES, ONE
from gems.models.embedded.world import JITTER, PLAIN, Item

READS = {
    "two red circles and a blue square": ["exactly two red circles", "exactly one blue square"],
    "Draw me 2 green squares, please": ["exactly two green squares"],
    "four hearts, all of them red": ["exactly four red hearts"],
    "circles: one red, two blue": ["exactly one red circle", "exactly two blue circles"],
    "two red circles and three blue ones": ["exactly two red circles", "exactly three blue circles"],
    "two hearts, one red and one blue": ["exactly one red heart", "exactly one blue heart"],
    "red and blue circles": ["at least one red circle", "at least one blue circle"],
    "I\u2019d like five STARS on a plain white background!": ["exactly five stars"],
    "a pair of yellow diamonds": ["exactly two yellow diamonds"],
    "a kitten and two puppies": ["exactly one cat", "exactly two dogs"],
    "2 small ice creams, a big key": ["exactly two small ice creams", "exactly one big key"],
    "a red sign that says CAT and a blue bird": ['exactly one red word "CAT"', "exactly one blue bird"],
}
RELATES = {
    "three red circles and a blue square, the square below the circles": (1, "below", (0,)),
    "a green star to the left of a purple heart": (0, "left of", (1,)),
    "a red circle between two blue squares": (0, "between", (1,)),
    "a red circle between the blue square and the green star": (0, "between", (1, 2)),
    "a red circle and a blue square above it": (1, "above", (0,)),
    "under a red star there is a blue heart": (1, "below", (0,)),
    "a red circle next to a star": (0, "next to", (1,)),
    "a star over a heart": (0, "above", (1,)),
    "the word HI above a green frog": (0, "above", (1,)),
    "the square is to the left of the star: one red square and one blue star": (0, "left of", (1,)),
}
PLACED = {
    "a star in the top right corner": (0, "in the top right corner"),
    "in the middle two hearts": (0, "in the middle"),
    "a red circle at b2": (0, "at b2"),
    "a red circle on the left of the picture": (0, "on the left"),
    "two stars, and a heart at the bottom": (1, "at the bottom"),
    "a sign saying STOP at the top": (0, "at the top"),
}


def items_of(layout: str) -> list[Item]:
    """The objects that a layout names."""
    return [
        Item(colour, NAMES[name], cell, size or "big")
        for size, colour, name, cell in ONE.findall(layout)
    ]


def shown(items: list[Item], ground: str = PLAIN) -> Scene:
    """What the eye should see of objects."""
    return Scene(ground, tuple(Seen(i.colour, i.kind, i.size, i.cell) for i in items))


def picture(
    path: Path, items: list[Item], ground: str = PLAIN, rng: np.random.Generator | None = None
) -> Path:
    """A picture file of the size that is shown; with ``rng`` objects are off the middle."""
    shifts = None if rng is None else rng.integers(-JITTER, JITTER + 1, (len(items), 2))
    pixels = render(items, ground, shifts)
    big = cv2.resize(pixels, (768, 768), interpolation=cv2.INTER_LANCZOS4)
    cv2.imwrite(str(path), big[..., ::-1])
    return path
