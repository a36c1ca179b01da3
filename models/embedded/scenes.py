"""Renders scenes of the embedded world."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .glyphs import glyphs
from .world import CELL, COLOURS, GROUNDS, KINDS, PICTURE, PLAIN, SIZES, Item

Shifts = NDArray[np.int_]


def render(
    items: Sequence[Item], ground: str = PLAIN, shifts: Shifts | None = None
) -> NDArray[np.uint8]:
    """A scene as a (128, 128, 3) RGB picture; objects are off the middle by ``shifts`` (N, 2), x and y,
    in pixels."""
    canvas = np.empty((PICTURE, PICTURE, 3), np.float32)
    canvas[:] = GROUNDS[ground]
    moves = np.zeros((len(items), 2), np.int_) if shifts is None else shifts
    for item, (x, y) in zip(items, moves, strict=True):
        mask = glyphs()[KINDS.index(item.kind), list(SIZES).index(item.size)]
        alpha = np.roll(mask, (int(y), int(x)), (0, 1))[..., None]
        top, left = item.row * CELL, item.column * CELL
        patch = canvas[top : top + CELL, left : left + CELL]
        patch += alpha * (np.array(COLOURS[item.colour], np.float32) - patch)
    return np.round(canvas).astype(np.uint8)
