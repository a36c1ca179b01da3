"""Makes ``glyphs.npz``, the silhouettes of the embedded world: ``python -m
gems.training.font --font fa-solid-900.ttf --names icons.json``.

Both files are in the package ``fontawesomefree`` (6.6.0), in ``static/fontawesomefree``: ``webfonts/``
and ``metadata/``. The plain shapes are drawn by the embedded world's own outlines. ``GLYPHS.md`` says
whose the icons are.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ..models.embedded.glyphs import FILE
from ..models.embedded.world import CELL, ICONS, KINDS, LETTERS, SIZES

CANVAS = 1024
"""Pixels a side that a silhouette is drawn at before it is averaged down."""
LETTER_HEIGHT = 0.86
"""Of a letter, as a share of its size; wide ones are lower."""
BOLDER = 9
"""Pixels, of ``CANVAS``, by which letters are drawn bolder."""
FILLED = ("sun",)
"""Icons whose holes are filled: at this size they would close by chance."""
Mask = NDArray[np.uint8]


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


def drawn(character: str, font: ImageFont.FreeTypeFont) -> Mask:
    """A character's silhouette, cut out."""
    picture = Image.new("L", (CANVAS * 2, CANVAS * 2))
    ImageDraw.Draw(picture).text((CANVAS, CANVAS), character, 255, font=font, anchor="mm")
    box = picture.getbbox()
    return np.asarray(picture.crop(box), np.uint8)


def shape(name: str) -> Mask:
    """A plain shape's silhouette, cut out."""
    canvas = np.zeros((2 * CANVAS, 2 * CANVAS), np.uint8)
    points = outline(name, CANVAS) + CANVAS
    cv2.fillPoly(canvas, [np.round(points).astype(np.int32)], 255)
    rows, columns = np.nonzero(canvas)
    return canvas[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def without_holes(mask: Mask) -> Mask:
    """``mask`` filled inside its outer outlines."""
    outlines, _ = cv2.findContours(
        (mask > 127).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    return np.asarray(cv2.drawContours(np.zeros_like(mask), outlines, -1, 255, cv2.FILLED), np.uint8)


def bolder(mask: Mask) -> Mask:
    """``mask`` with an edge of ``BOLDER`` pixels around it."""
    side = 2 * BOLDER + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return np.asarray(cv2.dilate(np.pad(mask, BOLDER), kernel), np.uint8)


def fitted(mask: Mask, height: float, width: float) -> Mask:
    """Coverage, (32, 32) in 0..255, of ``mask`` in the middle of a cell, as large as fits."""
    scale = min(height / mask.shape[0], width / mask.shape[1])
    matrix = np.array(
        [
            [scale, 0, (CELL - scale * mask.shape[1]) / 2],
            [0, scale, (CELL - scale * mask.shape[0]) / 2],
        ],
        np.float64,
    )
    fine = 16
    big = cv2.warpAffine(mask, matrix * fine, (CELL * fine, CELL * fine), flags=cv2.INTER_AREA)
    return np.asarray(cv2.resize(big, (CELL, CELL), interpolation=cv2.INTER_AREA), np.uint8)


def silhouette(kind: str, font: ImageFont.FreeTypeFont, names: dict[str, str]) -> Mask:
    """A kind's silhouette, cut out."""
    if kind in LETTERS:
        return bolder(drawn(kind, font))
    if kind not in ICONS:
        return shape(kind)
    mask = drawn(names[ICONS[kind]], font)
    return without_holes(mask) if kind in FILLED else mask


def main() -> None:
    """Writes the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--font", type=Path, required=True)
    parser.add_argument("--names", type=Path, required=True)
    options = parser.parse_args()
    font = ImageFont.truetype(str(options.font), CANVAS // 2)
    listed = json.loads(options.names.read_text(encoding="utf-8"))
    names = {icon: chr(int(listed[icon]["unicode"], 16)) for icon in ICONS.values()}
    masks = np.zeros((len(KINDS), len(SIZES), CELL, CELL), np.uint8)
    for row, kind in enumerate(KINDS):
        mask = silhouette(kind, font, names)
        for column, size in enumerate(SIZES.values()):
            height = LETTER_HEIGHT * size if kind in LETTERS else size
            masks[row, column] = fitted(mask, height, size)
    np.savez_compressed(FILE, masks=masks, kinds=np.array(KINDS))


if __name__ == "__main__":
    main()
