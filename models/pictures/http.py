"""Picture servers over HTTP: one client, one place where its exceptions become ours."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import httpx
from PIL import Image

from ...errors import AnswerError, UnreachableError
from ...settings import Settings
from ..loop import on_model_loop
from ..loop_bound import LoopBound
from ..proxies import open_http_client, proxy_note
from ..retry import FailedRequestError, add_note, failure_of_status, with_retries
from .generator import Draw, Picture

T = TypeVar("T")


class PictureServer:
    """Sends requests for pictures with timeout, retries and a limit on how many are in flight.

    Its methods run on the model loop.
    """

    def __init__(self, where: str, settings: Settings, url: str = "") -> None:
        self._where = where
        self._url = url
        self._settings = settings
        self._client = LoopBound(
            lambda: open_http_client(httpx.AsyncClient, url, timeout=None, follow_redirects=True)
        )
        self._turns = LoopBound(lambda: asyncio.Semaphore(settings.generator_concurrency))

    async def send(
        self, method: str, url: str, read: Callable[[httpx.Response], T], **options: Any
    ) -> T:
        """The answer to a request, as ``read`` makes of it.

        Raises:
            BackendError: no usable answer came.
        """
        client, turns = self._client.get(), self._turns.get()

        async def attempt() -> httpx.Response:
            async with turns:
                return await self._once(client.request(method, url, **options))

        return read(await with_retries(attempt, self._settings.generator_retries))

    async def aclose(self) -> None:
        """See ``Closeable``."""
        await on_model_loop(self._close())

    async def _close(self) -> None:
        if client := self._client.take():
            await client.aclose()

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
                f"{self._where} cannot be reached ({str(exc) or type(exc).__name__}): is the server up?"
            )
            if note := proxy_note(self._url):
                add_note(error, note)
            retry = not isinstance(exc, httpx.UnsupportedProtocol | httpx.InvalidURL)
            brief = isinstance(exc, httpx.ConnectError)
            raise FailedRequestError(error, retry, brief=brief) from exc
        if answer.is_error:
            raise failure_of_status(
                self._where, answer.status_code, answer.text, answer.headers, "GEMS_GENERATOR_API_KEY"
            )
        return answer


async def draw_all(draws: Sequence[Draw], draw: Callable[[Draw], Awaitable[Picture]]) -> list[Picture]:
    """Every one of ``draws`` at once, on the model loop; the first failure cancels the others."""

    async def all_of_them() -> list[Picture]:
        tasks = [asyncio.ensure_future(draw(one)) for one in draws]
        try:
            return list(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    return await on_model_loop(all_of_them())


def as_picture(data: bytes, draw: Draw, where: str) -> Picture:
    """``data`` as the picture of ``draw``.

    Raises:
        AnswerError: the bytes are no picture.
    """
    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.verify()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as exc:
        raise AnswerError(
            f"{where} sent {len(data)} bytes that are no picture, beginning {data[:40]!r}"
        ) from exc
    return Picture(data, draw.seed)
