"""What every request to the page passes first: whence it comes, its key, what browsers may do."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..http.guard import key_in
from ..http.keys import KeyRing

COOKIE = "gems_key"
"""Holds the key itself: so one that is revoked opens nothing any more, at once."""
OPEN = ("/login", "/logout", "/static/")
"""What who has no key yet is shown."""
READS = ("GET", "HEAD")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Without a referrer browsers would not say where a form comes from.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Door:
    """Sends who needs a key to the form for it, and refuses what other sites' pages send.

    Args:
        inside: the page behind its guard.
        outside: what needs no key.
        keys: of the home.
    """

    def __init__(self, inside: ASGIApp, outside: ASGIApp, keys: KeyRing) -> None:
        self._inside = inside
        self._outside = outside
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._inside(scope, receive, send)
            return
        headers = Headers(scope=scope)
        answer: ASGIApp = self._inside
        if scope["method"] not in READS and not is_from_here(headers):
            answer = PlainTextResponse("this form was sent from another site's page: refused", 403)
        elif scope["path"].startswith(OPEN):
            answer = self._outside
        else:
            with_key(scope)
            if not await asyncio.to_thread(self._lets_in, scope) and wants_page(scope, headers):
                answer = RedirectResponse(f"/login?next={quote(path_of(scope))}", 303)
        await answer(scope, receive, with_headers(send))

    def _lets_in(self, scope: Scope) -> bool:
        return not self._keys.wanted() or self._keys.owner_of(key_in(Headers(scope=scope))) is not None


def is_from_here(headers: Headers) -> bool:
    """Whether what changes something was sent by a page of this very server; browsers say so."""
    origin = urlsplit(headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == headers.get("host", "")


def wants_page(scope: Scope, headers: Headers) -> bool:
    """Whether somebody opens a page, as against a program or a script that asks for something."""
    return scope["method"] in READS and "text/html" in headers.get("accept", "")


def path_of(scope: Scope) -> str:
    """A request's path with its query."""
    query = scope.get("query_string", b"").decode("latin-1")
    return f"{scope['path']}?{query}" if query else str(scope["path"])


def with_key(scope: MutableMapping[str, Any]) -> None:
    """Gives the key of a browser's cookie to the guard in the form that it reads."""
    key = Request(scope).cookies.get(COOKIE)
    headers = MutableHeaders(scope=scope)
    if key and "authorization" not in headers:
        headers["authorization"] = f"Bearer {key}"


def with_headers(send: Send) -> Send:
    """Adds to every answer what browsers may do with it."""

    async def sends(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return sends
