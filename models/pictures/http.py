"""Picture servers over HTTP: one client, one place where its exceptions become ours."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import httpx

from ...errors import AnswerError, UnreachableError
from ...settings import Settings
from ..loop import on_model_loop
from ..loop_bound import LoopBound
from ..pixels import UnreadablePictureError, size_of_whole
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
        """The answer to a request, as ``read`` makes of it in a thread.

        An ``AnswerError`` of ``read`` is no answer, and follows the retry policy like a hang-up.

        Raises:
            BackendError: no usable answer came.
        """
        client, turns = self._client.get(), self._turns.get()

        async def attempt() -> T:
            async with turns:
                answer = await self._once(client.request(method, url, **options))
            try:
                return await asyncio.to_thread(read, answer)
            except AnswerError as exc:
                raise FailedRequestError(exc, True, brief=True) from exc.__cause__

        return await with_retries(attempt, self._settings.generator_retries)

    async def aclose(self) -> None:
        """See ``Closeable``: the HTTP client, which the next request opens again."""
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
            error = UnreachableError(
                f"{self._where} drew nothing in {limit:g} s; allow more with GEMS_GENERATOR_TIMEOUT"
            )
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
                self._where,
                answer.status_code,
                text_of(answer),
                answer.headers,
                "GEMS_GENERATOR_API_KEY",
            )
        return answer


def text_of(answer: httpx.Response) -> str:
    """A body as text, whatever encoding the server claims for it."""
    return answer.content.decode("utf-8", "replace")


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


async def as_picture(data: bytes, draw: Draw, where: str) -> Picture:
    """``data`` as the picture of ``draw``, if it came whole.

    Raises:
        AnswerError: the bytes are no whole picture.
    """
    try:
        width, height = await asyncio.to_thread(size_of_whole, data)
    except UnreadablePictureError as exc:
        raise AnswerError(f"{where} sent {len(data)} bytes that are no picture: {exc}") from exc
    return Picture(data, draw.seed, size_notes(draw, width, height))


def size_notes(draw: Draw, width: int, height: int) -> tuple[str, ...]:
    """What to say of a picture of that size: something where another one was asked for."""
    asked = (draw.width or width, draw.height or height)
    if asked == (width, height):
        return ()
    wanted = f"{draw.width or 'any'}x{draw.height or 'any'}"
    return (f"the server drew {width}x{height} pixels where {wanted} was asked for",)
