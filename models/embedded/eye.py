"""The eye: reads a picture of the embedded world from its pixels alone.

Ground, connected components, colour by the nearest palette colour in CIELAB, shape by overlap with
templates. What resembles nothing enough is malformed: an object without a name.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .scenes import SCALE, outline
from .world import COLOURS, GRID, GROUND, SHAPES

SIDE = 256
"""Pixels a side that every picture is scaled to; all other numbers of pixels here are of these."""
CELL = SIDE // GRID
GROUND_DISTANCE = 16.0
"""CIELAB distance from the ground at which a pixel belongs to something."""
COLOUR_DISTANCE = 26.0
"""CIELAB distance from the nearest palette colour beyond which a colour has no name."""
AMBER = (250, 168, 32)
"""Between orange and yellow; people who label pictures call it orange."""
LEAST_AREA = 110
"""Pixels, of 256 x 256; smaller specks are compression noise and not objects."""
LEAST_OVERLAP = 0.75
"""Intersection over union with a template below which a shape has no name."""
LEAST_LEAD = 0.025
"""By how much the best template's overlap has to exceed the next one's."""
SPREAD = 25.0
"""CIELAB distance from an object's median colour that shading explains."""
LEAST_UNIFORM = 0.8
"""Share of an object's inside within ``SPREAD``; with less it has two colours, so none."""
NECKS = (5, 9, 13)
"""Widths of bridges between touching objects, in pixels."""
MARGIN = 6
"""Pixels of ground kept around an object that is cut out."""
TEMPLATE = 48
"""Pixels a template's square root of area is scaled to."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Seen:
    """One object: its colour and shape (None: cannot be named) and its centre in cells, 0..4."""

    colour: str | None
    shape: str | None
    x: float
    y: float

    @property
    def malformed(self) -> bool:
        """Whether it has no colour or no shape that the world knows."""
        return self.colour is None or self.shape is None

    @property
    def cell(self) -> str:
        """The cell its centre lies in, such as b3; of a centre outside the picture the nearest."""
        column, row = (min(GRID - 1, max(0, int(v))) for v in (self.x, self.y))
        return f"{'abcd'[column]}{row + 1}"


def to_lab(rgb: NDArray[Any]) -> NDArray[np.float32]:
    """RGB 0..255, (..., 3), to CIELAB of the same shape."""
    scaled = np.asarray(rgb, np.float32) / np.float32(255)
    lab = np.asarray(
        cv2.cvtColor(scaled[None] if rgb.ndim == 2 else scaled, cv2.COLOR_RGB2LAB), np.float32
    )
    return lab[0] if rgb.ndim == 2 else lab


@cache
def palette() -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """The colours' names, and CIELAB values in that order; last a second sample of orange."""
    return tuple(COLOURS), to_lab(np.array([*COLOURS.values(), AMBER], np.float32))


@cache
def templates() -> dict[str, Mask]:
    """Every shape filled, centred on its centroid, of equal area, (2T, 2T)."""
    found = {}
    for shape in SHAPES:
        big = np.zeros((32 * SCALE, 32 * SCALE), np.uint8)
        points = (outline(shape, 16) + 16) * SCALE
        cv2.fillPoly(big, [np.round(points).astype(np.int32)], 1)
        found[shape] = normalise(big.astype(bool))
    return found


def normalise(mask: Mask) -> Mask:
    """``mask`` scaled to the templates' area and moved so that its centroid is in the middle."""
    rows, columns = np.nonzero(mask)
    scale = TEMPLATE / np.sqrt(len(rows))
    x, y = columns.mean() + 0.5, rows.mean() + 0.5
    matrix = np.array([[scale, 0, TEMPLATE - scale * x], [0, scale, TEMPLATE - scale * y]], np.float64)
    size = (2 * TEMPLATE, 2 * TEMPLATE)
    soft = cv2.warpAffine(mask.astype(np.float32), matrix, size, flags=cv2.INTER_LINEAR)
    result: Mask = soft > 0.5
    return result


def shape_of(mask: Mask) -> str | None:
    """The shape that ``mask`` overlaps most with; None: with none enough."""
    own = normalise(mask)
    scores = {
        shape: float((own & template).sum() / (own | template).sum())
        for shape, template in templates().items()
    }
    best, second = sorted(scores, key=lambda shape: -scores[shape])[:2]
    clear = scores[best] - scores[second] >= LEAST_LEAD
    return best if clear and scores[best] >= LEAST_OVERLAP else None


def name_colours(lab: NDArray[np.float32]) -> NDArray[np.intp]:
    """Index of the nearest palette colour of every CIELAB value; -1: none is near."""
    distance = np.linalg.norm(lab[..., None, :] - palette()[1], axis=-1)
    nearest: NDArray[np.intp] = distance.argmin(-1)
    nearest[nearest == len(COLOURS)] = list(COLOURS).index("orange")
    nearest[distance.min(-1) > COLOUR_DISTANCE] = -1
    return nearest


def load(path: Path) -> NDArray[np.uint8] | None:
    """The pixels, (256, 256, 3) RGB; None: no picture can be decoded. Metadata is not read."""
    data = np.fromfile(path, np.uint8) if path.is_file() else np.zeros(0, np.uint8)
    if not len(data):
        return None
    bgr = cv2.imdecode(data, cv2.IMREAD_COLOR)
    if bgr is None:
        return None
    shrink = bgr.shape[0] >= SIDE and bgr.shape[1] >= SIDE
    method = cv2.INTER_AREA if shrink else cv2.INTER_CUBIC
    small = cv2.resize(bgr, (SIDE, SIDE), interpolation=method)
    return np.ascontiguousarray(small[..., ::-1], np.uint8)


@dataclass(frozen=True)
class View:
    """A cut-out of a picture: its CIELAB values, nearest colours, and where it was cut from."""

    lab: NDArray[np.float32]
    names: NDArray[np.intp]
    ground: NDArray[np.float32]
    top: int
    left: int


def look(path: Path) -> list[Seen] | None:
    """The objects in a picture; None: it is not of this world, so nothing can be said about it."""
    rgb = load(path)
    if rgb is None:
        return None
    lab = to_lab(rgb)
    ground = ground_of(lab)
    if ground is None:
        return None
    foreground = np.linalg.norm(lab - ground, axis=-1) > GROUND_DISTANCE
    names = np.full(foreground.shape, -1, np.intp)
    names[foreground] = name_colours(lab[foreground])
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        foreground.astype(np.uint8), connectivity=4
    )
    seen: list[Seen] = []
    for label in range(1, count):
        x, y, width, height, area = stats[label]
        if area < LEAST_AREA:
            continue
        top, left = max(0, y - MARGIN), max(0, x - MARGIN)
        cut = np.s_[top : y + height + MARGIN, left : x + width + MARGIN]
        view = View(lab[cut], names[cut], ground, int(top), int(left))
        for part in parts_of(labels[cut] == label, view):
            seen += describe(part, view)
    return seen


def ground_of(lab: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """The ground's colour; None where the picture has no plain, light ground."""
    expected = to_lab(np.array([GROUND], np.float32))[0]
    # Six objects cover a quarter of a picture at most; a third of ground is a picture of this world.
    near = np.linalg.norm(lab - expected, axis=-1) < 14
    if near.mean() < 0.35:
        return None
    ground: NDArray[np.float32] = np.median(lab[near], axis=0)
    return ground


def parts_of(mask: Mask, view: View) -> list[Mask]:
    """A component's objects: touching ones are cut apart at narrow bridges, then by colour, then at
    the cells' borders."""
    if not is_wide(mask):
        return [mask]
    pieces = by_neck(mask)
    if len(pieces) > 1:
        return [part for piece in pieces for part in parts_of(piece, view)]
    core = cv2.erode(mask.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    inside = view.names[core & (view.names >= 0)]
    colours = [c for c in np.unique(inside) if (inside == c).sum() >= max(60, 0.12 * len(inside))]
    pieces = by_colour(mask, view.names, colours) if len(colours) > 1 else [mask]
    return [part for piece in pieces for part in by_cell(piece, view)]


def is_wide(mask: Mask) -> bool:
    """Whether a mask is larger than one object can be."""
    rows, columns = np.nonzero(mask)
    # An object spans a cell at most, two neighbours almost half a cell more.
    return bool(len(rows) and max(np.ptp(rows), np.ptp(columns)) > 1.35 * CELL)


def by_neck(mask: Mask) -> list[Mask]:
    """Cuts a mask at its narrowest bridges; whole where there are none."""
    for width in NECKS:
        core = cv2.erode(mask.astype(np.uint8), np.ones((width, width), np.uint8))
        count, labels, stats, _ = cv2.connectedComponentsWithStats(core, connectivity=4)
        cores = [n for n in range(1, count) if stats[n][cv2.CC_STAT_AREA] >= LEAST_AREA]
        if len(cores) > 1:
            away = [distance_to(labels == n) for n in cores]
            owner = np.argmin(np.stack(away), axis=0)
            return [mask & (owner == i) for i in range(len(cores))]
    return [mask]


def distance_to(core: Mask) -> NDArray[np.float32]:
    """Euclidean distance of every pixel from ``core``, in pixels."""
    return np.asarray(cv2.distanceTransform((~core).astype(np.uint8), cv2.DIST_L2, 3), np.float32)


def by_colour(mask: Mask, names: NDArray[np.intp], colours: list[Any]) -> list[Mask]:
    """Every pixel goes to the nearest core of one of ``colours``."""
    distances = []
    for colour in colours:
        away = np.where(mask & (names == colour), 0, 255).astype(np.uint8)
        away = cv2.morphologyEx(away, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
        distances.append(cv2.distanceTransform(away, cv2.DIST_L2, 3))
    owner = np.argmin(np.stack(distances), axis=0)
    return [mask & (owner == i) for i in range(len(colours))]


def by_cell(mask: Mask, view: View) -> list[Mask]:
    """Cuts a mask at the cells' borders when it spans several cells; slivers are dropped."""
    if not is_wide(mask):
        return [mask]
    rows = (np.arange(mask.shape[0]) + view.top) // CELL
    columns = (np.arange(mask.shape[1]) + view.left) // CELL
    parts = [
        mask & (rows == row)[:, None] & (columns == column)
        for row in np.unique(rows)
        for column in np.unique(columns)
    ]
    return [part for part in parts if part.sum() > 0.09 * CELL * CELL]


def colour_of(inside: NDArray[np.float32], middle: NDArray[np.float32]) -> str | None:
    """The colour nearest to the median; None where that is far, or the inside has two colours."""
    uniform = (np.linalg.norm(inside - middle, axis=-1) <= SPREAD).mean()
    index = int(name_colours(middle[None])[0])
    return palette()[0][index] if index >= 0 and uniform >= LEAST_UNIFORM else None


def describe(mask: Mask, view: View) -> list[Seen]:
    """The object that ``mask`` covers, its outline refined to half coverage."""
    lab, ground = view.lab, view.ground
    core = cv2.erode(mask.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    if core.sum() < 20:
        core = mask
    middle = np.median(lab[core], axis=0)
    colour = colour_of(lab[core], middle)
    axis = middle - ground
    cover = ((lab - ground) @ axis) / float(axis @ axis)
    near = cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    # What is outside the mask and stronger than the object's own colour is something else's.
    solid: Mask = near & (cover > 0.5) & (mask | (cover < 1.15))
    if solid.sum() < LEAST_AREA:
        return []
    rows, columns = np.nonzero(solid)
    shape = shape_of(solid)
    x, y = float(columns.mean()) + view.left, float(rows.mean()) + view.top
    return [Seen(colour, shape, x / CELL, y / CELL)]
