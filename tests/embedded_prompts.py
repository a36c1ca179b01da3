"""Prompts of the embedded world with what they mean, and pictures of it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from gems.models.embedded.scenes import render
from gems.models.embedded.world import Item

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
    "the square is to the left of the star: one red square and one blue star": (0, "left of", (1,)),
}
PLACED = {
    "a star in the top right corner": (0, "in the top right corner"),
    "in the middle two hearts": (0, "in the middle"),
    "a red circle at b2": (0, "at b2"),
    "a red circle on the left of the picture": (0, "on the left"),
    "two stars and a heart at the bottom": (1, "at the bottom"),
}


def picture(path: Path, items: list[Item], rng: np.random.Generator | None, jitter: int = 1) -> Path:
    big = cv2.resize(render(items, rng, jitter), (512, 512), interpolation=cv2.INTER_LANCZOS4)
    cv2.imwrite(str(path), big[..., ::-1])
    return path
