"""Pictures by their content's hash: whole, in parts, small, and by addresses that end."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Protocol

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from ...memory.images import ImageStore, read_provenance
from .links import Links

HASH = re.compile(r"[0-9a-f]{64}")
SIDES = (128, 256, 512, 1024)
"""Longest sides of small pictures in pixels: few, so that nobody fills the disk with sizes."""
FOR_EVER = "private, max-age=31536000, immutable"
"""A content's hash never leads to another content."""


class Shows(Protocol):
    """Knows who may see what."""

    async def shows(self, request: Request, thread: str) -> bool:
        """Whether the sender of a request may see what belongs to ``thread``."""
        ...


class Pictures:
    """The routes of a home's pictures. Without a signed address a picture is shown to whom its run's
    thread is shown."""

    def __init__(self, images: ImageStore, links: Links, threads: Shows) -> None:
        self._images = images
        self._links = links
        self._threads = threads

    async def picture(self, request: Request) -> Response:
        """``GET .../SHA256.png``, with ``?side=256`` a small one."""
        found = await self._find(request, signed=True)
        if found is None:
            return not_found()
        side = request.query_params.get("side")
        if side is not None:
            if side not in map(str, SIDES):
                return JSONResponse({"detail": f"side is one of {', '.join(map(str, SIDES))}"}, 422)
            found = await asyncio.to_thread(self._images.thumbnails.of, found, int(side))
        tag = f'"{found.stem}"'
        headers = {"ETag": tag, "Cache-Control": FOR_EVER, "X-Content-Type-Options": "nosniff"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        media = "image/png" if found.suffix == ".png" else "image/webp"
        return FileResponse(found, media_type=media, headers=headers)

    async def link(self, request: Request) -> Response:
        """``GET .../SHA256.png/link``: an address of the picture that works without a key, for a
        while."""
        found = await self._find(request, signed=False)
        if found is None:
            return not_found()
        query = await asyncio.to_thread(self._links.sign, found.stem)
        return JSONResponse({"url": f"{request.url.path.removesuffix('/link')}?{query}"})

    async def _find(self, request: Request, *, signed: bool) -> Path | None:
        sha256, query = request.path_params["sha256"], request.query_params
        if not HASH.fullmatch(sha256):
            return None
        path = await asyncio.to_thread(self._images.find, sha256)
        if path is None or (texts := await asyncio.to_thread(texts_of, path)) is None:
            return None
        given = query.get("expires", ""), query.get("signature", "")
        if signed and any(given):
            return path if await asyncio.to_thread(self._links.opens, sha256, *given) else None
        return path if await self._threads.shows(request, texts.get("thread", "")) else None


def texts_of(path: Path) -> dict[str, str] | None:
    """What a picture says of how it was made; None: there is no picture."""
    try:
        return read_provenance(path)
    except OSError:
        return None


def not_found() -> JSONResponse:
    """There is none, or none for whoever asks: both are told alike."""
    return JSONResponse({"detail": "there is no such picture or run"}, 404)
