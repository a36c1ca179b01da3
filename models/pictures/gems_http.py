"""The published protocol for picture servers: POST URL?prompt=..., picture bytes back."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from ...errors import AnswerError, InputError
from ...settings import Settings
from ..capabilities import Health
from ..server_check import ask_server
from .answers import Address, picture_in
from .card import Card
from .generator import Draw, OnStep, Picture, check_able
from .http import PictureServer, as_picture, draw_all


class GemsHttp:
    """Draws with ``POST URL?prompt=...``, one request a picture; see ``Generator``.

    The seed and the size go along as ``seed``, ``width`` and ``height``; a server that does not know
    them passes them over.
    """

    apart = True

    def __init__(self, spec: str, settings: Settings) -> None:
        """Opens ``gems-http:URL``. Sends nothing yet.

        Raises:
            InputError: that is no URL.
        """
        url = spec.partition(":")[2]
        if not url.startswith(("http://", "https://")):
            raise InputError(f"{spec} names no server: use gems-http:http://HOST:PORT/PATH")
        self.name = spec
        self._url = httpx.URL(url)
        self._server = PictureServer(spec, settings, url)

    @property
    def card(self) -> Card:
        """See ``Generator``. The protocol has a prompt, a seed and a size, and nothing else."""
        return Card(name=self.name)

    async def draw(self, draws: Sequence[Draw], on_step: OnStep | None = None) -> list[Picture]:
        """See ``Generator``; side by side, and no steps are reported."""
        check_able(self.card, draws)
        return await draw_all(draws, self._draw)

    async def check(self) -> Health:
        """See ``Checkable``. A GET, which the protocol does not ask of servers, may answer anything."""
        await ask_server(self.name, str(self._url))
        return Health(f"{self.name} answers")

    async def aclose(self) -> None:
        """See ``Closeable``; it can draw again afterwards."""
        await self._server.aclose()

    async def _draw(self, draw: Draw) -> Picture:
        wanted = {"prompt": draw.prompt, "seed": draw.seed, "width": draw.width, "height": draw.height}
        query = {name: str(value) for name, value in wanted.items() if value is not None}
        url = str(self._url.copy_merge_params(query))
        data = await self._server.send("POST", url, self._read)
        return await as_picture(data, draw, self.name)

    def _read(self, answer: httpx.Response) -> bytes:
        found = picture_in(answer.content, self.name)
        if isinstance(found, Address):
            raise AnswerError(
                f"{self.name} sent an address that is no picture: the protocol sends the picture itself"
            )
        return found
