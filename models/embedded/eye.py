"""The eye: reads a picture of the embedded world from its pixels alone.

Ground, then cell by cell: what differs from the ground, its colour by the nearest palette colour in
CIELAB, its kind and size by overlap with the silhouettes. What resembles none enough, or lies across
cells, is malformed: an object without a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .glyphs import glyphs
from .world import CELLS, COLOURS, GRID, GROUNDS, KINDS, LETTERS, SIZES

SIDE = 256
"""Pixels a side that every picture is scaled to; all other numbers of pixels here are of these."""
CELL = SIDE // GRID
NEAR_GROUND = 12.0
"""CIELAB distance from a ground's colour within which a pixel is of that ground."""
LEAST_GROUND = 0.35
"""Share of a picture that its ground covers at least."""
FOREGROUND = 15.0
"""CIELAB distance from the ground at which a pixel belongs to something."""
LEAST_AREA = 60
"""Pixels; smaller specks are noise and not objects."""
COLOUR_DISTANCE = 24.0
"""CIELAB distance from the nearest palette colour beyond which a colour has no name."""
SPREAD = 22.0
"""CIELAB distance from an object's median colour that shading explains."""
LEAST_UNIFORM = 0.8
"""Share of an object's core within ``SPREAD``; with less it has two colours, so none."""
CORE = 0.85
"""Share of an object's full distance from the ground from which a pixel is core and not edge."""
LEAST_OVERLAP = 0.7
"""Overlap with a silhouette, area of both over area of either, below which a kind has no name."""
LEAST_LEAD = 0.02
"""By how much the best kind's overlap has to exceed the next one's."""
CROSSING = 6
"""Pixels of an object on a cell's border from which it lies across."""
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Seen:
    """One object: colour, kind and size (None: cannot be named), and the cell that it stands in.

    A word is an object too, made of the letters of a row: it begins in its cell.
    """

    colour: str | None
    kind: str | None
    size: str | None
    cell: str
    span: int = 1
    """How many cells it takes, to the right."""

    @property
    def malformed(self) -> bool:
        """Whether it has no colour or no kind that the world knows."""
        return self.colour is None or self.kind is None

    @property
    def cells(self) -> tuple[str, ...]:
        """All its cells, from the left."""
        start = CELLS.index(self.cell)
        return CELLS[start : start + self.span]

    @property
    def x(self) -> float:
        """Its middle in cells, 0 (left) to 4 (right)."""
        return "abcd".index(self.cell[0]) + self.span / 2

    @property
    def y(self) -> float:
        """Its middle in cells, 0 (top) to 4 (bottom)."""
        return "1234".index(self.cell[1]) + 0.5


@dataclass(frozen=True)
class Scene:
    """What a picture shows; letters are objects of their own."""

    ground: str
    objects: tuple[Seen, ...]

    @property
    def words(self) -> list[Seen]:
        """Letters that stand beside each other, read from the left; a single one too."""
        return spelled(self.objects)


MIXED = "mixed"
"""The colour of a word whose letters have several."""


def spelled(objects: Sequence[Seen]) -> list[Seen]:
    """The words that the letters among ``objects`` make."""
    at = {seen.cell: seen for seen in objects if seen.kind in LETTERS}
    found: list[Seen] = []
    for cell in CELLS:
        last = found[-1] if found else None
        letter = at.get(cell)
        if letter is None:
            continue
        if last and cell[0] != "a" and last.cells[-1] == CELLS[CELLS.index(cell) - 1]:
            found[-1] = joined(last, letter)
        else:
            found.append(letter)
    return found


def joined(word: Seen, letter: Seen) -> Seen:
    """A word and the letter after it."""
    colour = word.colour if word.colour == letter.colour else MIXED
    size = word.size if word.size == letter.size else None
    return Seen(colour, f"{word.kind}{letter.kind}", size, word.cell, word.span + 1)


def to_lab(rgb: NDArray[Any]) -> NDArray[np.float32]:
    """RGB 0..255, (..., 3), to CIELAB of the same shape."""
    scaled = np.asarray(rgb, np.float32) / np.float32(255)
    lab = np.asarray(
        cv2.cvtColor(scaled[None] if rgb.ndim == 2 else scaled, cv2.COLOR_RGB2LAB), np.float32
    )
    return lab[0] if rgb.ndim == 2 else lab


@cache
def palette() -> Floats:
    """The colours in CIELAB, (9, 3)."""
    return to_lab(np.array(list(COLOURS.values()), np.float32))


def centred(cover: Floats) -> Floats:
    """Coverage (64, 64) moved so that its centroid is in the middle."""
    total = float(cover.sum())
    rows, columns = np.arange(CELL) + 0.5, np.arange(CELL) + 0.5
    y, x = float(cover.sum(1) @ rows) / total, float(cover.sum(0) @ columns) / total
    matrix = np.array([[1, 0, CELL / 2 - x], [0, 1, CELL / 2 - y]], np.float64)
    return np.asarray(cv2.warpAffine(cover, matrix, (CELL, CELL), flags=cv2.INTER_LINEAR), np.float32)


@cache
def silhouettes() -> Floats:
    """Every kind in every size, centred, (kinds * sizes, 64 * 64)."""
    flat = glyphs().reshape(-1, *glyphs().shape[2:])
    large = [
        cv2.resize(mask, (CELL, CELL), interpolation=cv2.INTER_LANCZOS4).clip(0, 1) for mask in flat
    ]
    return np.stack([centred(mask.astype(np.float32)).reshape(-1) for mask in large])


def load(path: Path) -> NDArray[np.uint8] | None:
    """The pixels, (256, 256, 3) RGB; None: no picture can be decoded. Metadata is not read."""
    data = np.fromfile(path, np.uint8) if path.is_file() else np.zeros(0, np.uint8)
    bgr = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None
    return None if bgr is None else scaled(np.asarray(bgr[..., ::-1], np.uint8))


def scaled(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGB pixels scaled to (256, 256, 3)."""
    shrink = rgb.shape[0] >= SIDE and rgb.shape[1] >= SIDE
    method = cv2.INTER_AREA if shrink else cv2.INTER_LANCZOS4
    return np.asarray(cv2.resize(rgb, (SIDE, SIDE), interpolation=method), np.uint8)


def look(path: Path) -> Scene | None:
    """What a picture shows; None: it is not of this world, so nothing can be said about it."""
    rgb = load(path)
    return None if rgb is None else see(rgb)


def see(rgb: NDArray[np.uint8]) -> Scene | None:
    """The same for pixels, (256, 256, 3) RGB."""
    lab = to_lab(rgb)
    ground = ground_of(lab)
    if ground is None:
        return None
    name, colour = ground
    away = np.linalg.norm(lab - colour, axis=-1)
    seen = []
    for cell in CELLS:
        row, column = int(cell[1]) - 1, "abcd".index(cell[0])
        cut = np.s_[row * CELL : (row + 1) * CELL, column * CELL : (column + 1) * CELL]
        if int((away[cut] > FOREGROUND).sum()) >= LEAST_AREA:
            seen.append(describe(cell, lab[cut], away[cut], colour))
    return Scene(name, tuple(seen))


def ground_of(lab: Floats) -> tuple[str, Floats] | None:
    """The ground's name and its colour in this picture; None where no ground covers enough."""
    best: tuple[float, str, Any] = (0.0, "", None)
    for name, rgb in GROUNDS.items():
        near = np.linalg.norm(lab - to_lab(np.array([rgb], np.float32))[0], axis=-1) < NEAR_GROUND
        best = max(best, (float(near.mean()), name, near), key=lambda found: found[0])
    share, name, near = best
    return None if share < LEAST_GROUND else (name, np.median(lab[near], axis=0))


def describe(cell: str, lab: Floats, away: Floats, ground: Floats) -> Seen:
    """The object in a cell: ``lab`` (64, 64, 3), and ``away``, the distances from the ground."""
    mask = away > FOREGROUND
    core = mask & (away >= CORE * np.quantile(away[mask], 0.9))
    middle = np.median(lab[core], axis=0)
    axis = middle - ground
    cover = (((lab - ground) @ axis) / float(axis @ axis)).clip(0, 1).astype(np.float32)
    cover[~mask] = 0
    border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    if int(border.sum()) >= CROSSING:
        return Seen(colour_of(lab[core], middle), None, None, cell)
    return Seen(colour_of(lab[core], middle), *kind_of(cover), cell)


def colour_of(core: Floats, middle: Floats) -> str | None:
    """The colour nearest to the median; None where that is far, or the core has two colours."""
    distances = np.linalg.norm(palette() - middle, axis=-1)
    uniform = (np.linalg.norm(core - middle, axis=-1) <= SPREAD).mean()
    near = distances.min() <= COLOUR_DISTANCE and uniform >= LEAST_UNIFORM
    return list(COLOURS)[int(distances.argmin())] if near else None


def kind_of(cover: Floats) -> tuple[str | None, str | None]:
    """Kind and size of the silhouette that overlaps most; None: none does enough, or two alike."""
    own, every = centred(cover).reshape(-1), silhouettes()
    overlap = np.minimum(own, every).sum(1) / np.maximum(own, every).sum(1)
    scores = overlap.reshape(len(KINDS), len(SIZES))
    ranked = np.sort(scores.max(1))
    if ranked[-1] < LEAST_OVERLAP or ranked[-1] - ranked[-2] < LEAST_LEAD:
        return None, None
    kind, size = np.unravel_index(int(scores.argmax()), scores.shape)
    return KINDS[int(kind)], list(SIZES)[int(size)]
