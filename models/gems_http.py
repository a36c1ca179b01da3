"""The published protocol for picture servers: POST URL?prompt=..., picture bytes back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ..errors import InputError
from ..settings import Settings
from .generator import Draw, OnStep, Picture
from .http import PictureServer
from .loop import on_model_loop


class GemsHttp:
    """Draws with ``POST URL?prompt=...``, one request a picture; see ``Generator``.

    The seed and the size go along as ``seed``, ``width`` and ``height``; a server that does not know
    them passes them over.
    """

    def __init__(self, url: str, settings: Settings, name: str) -> None:
        self.name = name
        self._url = url
        self._server = PictureServer(name, settings)

    @classmethod
    def open(cls, spec: str, settings: Settings) -> GemsHttp:
        """The generator for ``gems-http:URL``. Sends nothing yet.

        Raises:
            InputError: that is no URL.
        """
        url = spec.partition(":")[2]
        if not url.startswith(("http://", "https://")):
            raise InputError(f"{spec} names no server: use gems-http:http://HOST:PORT/PATH")
        return cls(url, settings, spec)

    async def draw(self, draws: Sequence[Draw], on_step: OnStep | None = None) -> list[Picture]:
        """See ``Generator``."""

        async def all_of_them() -> list[Picture]:
            return list(await asyncio.gather(*(self._draw(draw) for draw in draws)))

        return await on_model_loop(all_of_them())

    async def _draw(self, draw: Draw) -> Picture:
        wanted = {"prompt": draw.prompt, "seed": draw.seed, "width": draw.width, "height": draw.height}
        query = {name: str(value) for name, value in wanted.items() if value is not None}
        data = await self._server.send("POST", self._url, lambda answer: answer.content, params=query)
        return Picture(data, draw.seed)
