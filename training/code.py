"""The latents of the embedded world: a code, chosen rather than learned.

A cell is 2 x 2 latents of 16 channels, so one token of the transformer, 64 values. They are put
together from what stands in the cell and from nothing else, so a scene's latents are looked up and no
picture has to be encoded to train the transformer. Kinds are words of a biorthogonal code (rows of a
Hadamard matrix and their negatives), colours rows of another: all of them far apart, red no nearer to
orange than to blue, so that a picture that is half decided falls to one side.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..models.embedded.world import CELLS, COLOURS, GROUNDS, JITTER, KINDS, SIZES, Item

CHANNELS = 16
SIDE = 8
"""Latents a side."""
KIND, COLOUR, PRESENT, GROUND, PARITY = slice(0, 32), slice(32, 48), slice(48, 52), slice(56, 60), 60
SIZE, X, Y = (52, 55), 53, 54
"""Positions in a cell's 64 values."""
Floats = NDArray[np.float32]


def hadamard(order: int) -> Floats:
    """Sylvester's matrix: rows of +1 and -1, each orthogonal to the others; a power of two of them."""
    matrix = np.ones((1, 1), np.float32)
    while len(matrix) < order:
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    return matrix


def tables() -> tuple[Floats, Floats, Floats]:
    """The codes of kinds (64, 32), colours (9, 16) and grounds (4, 4)."""
    rows = hadamard(32)
    return np.concatenate([rows, -rows])[: len(KINDS)], hadamard(16)[: len(COLOURS)], hadamard(4)


KIND_CODES, COLOUR_CODES, GROUND_CODES = tables()
NAMES = {name: index for names in (KINDS, COLOURS, GROUNDS) for index, name in enumerate(names)}
"""A name's row in its table; no name is in two."""


def encode(items: Sequence[Item], ground: str, shifts: NDArray[np.int_]) -> Floats:
    """The latents (16, 8, 8) of a scene whose objects are off the middle by ``shifts`` (N, 2), x and y,
    in pixels."""
    cells = np.zeros((len(CELLS), 64), np.float32)
    cells[:, PRESENT] = -1
    cells[:, GROUND] = GROUND_CODES[NAMES[ground]]
    cells[:, PARITY:] = (-1.5, -0.5, 0.5, 1.5)
    for item, (x, y) in zip(items, shifts, strict=True):
        cell = cells[4 * item.row + item.column]
        cell[KIND] = KIND_CODES[NAMES[item.kind]]
        cell[COLOUR] = COLOUR_CODES[NAMES[item.colour]]
        cell[PRESENT] = 1
        cell[SIZE,] = 1 if item.size == "big" else -1
        cell[X], cell[Y] = x / JITTER, y / JITTER
    return arrange(cells)


def places() -> NDArray[np.int_]:
    """Which of a cell's 64 values each of its 2 x 2 latents holds, (2, 2, 16): a quarter of every part,
    since the decoder's first layer sees all four at once."""
    kind, colour = np.arange(0, 32).reshape(4, 8), np.arange(32, 48).reshape(4, 4)
    rest = [np.arange(start, start + 4).reshape(4, 1) for start in (48, 52, 56, 60)]
    return np.concatenate([kind, colour, *rest], 1).reshape(2, 2, CHANNELS)


PLACES = places()


def arrange(cells: Floats) -> Floats:
    """(16, 64) values by cell as latents (16, 8, 8)."""
    grid = cells[:, PLACES].reshape(4, 4, 2, 2, CHANNELS)
    return np.ascontiguousarray(grid.transpose(4, 0, 2, 1, 3).reshape(CHANNELS, SIDE, SIDE))


def by_cell(latents: Floats) -> Floats:
    """Latents (16, 8, 8) as (16, 64) values by cell."""
    grid = latents.reshape(CHANNELS, 4, 2, 4, 2).transpose(1, 3, 2, 4, 0).reshape(16, 64)
    cells = np.empty((len(CELLS), 64), np.float32)
    cells[:, PLACES.reshape(-1)] = grid
    return cells


def decode(latents: Floats) -> tuple[list[Item], str]:
    """The scene that latents (16, 8, 8) are nearest to, and its ground."""
    cells = by_cell(latents)
    ground = list(GROUNDS)[int((cells[:, GROUND] @ GROUND_CODES.T).sum(0).argmax())]
    items = []
    for name, cell in zip(CELLS, cells, strict=True):
        if cell[PRESENT].mean() > 0:
            kind = KINDS[int((KIND_CODES @ cell[KIND]).argmax())]
            colour = list(COLOURS)[int((COLOUR_CODES @ cell[COLOUR]).argmax())]
            size = list(SIZES)[int(cell[SIZE,].mean() > 0)]
            items.append(Item(colour, kind, name, size))
    return items, ground
