"""The OpenAI Images API, and servers that speak it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import httpx

from ...errors import AnswerError
from ...settings import Settings
from ..capabilities import Health
from ..endpoint import is_openai_itself, resolve_endpoint
from ..retry import RefusedRequestError
from ..server_check import check_endpoint
from .card import Ability, Card
from .families import facts_for
from .generator import Draw, OnStep, Picture, check_able
from .http import PictureServer, as_picture, draw_all

OPTIONAL = ("seed", "response_format")
"""What some servers need and others refuse: sent until a server refuses it."""


class OpenAIImages:
    """Draws over ``POST /images/generations``, one request a picture; see ``Generator``."""

    def __init__(self, spec: str, settings: Settings) -> None:
        """Opens ``openai:MODEL``. Sends nothing yet.

        Raises:
            InputError: OpenAI itself is meant and there is no key.
        """
        self.name = spec
        self._model = spec.partition(":")[2]
        self._endpoint = resolve_endpoint(settings, "generator")
        self._endpoint.check_key(spec)
        self._server = PictureServer(
            f"{self._model} at {self._endpoint.url}", settings, self._endpoint.url
        )
        self._refused: set[str] = set()

    @property
    def card(self) -> Card:
        """See ``Generator``. OpenAI's own models take no seed; of another server's it is found out."""
        seedless = "seed" in self._refused or is_openai_itself(self._endpoint.url)
        abilities: frozenset[Ability] = frozenset() if seedless else frozenset({"seed"})
        return Card(name=self.name, abilities=abilities, **facts_for(self._model).on_a_server())

    async def check(self) -> Health:
        """See ``Checkable``."""
        return await check_endpoint(self.name, self._endpoint)

    async def aclose(self) -> None:
        """See ``Closeable``."""
        await self._server.aclose()

    async def draw(self, draws: Sequence[Draw], on_step: OnStep | None = None) -> list[Picture]:
        """See ``Generator``."""
        check_able(self.card, draws)
        return await draw_all(draws, self._draw)

    async def _draw(self, draw: Draw) -> Picture:
        url = f"{self._endpoint.url}/images/generations"
        while True:
            body = self._body(draw)
            try:
                data = await self._server.send(
                    "POST", url, read_data, json=body, headers=self._endpoint.headers
                )
            except RefusedRequestError as exc:
                refused = {name for name in OPTIONAL if name in body and exc.is_about(rf"\b{name}\b")}
                if not refused:
                    raise
                self._refused |= refused
                continue
            return as_picture(await self._bytes(data), draw, self.name)

    def _body(self, draw: Draw) -> dict[str, Any]:
        body = {
            "model": self._model,
            "prompt": draw.prompt,
            "n": 1,
            "size": f"{draw.width or draw.height or 1024}x{draw.height or draw.width or 1024}",
            "seed": draw.seed,
            "response_format": "b64_json",
        }
        return {name: value for name, value in body.items() if name not in self._refused}

    async def _bytes(self, data: dict[str, Any]) -> bytes:
        if data.get("b64_json"):
            try:
                return base64.b64decode(data["b64_json"], validate=True)
            except (ValueError, TypeError) as exc:
                raise AnswerError(f"{self.name}: b64_json is no base64") from exc
        if isinstance(data.get("url"), str):
            return await self._server.send("GET", data["url"], lambda answer: answer.content)
        raise AnswerError(f"{self.name}: the answer holds neither b64_json nor url")


def read_data(answer: httpx.Response) -> dict[str, Any]:
    """The first picture's entry.

    Raises:
        AnswerError: there is none.
    """
    try:
        entry = answer.json()["data"][0]
    except (ValueError, KeyError, IndexError, TypeError) as exc:
        raise AnswerError(f"the image server's answer holds no picture: {answer.text[:200]!r}") from exc
    if not isinstance(entry, dict):
        raise AnswerError(f"the image server's answer holds no picture: {answer.text[:200]!r}")
    return entry
