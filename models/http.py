"""Picture servers over HTTP: one client, one place where its exceptions become ours."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx

from ..errors import UnreachableError
from ..settings import Settings
from .retry import FailedRequestError, failure_of_status, with_retries

T = TypeVar("T")


class PictureServer:
    """Sends requests for pictures with timeout, retries and a limit on how many are in flight.

    Its methods run on the model loop.
    """

    def __init__(self, where: str, settings: Settings) -> None:
        self._where = where
        self._settings = settings
        self._client: httpx.AsyncClient | None = None
        self._turns: asyncio.Semaphore | None = None

    async def send(
        self, method: str, url: str, read: Callable[[httpx.Response], T], **options: Any
    ) -> T:
        """The answer to a request, as ``read`` makes of it.

        Raises:
            BackendError: no usable answer came.
        """
        if self._client is None or self._turns is None:
            self._client = httpx.AsyncClient(timeout=None, follow_redirects=True)
            self._turns = asyncio.Semaphore(self._settings.generator_concurrency)
        client, turns = self._client, self._turns

        async def attempt() -> httpx.Response:
            async with turns:
                return await self._once(client.request(method, url, **options))

        return read(await with_retries(attempt, self._settings.generator_retries))

    async def _once(self, request: Awaitable[httpx.Response]) -> httpx.Response:
        limit = self._settings.generator_timeout
        try:
            async with asyncio.timeout(limit):
                answer = await request
        except TimeoutError as exc:
            error = UnreachableError(f"{self._where} drew nothing in {limit:g} s")
            raise FailedRequestError(error, True) from exc
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            error = UnreachableError(
                f"{self._where} cannot be reached ({exc or type(exc).__name__}): is the server up?"
            )
            raise FailedRequestError(error, not isinstance(exc, httpx.UnsupportedProtocol)) from exc
        if answer.is_error:
            after = answer.headers.get("retry-after")
            raise failure_of_status(
                self._where, answer.status_code, answer.text, after, "GEMS_GENERATOR_API_KEY"
            )
        return answer
