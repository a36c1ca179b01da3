"""PNG files without what they say of themselves."""

from __future__ import annotations

import struct

SIGNATURE = 8
"""Bytes before the first chunk (PNG specification, 5.2)."""
TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf"})


def without_texts(png: bytes) -> bytes:
    """The same pixels without text and EXIF chunks. Bytes that are no PNG stay as they are."""
    if png[1:4] != b"PNG":
        return png
    kept, place = [png[:SIGNATURE]], SIGNATURE
    while place + 8 <= len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        end = place + length + 12
        if png[place + 4 : place + 8] not in TEXTS:
            kept.append(png[place:end])
        place = end
    return b"".join(kept)
