"""Servers over HTTP: one client, one place where its exceptions become ours."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from ..errors import AnswerError, UnreachableError
from .loop import on_model_loop
from .loop_bound import LoopBound
from .proxies import open_http_client, proxy_note
from .retry import SAID_LENGTH, FailedRequestError, add_note, failure_of_status, with_retries
from .server_words import one_line

T = TypeVar("T")


@dataclass(frozen=True)
class Limits:
    """How a server is asked. Settings whose names begin with ``variables`` say so to users."""

    seconds: float
    retries: int
    concurrency: int
    variables: str


class HttpServer:
    """Sends requests with timeout, retries and a limit on how many are in flight.

    Its methods run on the model loop.
    """

    def __init__(self, where: str, limits: Limits, url: str = "") -> None:
        self._where = where
        self._url = url
        self._limits = limits
        self._client = LoopBound(
            lambda: open_http_client(httpx.AsyncClient, url, timeout=None, follow_redirects=True)
        )
        self._turns = LoopBound(lambda: asyncio.Semaphore(limits.concurrency))

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

        return await with_retries(attempt, self._limits.retries)

    async def aclose(self) -> None:
        """See ``Closeable``: the HTTP client, which the next request opens again."""
        await on_model_loop(self._close())

    async def _close(self) -> None:
        if client := self._client.take():
            await client.aclose()

    async def _once(self, request: Awaitable[httpx.Response]) -> httpx.Response:
        limit = self._limits.seconds
        try:
            async with asyncio.timeout(limit):
                answer = await request
        except TimeoutError as exc:
            error = UnreachableError(
                f"{self._where} sent nothing in {limit:g} s; "
                f"allow more with {self._limits.variables}_TIMEOUT"
            )
            raise FailedRequestError(error, True) from exc
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            # What is no HTTP is repeated by the library to its end.
            reason = one_line(str(exc))[:SAID_LENGTH] or type(exc).__name__
            error = UnreachableError(f"{self._where} cannot be reached ({reason}): is the server up?")
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
                f"{self._limits.variables}_API_KEY",
            )
        return answer


def text_of(answer: httpx.Response) -> str:
    """A body as text, whatever encoding the server claims for it."""
    return answer.content.decode("utf-8", "replace")
