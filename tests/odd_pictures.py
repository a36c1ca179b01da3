"""Pictures as servers send them and no judge should see them, each with the pixel that people see."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image, ImageCms

SIZE = (24, 16)
Colour = tuple[int, int, int]
WHITE: Colour = (255, 255, 255)


def encoded(picture: Image.Image, format_: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format_, **options)
    return buffer.getvalue()


def palette(format_: str) -> bytes:
    picture = Image.new("P", SIZE, 1)
    picture.putpalette([255, 0, 0, 0, 255, 0])
    return encoded(picture, format_, transparency=1)


def deep_grey(format_: str) -> bytes:
    """Mid-grey: cut off at 255 it would be white."""
    return encoded(Image.fromarray(np.full(SIZE[::-1], 0x8080, np.uint16)), format_)


def turned(format_: str) -> bytes:
    """Tall on disk and wide to people, by its EXIF; red."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(Image.new("RGB", (SIZE[1], SIZE[0]), (255, 0, 0)), format_, exif=exif, quality=100)


def animated(format_: str) -> bytes:
    red, blue = Image.new("RGB", SIZE, (255, 0, 0)), Image.new("RGB", SIZE, (0, 0, 255))
    return encoded(red, format_, save_all=True, append_images=[blue])


def with_profile(name: str) -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()  # type: ignore[arg-type]
    return encoded(Image.new("RGB", SIZE, (255, 0, 0)), icc_profile=profile)


ODD: dict[str, tuple[bytes, Colour]] = {
    "alpha": (encoded(Image.new("RGBA", SIZE, (255, 0, 0, 0))), WHITE),
    "half transparent": (encoded(Image.new("RGBA", SIZE, (255, 0, 0, 128))), (255, 127, 127)),
    "opaque alpha": (encoded(Image.new("RGBA", SIZE, (255, 0, 0, 255))), (255, 0, 0)),
    "alpha in webp": (
        encoded(Image.new("RGBA", SIZE, (255, 0, 0, 0)), "WEBP", lossless=True, exact=True), WHITE
    ),
    "grey with alpha": (encoded(Image.new("LA", SIZE, (0, 0))), WHITE),
    "a transparent palette": (palette("PNG"), WHITE),
    "a transparent palette in gif": (palette("GIF"), WHITE),
    "a transparent colour": (encoded(Image.new("RGB", SIZE, (9, 0, 0)), transparency=(9, 0, 0)), WHITE),
    "a transparent grey": (encoded(Image.new("L", SIZE, 7), transparency=7), WHITE),
    "16-bit grey": (deep_grey("PNG"), (128, 128, 128)),
    "16-bit grey in tiff": (deep_grey("TIFF"), (128, 128, 128)),
    "cmyk": (encoded(Image.new("CMYK", SIZE, (0, 255, 255, 0)), "JPEG", quality=100), (255, 0, 0)),
    "a turned png": (turned("PNG"), (255, 0, 0)),
    "a turned jpeg": (turned("JPEG"), (255, 0, 0)),
    "an animated png": (animated("PNG"), (255, 0, 0)),
    "an animated gif": (animated("GIF"), (255, 0, 0)),
    "an animated webp": (animated("WEBP"), (255, 0, 0)),
    "a foreign profile": (with_profile("LAB"), (255, 0, 0)),
    "a damaged profile": (
        encoded(Image.new("RGB", SIZE, (255, 0, 0)), icc_profile=b"junk"), (255, 0, 0)
    ),
}  # fmt: skip
"""By what is odd: the file, and its colour to people."""


def broken() -> dict[str, bytes]:
    """Files that cannot be decoded to the last pixel, by what is wrong."""
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8))
    png, jpeg = encoded(noise), encoded(noise, "JPEG")
    scrambled = bytearray(png)
    scrambled[60:70] = bytes(10)
    return {
        "empty": b"",
        "a page": b"<html>busy</html>",
        "half a png": png[: len(png) // 2],
        "a png without its end": png[:-12],
        "a png with a wrong checksum": bytes(scrambled),
        "half a jpeg": jpeg[: len(jpeg) // 2],
        "half a webp": encoded(noise, "WEBP")[:400],
        "a bomb": encoded(Image.new("1", (20_000, 9_000))),
        "nearly a bomb": encoded(Image.new("1", (12_000, 9_000))),
    }
