"""Pictures that were just decoded, for whoever looks at the same file next.

A picture is decoded when it is stored, and again when a model is sent it smaller: half of what a run
costs beside the models. Files are taken over once, and forgotten where nobody asks for them.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

from PIL import Image

ROOM = 64 * 2**20
"""Bytes of pixels that wait at most."""
PATIENCE = 20.0
"""Seconds that they wait at most; a busy process draws many pictures before it looks at the first."""


class DecodedPictures:
    """Decoded pictures by their files' paths. Safe to use from any thread."""

    def __init__(self, room: int = ROOM, patience: float = PATIENCE) -> None:
        self._room = room
        self._patience = patience
        self._lock = threading.Lock()
        self._waiting: dict[Path, tuple[Image.Image, int, float]] = {}

    def leave(self, path: Path, picture: Image.Image) -> None:
        """Leaves what the file ``path`` shows. Where there is no room it is dropped: of pictures that
        come in a row the first are asked for first."""
        size, now = picture.width * picture.height * len(picture.getbands()), time.monotonic()
        with self._lock:
            for old in [
                p for p, (_, _, since) in self._waiting.items() if now - since > self._patience
            ]:
                del self._waiting[old]
            if size + sum(held for _, held, _ in self._waiting.values()) <= self._room:
                self._waiting[path] = picture, size, now

    def take(self, path: Path) -> Image.Image | None:
        """What was left of ``path``, once; None: nothing."""
        with self._lock:
            picture, _, _ = self._waiting.pop(path, (None, 0, 0.0))
        return picture


DECODED = DecodedPictures()
"""The process' own."""
