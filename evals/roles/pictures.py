"""Draws the exam's pictures from their descriptions: shapes in the cells of a grid, words on a sign."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from ...models.embedded.world import COLOURS, GROUNDS, PLAIN

SIDE, CELL = 512, 128
SMOOTH = 2
"""Drawn so much larger, then scaled down."""
FONTS: dict[str, tuple[str, ...]] = {
    "plain": (),
    "sans": ("DejaVuSans.ttf", "LiberationSans-Regular.ttf", "Arial Unicode.ttf", "Arial.ttf"),
    "serif": ("DejaVuSerif.ttf", "LiberationSerif-Regular.ttf", "Times New Roman.ttf", "Georgia.ttf"),
    "mono": ("DejaVuSansMono.ttf", "LiberationMono-Regular.ttf", "Courier New.ttf", "Menlo.ttc"),
    "cjk": (
        "NotoSansCJK-Regular.ttc", "NotoSansSC-Regular.otf", "wqy-microhei.ttc", "PingFang.ttc",
        "Hiragino Sans GB.ttc", "msyh.ttc",
    ),
}  # fmt: skip
"""Files that are looked for on this machine, by what they look like; "plain" comes with Pillow. GEMS
brings no fonts."""
STROKES = {"stroke": 3, "script": 7}
"""Fonts that OpenCV draws by itself, by its own numbers: Hershey's complex and complex script."""

Point = tuple[float, float]


class NoFontError(ValueError):
    """No font here has the characters."""


def scene(objects: Sequence[Sequence[Any]]) -> Image.Image:
    """Objects as (colour, shape, cell such as ``b3``, size); size 1 fills three quarters of a cell."""
    side = SIDE * SMOOTH
    picture = Image.new("RGB", (side, side), GROUNDS[PLAIN])
    draw = ImageDraw.Draw(picture)
    for colour, shape, cell, size in objects:
        x = ("abcd".index(cell[0]) + 0.5) * CELL * SMOOTH
        y = ("1234".index(cell[1]) + 0.5) * CELL * SMOOTH
        radius = size * 0.375 * CELL * SMOOTH
        points = [(x + px * radius, y + py * radius) for px, py in outline(shape)]
        draw.polygon(points, fill=COLOURS[colour])
    return picture.reduce(SMOOTH)


def outline(shape: str) -> list[Point]:
    """The corners of a shape of radius about 1 around the origin, y downwards.

    Raises:
        ValueError: there is no such shape.
    """
    turns = [2 * math.pi * step / 64 for step in range(64)]
    if shape == "circle":
        return [(math.cos(turn), math.sin(turn)) for turn in turns]
    if shape == "star":
        return [
            (radius * math.sin(math.pi * step / 5), -radius * math.cos(math.pi * step / 5) + 0.06)
            for step, radius in enumerate([1.15, 0.48] * 5)
        ]
    if shape == "heart":
        return [heart_point(turn) for turn in turns]
    corners = {
        "square": [(-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)],
        "triangle": [(0.0, -0.95), (1.02, 0.85), (-1.02, 0.85)],
        "diamond": [(0.0, -1.1), (0.78, 0.0), (0.0, 1.1), (-0.78, 0.0)],
    }
    if shape not in corners:
        raise ValueError(f"no such shape: {shape!r}")
    return corners[shape]


def heart_point(turn: float) -> Point:
    """The heart curve x = 16 sin(t)^3, y = 13 cos(t) - 5 cos(2t) - 2 cos(3t) - cos(4t)."""
    up = 13 * math.cos(turn) - 5 * math.cos(2 * turn) - 2 * math.cos(3 * turn) - math.cos(4 * turn)
    return math.sin(turn) ** 3 * 16 / 15.5, (-up - 2) / 14.5


def sign(words: str, font: str, size: int) -> Image.Image:
    """Words on a white sign.

    Raises:
        NoFontError: no such font here has all the characters.
    """
    picture = Image.new("RGB", (SIDE, SIDE), COLOURS["green"])
    draw = ImageDraw.Draw(picture)
    draw.rectangle((24, 150, SIDE - 24, SIDE - 150), fill="white", outline="black", width=4)
    if font in STROKES:
        return stroked(picture, words, STROKES[font], size)
    chosen = find_font(font, words, size)
    while chosen.getlength(words) > SIDE - 80:
        chosen = chosen.font_variant(size=int(chosen.size * 0.9))
    draw.text((SIDE / 2, SIDE / 2), words, fill="black", font=chosen, anchor="mm")
    return picture


def find_font(look: str, words: str, size: int) -> ImageFont.FreeTypeFont:
    """A font of that look that has all the characters.

    Raises:
        NoFontError: there is none.
    """
    for name in FONTS[look] or ("",):
        try:
            font = ImageFont.truetype(name, size) if name else ImageFont.load_default(size)
        except OSError:
            continue
        if isinstance(font, ImageFont.FreeTypeFont) and has_all(font, words):
            return font
    raise NoFontError(f"no {look} font here has the characters of {words!r}")


def has_all(font: ImageFont.FreeTypeFont, words: str) -> bool:
    """Whether no character is drawn as the box that stands for a missing one."""
    missing = drawn(font, "\uffff")
    return all(drawn(font, letter) != missing for letter in set(words) if not letter.isspace())


def drawn(font: ImageFont.FreeTypeFont, letter: str) -> bytes:
    """The pixels of one character."""
    picture = Image.new("L", (2 * CELL, 2 * CELL))
    ImageDraw.Draw(picture).text((CELL / 2, CELL / 2), letter, fill=255, font=font)
    return picture.tobytes()


def stroked(picture: Image.Image, words: str, face: int, size: int) -> Image.Image:
    """``picture`` with words in one of OpenCV's fonts; they are as wide as the sign at most.

    Raises:
        NoFontError: OpenCV is not installed, or the words are not ASCII.
    """
    try:
        import cv2
        import numpy as np
    except ImportError:
        raise NoFontError("fonts of strokes need opencv-python-headless") from None
    if not words.isascii():
        raise NoFontError(f"OpenCV's fonts have no characters beyond ASCII: {words!r}")
    (width, height), _ = cv2.getTextSize(words, face, size / 30, 2)
    scale = size / 30 * min(1.0, (SIDE - 80) / width)
    (width, height), _ = cv2.getTextSize(words, face, scale, 2)
    pixels = np.array(picture)
    place = ((SIDE - width) // 2, (SIDE + height) // 2)
    cv2.putText(pixels, words, place, face, scale, (0, 0, 0), 2, cv2.LINE_AA)
    return Image.fromarray(pixels)
