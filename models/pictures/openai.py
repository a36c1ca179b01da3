"""The OpenAI Images API, and servers that speak it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from ...errors import AnswerError, RefusedError
from ...settings import Settings
from ..capabilities import Health
from ..endpoint import is_openai_itself, resolve_endpoint
from ..retry import RefusedRequestError
from ..server_check import check_endpoint
from .answers import Address, ServerSaidError, picture_in
from .card import Ability, Card
from .families import facts_for
from .form import fields_named, unnamed_forms
from .generator import Draw, OnStep, Picture, check_able
from .http import PictureServer, as_picture, draw_all


class OpenAIImages:
    """Draws over ``POST /images/generations``, one request a picture; see ``Generator``."""

    apart = True

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
        """See ``Checkable``; asks for the list of models, so it draws nothing."""
        return await check_endpoint(self.name, self._endpoint)

    async def aclose(self) -> None:
        """See ``Closeable``; it can draw again afterwards."""
        await self._server.aclose()

    async def draw(self, draws: Sequence[Draw], on_step: OnStep | None = None) -> list[Picture]:
        """See ``Generator``; side by side, and no steps are reported."""
        check_able(self.card, draws)
        return await draw_all(draws, self._draw)

    async def _draw(self, draw: Draw) -> Picture:
        """The picture of ``draw``, asked for in the fullest form that the server takes."""
        body = self._body(draw)
        try:
            return await self._without_named(draw, body)
        except RefusedRequestError as exc:
            refusal = exc
        for left_out in unnamed_forms(refusal.said, draw.prompt, body):
            smaller = {name: value for name, value in body.items() if name not in left_out}
            try:
                picture = await self._without_named(draw, smaller)
            except RefusedRequestError:
                continue
            self._learn(body, left_out)
            return picture
        raise refusal

    async def _without_named(self, draw: Draw, body: dict[str, Any]) -> Picture:
        """The same, leaving out what the server's refusals name; learnt once that has helped."""
        named: frozenset[str] = frozenset()
        while True:
            smaller = {name: value for name, value in body.items() if name not in named}
            try:
                picture = await self._request(draw, smaller)
            except RefusedRequestError as exc:
                more = fields_named(exc, draw.prompt, smaller)
                if not more:
                    raise
                named |= more
                continue
            self._learn(body, named)
            return picture

    async def _request(self, draw: Draw, body: dict[str, Any]) -> Picture:
        url = self._endpoint.at("images/generations")

        def read(answer: httpx.Response) -> tuple[bytes | Address, str]:
            try:
                return picture_in(answer.content, self.name), str(answer.url)
            except ServerSaidError as exc:
                # Some servers refuse with status 200.
                refusal = RefusedRequestError(str(exc))
                refusal.said = exc.said
                if not fields_named(refusal, draw.prompt, body):
                    raise
                raise refusal from exc

        headers = self._endpoint.headers
        found, base = await self._server.send("POST", url, read, json=body, headers=headers)
        data = await self._fetch(found, base) if isinstance(found, Address) else found
        return await as_picture(data, draw, self.name)

    def _learn(self, body: dict[str, Any], left_out: frozenset[str]) -> None:
        """Remembers what this server is better not sent. Of sizes only the one that was refused."""
        self._refused |= {f"size={body['size']}" if name == "size" else name for name in left_out}

    def _body(self, draw: Draw) -> dict[str, Any]:
        size = f"{draw.width or draw.height or 1024}x{draw.height or draw.width or 1024}"
        body = {
            "model": self._model,
            "prompt": draw.prompt,
            "n": 1,
            "size": size,
            "seed": draw.seed,
            "response_format": "b64_json",
        }
        if f"size={size}" in self._refused:
            del body["size"]
        return {name: value for name, value in body.items() if name not in self._refused}

    async def _fetch(self, address: Address, base: str) -> bytes:
        """What lies at ``address``, which may be relative to the request's own address ``base``.

        Raises:
            AnswerError: there is no picture.
        """
        urls = addresses(address.url, base, self._endpoint.url)
        for url in urls:
            # The key goes to the server it belongs to, and nowhere else.
            own = origin(url) == origin(self._endpoint.url)
            headers = self._endpoint.headers if own else {}
            with suppress(RefusedError):
                data = await self._server.send("GET", url, self._read_file, headers=headers)
                if data is not None:
                    return data
        tried = " and ".join(url.partition("?")[0][:120] for url in urls) or address.url[:120]
        raise AnswerError(f"{self.name} names an address where no picture can be had: {tried}")

    def _read_file(self, answer: httpx.Response) -> bytes | None:
        """The picture at an address; None: something else lies there."""
        try:
            found = picture_in(answer.content, self.name)
        except AnswerError:
            if answer.content:
                return None
            raise
        return None if isinstance(found, Address) else found


def addresses(url: str, base: str, root: str) -> list[str]:
    """The web addresses that ``url`` may mean, likeliest first; none where it is none.

    Args:
        url: as the server gave it; a relative one is looked for where web pages would look for it, then
            below the API's root.
        base: the address of the request that it answers.
        root: the API's base URL.
    """
    if re.match(r"[\w.-]+:\d+/", url):
        url = f"//{url}"
    try:
        candidates = [urljoin(base, url)]
        if not urlsplit(url).scheme and not url.startswith("//"):
            below = url.lstrip("./")
            candidates += [urljoin(f"{root}/", below), urljoin(base, f"/{below}")]
    except ValueError:
        return []
    return [one for one in dict.fromkeys(candidates) if one.startswith(("http://", "https://"))]


def origin(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port: what tells one server from another."""
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        return ("", None, None)
    return (parts.scheme, parts.host, parts.port)
