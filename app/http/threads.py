"""The graph server's own threads, asked for in the name of whoever makes a request."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx
from starlette.requests import Request

from ...memory.ledger import pictures_in
from .keys import KeyRing

STEPS = 1000
"""Steps of a thread that are looked through: some forty runs."""
PASSED_ON = ("authorization", "x-api-key", "host")


class Threads:
    """Asks the server that a request came to, inside this process, as its sender: what the server does
    not show them is not shown."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    async def shows(self, request: Request, thread: str) -> bool:
        """Whether the sender may see what belongs to ``thread``; without keys, all that there is."""
        if not await asyncio.to_thread(self._keys.wanted):
            return True
        return bool(thread) and await self._get(request, thread, "") is not None

    async def is_gone(self, request: Request, thread: str) -> bool:
        """Whether the server says that there is no such thread, for the sender."""
        return (await self._ask(request, thread, "")).status_code == 404

    async def pictures(self, request: Request, thread: str) -> list[str]:
        """The hashes of the pictures that any step of a thread refers to, as far as the sender may see
        them."""
        steps = await self._get(request, thread, f"/history?limit={STEPS}") or []
        every = [s for step in steps for s in pictures_in(step.get("values") or {})]
        return list(dict.fromkeys(every))

    async def values(self, request: Request, thread: str) -> Mapping[str, Any] | None:
        """The state of a thread; None: there is none, or none for the sender."""
        state = await self._get(request, thread, "/state")
        return state.get("values") or None if state is not None else None

    async def _get(self, request: Request, thread: str, part: str) -> Any:
        answer = await self._ask(request, thread, part)
        return answer.json() if answer.status_code == 200 else None

    async def _ask(self, request: Request, thread: str, part: str) -> httpx.Response:
        headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        transport = httpx.ASGITransport(app=request.app, client=request.client or ("127.0.0.1", 0))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(f"/threads/{quote(thread, safe='')}{part}", headers=headers)
