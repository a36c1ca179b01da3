"""Pictures go with the threads of the graph server, and stay for the copies that are made of them."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...errors import StorageError
from ...graphs.serving import at_once
from ...memory.images import ImageStore
from ...memory.paid import PaidAnswers
from .guard import read_body, replay
from .threads import Threads

THREAD = re.compile(r"/threads/([^/]+)")
COPY = re.compile(r"/threads/([^/]+)/copy")
PRUNE = "/threads/prune"
logger = logging.getLogger("gems.server")


class Deletion:
    """Listens to what is done to whole threads. What went is what the server says that there is not any
    more: its answer to the deletion may be wrong, or come too early.

    Args:
        app: what comes after it.
        threads: the server's own.
        images: their pictures.
        paid: what their steps were answered.
        deleted: waits until what was asked to be deleted is.
    """

    def __init__(
        self,
        app: ASGIApp,
        threads: Threads,
        images: ImageStore,
        paid: PaidAnswers,
        deleted: Callable[[], Awaitable[None]] = at_once,
    ) -> None:
        self._app = app
        self._threads = threads
        self._images = images
        self._paid = paid
        self._deleted = deleted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        method, path = scope.get("method"), str(scope.get("path", ""))
        if method == "DELETE" and (match := THREAD.fullmatch(path)):
            await self._delete([match[1]], scope, receive, send)
        elif method == "POST" and path == PRUNE:
            body = await read_body(Request(scope).headers, receive)
            await self._delete(threads_in(body), scope, replay(body, receive), send)
        elif method == "POST" and (match := COPY.fullmatch(path)):
            await self._copy(match[1], scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _delete(self, threads: Sequence[str], scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        seen = [thread for thread in threads if not await self._threads.is_gone(request, thread)]
        found = {thread: await self._threads.pictures(request, thread) for thread in seen}
        answer = await self._answer(scope, receive)
        await self._deleted()
        for thread, pictures in found.items():
            if await self._threads.is_gone(request, thread):
                await self._attempt(self._discard, pictures, thread)
        await tell(answer, send)

    async def _copy(self, thread: str, scope: Scope, receive: Receive, send: Send) -> None:
        pictures = await self._threads.pictures(Request(scope), thread)
        answer = await self._answer(scope, receive)
        body = b"".join(message.get("body", b"") for message in answer)
        for copy in threads_in(body) if pictures else ():
            await self._attempt(self._share, pictures, thread, copy)
        await tell(answer, send)

    async def _answer(self, scope: Scope, receive: Receive) -> list[Message]:
        """What the server answers, kept until what follows from it is done."""
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        await self._app(scope, receive, keep)
        return answer

    async def _attempt(self, work: Callable[..., None], *given: Any) -> None:
        """Does what follows from an answer, which is true whether that succeeds or not."""
        try:
            await asyncio.to_thread(work, *given)
        except StorageError as exc:
            logger.error("the pictures of a thread could not be looked after: %s", exc)

    def _discard(self, pictures: Sequence[str], thread: str) -> None:
        self._paid.drop(thread)
        for sha256 in pictures:
            self._images.discard(sha256, thread)

    def _share(self, pictures: Sequence[str], *threads: str) -> None:
        for sha256 in pictures:
            for thread in threads:
                self._images.uses.add(sha256, thread)


async def tell(answer: Sequence[Message], send: Send) -> None:
    """Sends an answer that was kept."""
    for message in answer:
        await send(message)


def threads_in(body: bytes) -> list[str]:
    """The threads that a request or an answer names, as one or as a list."""
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return []
    if not isinstance(fields, dict):
        return []
    named = fields.get("thread_ids") or [fields.get("thread_id")]
    return [thread for thread in named if isinstance(thread, str)] if isinstance(named, list) else []
