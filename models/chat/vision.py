"""Pictures on their way to an MLLM: scaled down, encoded once, kept while they are asked about."""

from __future__ import annotations

import asyncio
import base64
import contextvars
import io
from collections import OrderedDict
from pathlib import Path

from PIL import Image, ImageFile

from ...errors import StorageError
from ..decoded import DECODED
from ..pixels import UnreadablePictureError, as_seen, is_plain, open_whole

JPEG_QUALITY = 85
CACHE_BYTES = 48 * 2**20
"""Of base64 text: every question of a round is about the same few pictures."""
CACHE_PICTURES = 128
"""So that small ones do not add up over thousands of runs either."""


def encode(path: Path, side: int) -> tuple[str, str]:
    """A picture as (base64, media type), its longest side at most ``side`` pixels; 0: as it is.

    A file that programs show in different ways (transparent, turned: none of the store's) is sent as
    people see it.

    Raises:
        StorageError: the file cannot be read.
    """
    try:
        picture = (DECODED.take(path) if side else None) or open_whole(path)
    except (OSError, UnreadablePictureError) as exc:
        raise StorageError(f"the picture {path} cannot be read: {exc}") from exc
    if side == 0 and isinstance(picture, ImageFile.ImageFile) and is_plain(picture):
        media = picture.get_format_mimetype() or "image/png"
        return base64.b64encode(path.read_bytes()).decode(), media
    small, buffer = as_seen(picture), io.BytesIO()
    if side == 0:
        small.save(buffer, "PNG", compress_level=3)
        return base64.b64encode(buffer.getvalue()).decode(), "image/png"
    if max(small.size) > side:
        # Half the work of LANCZOS, and as sharp to look at.
        small.thumbnail((side, side), Image.Resampling.HAMMING, reducing_gap=2.0)
    small.save(buffer, "JPEG", quality=JPEG_QUALITY)
    return base64.b64encode(buffer.getvalue()).decode(), "image/jpeg"


class EncodedPictures:
    """Encoded pictures, the least recently used given up first. Belongs to one event loop."""

    def __init__(self, side: int, limit: int = CACHE_BYTES, most: int = CACHE_PICTURES) -> None:
        self._side = side
        self._limit = limit
        self._most = most
        self._size = 0
        self._kept: OrderedDict[Path, tuple[str, str]] = OrderedDict()
        self._coming: dict[Path, asyncio.Task[tuple[str, str]]] = {}
        # Encoding keeps a processor busy; more at once would starve what else runs in threads.
        self._turns = asyncio.Semaphore(2)

    async def get(self, path: Path) -> tuple[str, str]:
        """A picture as (base64, media type); asked for many times at once it is encoded once.

        Raises:
            StorageError: the file cannot be read.
        """
        if path in self._kept:
            self._kept.move_to_end(path)
            return self._kept[path]
        if path not in self._coming:
            # In a context of its own: a task keeps its context, which is all of the run that asks.
            work = asyncio.create_task(self._encode(path), context=contextvars.Context())
            self._coming[path] = work
            work.add_done_callback(lambda done: self._arrived(path, done))
        return await asyncio.shield(self._coming[path])

    async def _encode(self, path: Path) -> tuple[str, str]:
        async with self._turns:
            return await asyncio.to_thread(encode, path, self._side)

    def _arrived(self, path: Path, done: asyncio.Task[tuple[str, str]]) -> None:
        self._coming.pop(path, None)
        if done.cancelled() or done.exception() is not None:
            return
        self._kept[path] = done.result()
        self._size += len(self._kept[path][0])
        while len(self._kept) > 1 and (self._size > self._limit or len(self._kept) > self._most):
            _, (oldest, _) = self._kept.popitem(last=False)
            self._size -= len(oldest)
