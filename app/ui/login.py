"""Where people give their key, on servers that need one."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ...errors import InputError
from ..http.guard import RefusedError, read_body
from ..http.keys import KeyRing
from .door import COOKIE
from .forms import fields_of, one
from .render import html

SECONDS = 30 * 86400
"""How long a browser remembers a key."""


class Login:
    """The form, and what becomes of it."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    async def show(self, request: Request) -> Response:
        """``GET /login``."""
        return html(
            request, "login", following=place_in(request.query_params.get("next", "")), error=""
        )

    async def enter(self, request: Request) -> Response:
        """``POST /login``: the browser keeps the key from now on."""
        try:
            form = fields_of(await read_body(request.headers, request.receive))
        except (RefusedError, InputError) as exc:
            return html(request, "login", 422, following="/", error=str(exc))
        following = place_in(one(form, "next"))
        if await asyncio.to_thread(self._keys.owner_of, one(form, "key")) is None:
            error = "This key opens nothing: it is mistyped, or was revoked."
            return html(request, "login", 422, following=following, error=error)
        answer = RedirectResponse(following, 303)
        secure = "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))
        answer.set_cookie(
            COOKIE, one(form, "key"), SECONDS, httponly=True, samesite="lax", secure=secure
        )
        return answer

    async def leave(self, request: Request) -> Response:
        """``POST /logout``: the browser forgets the key."""
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(COOKIE)
        return answer


def place_in(text: str) -> str:
    """Where to go on: a path of this server, whatever stands there."""
    return text if text.startswith("/") and not text.startswith(("//", "/\\")) else "/"
