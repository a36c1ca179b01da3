"""The OpenAI Images API, and servers that speak it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import httpx

from ...errors import AnswerError, InputError
from ...settings import Settings
from ..retry import RefusedRequestError
from .card import Card
from .generator import Draw, OnStep, Picture
from .http import PictureServer, as_picture, draw_all

OPENAI_URL = "https://api.openai.com/v1"
OPTIONAL = ("seed", "response_format")
"""What some servers need and others refuse: sent until a server refuses it."""


class OpenAIImages:
    """Draws over ``POST /images/generations``, one request a picture; see ``Generator``."""

    def __init__(self, model: str, settings: Settings, name: str) -> None:
        self.name = name
        self._model = model
        base = (settings.generator_base_url or OPENAI_URL).rstrip("/")
        self._url = f"{base}/images/generations"
        key = settings.generator_api_key
        self._headers = {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}
        self._server = PictureServer(f"{model} at {base}", settings)
        self._refused: set[str] = set()

    @classmethod
    def open(cls, spec: str, settings: Settings) -> OpenAIImages:
        """The generator for ``openai:MODEL``. Sends nothing yet.

        Raises:
            InputError: OpenAI itself is meant and there is no key.
        """
        model = spec.partition(":")[2]
        if settings.generator_api_key is None and settings.generator_base_url is None:
            raise InputError(
                f"{spec} needs a key: set GEMS_GENERATOR_API_KEY, or GEMS_GENERATOR_BASE_URL for a "
                "server of your own"
            )
        return cls(model, settings, spec)

    @property
    def card(self) -> Card:
        """See ``Generator``."""
        return Card(name=self.name)

    async def draw(self, draws: Sequence[Draw], on_step: OnStep | None = None) -> list[Picture]:
        """See ``Generator``."""
        return await draw_all(draws, self._draw)

    async def _draw(self, draw: Draw) -> Picture:
        while True:
            body = self._body(draw)
            try:
                data = await self._server.send(
                    "POST", self._url, read_data, json=body, headers=self._headers
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
