"""Renders scenes of the embedded world: for training, for benchmarks and for testing the eye."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .world import CELL, COLOURS, GROUND, PICTURE, Item

SCALE = 16
"""Supersampling of a stamp: outlines are drawn this much larger, then averaged down."""
SIZES = (11, 12, 13)
"""Diameters of objects, in pixels."""


def outline(shape: str, size: float) -> NDArray[np.float64]:
    """The outline of ``shape`` as an (N, 2) polygon around the origin, ``size`` pixels across."""
    r = size / 2
    if shape == "circle":
        angle = np.linspace(0, 2 * np.pi, 64, endpoint=False)
        return np.stack([np.cos(angle), np.sin(angle)], 1) * r
    if shape == "square":
        return np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * r * 0.88
    if shape == "triangle":
        return np.array([(0, -0.95), (1.02, 0.85), (-1.02, 0.85)]) * r
    if shape == "diamond":
        return np.array([(0, -1.1), (0.78, 0), (0, 1.1), (-0.78, 0)]) * r
    if shape == "star":
        angle = np.arange(10) * np.pi / 5 - np.pi / 2
        radius = np.where(np.arange(10) % 2 == 0, 1.15, 0.48)
        return np.stack([np.cos(angle), np.sin(angle)], 1) * radius[:, None] * r + (0, 0.06 * r)
    if shape == "heart":
        t = np.linspace(0, 2 * np.pi, 64, endpoint=False)
        x = 16 * np.sin(t) ** 3
        y = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
        return np.stack([x / 15.5, (y - 2) / 14.5], 1) * r
    raise ValueError(f"no such shape: {shape!r}")


@cache
def stamp(shape: str, size: int) -> NDArray[np.float32]:
    """The antialiased coverage, (16, 16) in 0..1, of ``shape`` in the middle of a cell."""
    big = np.zeros((CELL * SCALE, CELL * SCALE), np.uint8)
    points = (outline(shape, size) + CELL / 2) * SCALE
    cv2.fillPoly(big, [np.round(points).astype(np.int32)], 255)
    small = cv2.resize(big, (CELL, CELL), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32) / np.float32(255)


def render(
    items: Sequence[Item], rng: np.random.Generator | None = None, jitter: int = 1
) -> NDArray[np.uint8]:
    """Draws ``items`` as a (64, 64, 3) RGB picture.

    With ``rng`` sizes vary and objects are shifted by up to ``jitter`` pixels; without it every
    object is medium-sized and centred in its cell.
    """
    margin = 4
    side = PICTURE + 2 * margin
    canvas: NDArray[Any] = np.empty((side, side, 3), np.float32)
    canvas[:] = GROUND
    for item in items:
        size = SIZES[1] if rng is None else SIZES[int(rng.integers(len(SIZES)))]
        dx, dy = (0, 0) if rng is None else rng.integers(-jitter, jitter + 1, 2)
        y, x = margin + item.row * CELL + dy, margin + item.column * CELL + dx
        alpha = stamp(item.shape, size)[..., None]
        patch = canvas[y : y + CELL, x : x + CELL]
        patch += alpha * (np.array(COLOURS[item.colour], np.float32) - patch)
    inner = canvas[margin:-margin, margin:-margin]
    return np.round(inner).astype(np.uint8)
