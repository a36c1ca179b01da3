"""Who comes in: every request passes here before anything of the server sees it."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import re
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...errors import GemsError
from ...nodes.context import RunContext, check_context
from ...nodes.policy import Policy
from .accounts import KeyAccounts
from .keys import Key, KeyRing

OPEN = ("/gems/health", "/ok")
"""For whoever keeps servers running."""
PICTURES = "/gems/pictures/"
"""Addresses below may be signed, which their route looks at."""
MAX_BODY = 32 * 2**20
"""Bytes of a request: a conversation with a few pictures."""
RUNS = re.compile(r"(/threads/[^/]+)?/runs(/stream|/wait|/batch|/crons)?")
"""Where runs are begun; those that begin elsewhere find out at their first step."""
NOBODY_COUNTS = (
    "this key has a cap on what its runs cost, which only a graph server counts: gems serve, and its "
    "page, gems ui --url"
)
WRITES = ("POST", "PUT", "PATCH")
LOCAL_NAMES = ("localhost", "127.0.0.1", "::1", "testserver")


class RefusedError(Exception):
    """A request that goes no further."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Guard:
    """Lets in who has a key; where no key was ever made, whoever is on the machine itself. Bodies are
    bounded, and what they say about a run is checked before the run is made. A key with a cap on what
    it may spend begins nothing once that is spent; without ``accounts``, where nobody counts, never."""

    def __init__(
        self, app: ASGIApp, keys: KeyRing, policy: Policy, accounts: KeyAccounts | None = None
    ) -> None:
        self._app = app
        self._keys = keys
        self._policy = policy
        self._accounts = accounts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        # The server's own calls of itself; no request can have a root path.
        if scope["type"] == "lifespan" or str(scope.get("root_path", "")).startswith("/noauth"):
            await self._app(scope, receive, send)
            return
        try:
            if scope["path"] not in OPEN and scope.get("method") != "OPTIONS":
                # Keys are read from a file.
                await asyncio.to_thread(self._let_in, scope)
            if scope["type"] == "http" and scope["method"] in WRITES:
                receive = await self._look_into(scope, receive)
        except RefusedError as exc:
            await refuse(exc, scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _let_in(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        try:
            if not self._keys.wanted():
                check_local(scope, headers)
            elif not is_signed(scope):
                key = self._keys.key_of(key_in(headers))
                if key is None:
                    raise RefusedError(
                        401, "this server needs a key: send Authorization: Bearer gems_..."
                    )
                if scope.get("method") == "POST":
                    self._check_account(key, scope["path"])
        except GemsError as exc:
            raise RefusedError(503, str(exc)) from exc

    def _check_account(self, key: Key, path: str) -> None:
        """Checks that a key may still begin what costs money.

        Raises:
            RefusedError: it may not.
        """
        if self._accounts is None and key.max_cost is not None:
            raise RefusedError(402, NOBODY_COUNTS)
        account = self._accounts.of(key) if self._accounts and RUNS.fullmatch(path) else None
        left = account.left() if account else None
        if account and left is not None and left <= 0:
            raise RefusedError(402, account.refusal())

    async def _look_into(self, scope: Scope, receive: Receive) -> Receive:
        """The request's body, read here, and whoever reads it after."""
        body = await read_body(Headers(scope=scope), receive)
        if body:
            await asyncio.to_thread(check_options, body, self._policy)
        return replay(body, receive)


def key_in(headers: Mapping[str, str]) -> str:
    """The key that a request brings, in either of the headers that clients of such servers use."""
    scheme, _, text = headers.get("authorization", "").partition(" ")
    return text.strip() if scheme.casefold() == "bearer" else headers.get("x-api-key", "").strip()


def is_signed(scope: Scope) -> bool:
    """Whether a request says that its address is signed; whether it is, is for its route to say."""
    reads = scope.get("method") in ("GET", "HEAD")
    return reads and scope["path"].startswith(PICTURES) and b"signature=" in scope["query_string"]


def check_local(scope: Scope, headers: Headers) -> None:
    """Checks that a request is from this machine, and not from a page that a browser on it shows.

    Raises:
        RefusedError: it is not; a key would let it in.
    """
    client = (scope.get("client") or ("", 0))[0]
    host = headers.get("host", "").rpartition("@")[2]
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    passed_on = any(header in headers for header in ("x-forwarded-for", "forwarded", "x-real-ip"))
    if not is_loopback(client) or passed_on or name.casefold() not in LOCAL_NAMES:
        raise RefusedError(
            401, "this server has no keys and is for its own machine alone: gems keys add NAME"
        )


def is_loopback(client: str) -> bool:
    """Whether an address is the machine's own."""
    try:
        return ipaddress.ip_address(client.partition("%")[0]).is_loopback
    except ValueError:
        return client in ("testclient", "")


async def read_body(headers: Headers, receive: Receive) -> bytes:
    """A request's body.

    Raises:
        RefusedError: it is larger than any that makes sense.
    """
    length = headers.get("content-length", "0")
    chunks: list[bytes] = []
    size, more = int(length) if length.isdigit() else 0, True
    while more and size <= MAX_BODY:
        message = await receive()
        chunks.append(message.get("body", b""))
        more = message["type"] == "http.request" and message.get("more_body", False)
        size = max(size, sum(map(len, chunks)))
    if size > MAX_BODY:
        raise RefusedError(413, f"the request has more than {MAX_BODY // 2**20} MiB")
    return b"".join(chunks)


def replay(body: bytes, receive: Receive) -> Receive:
    """Gives ``body`` out once, then what comes after it."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def check_options(body: bytes, policy: Policy) -> None:
    """Checks what a request says about runs: servers drop options that they do not know.

    Raises:
        RefusedError: an option does not exist, is out of range, or beyond what the operator allows.
    """
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return
    for item in fields if isinstance(fields, list) else [fields]:
        for options in options_in(item):
            try:
                policy.bound(check_context(options))
            except GemsError as exc:
                raise RefusedError(422, str(exc)) from exc


def options_in(item: Any) -> list[dict[str, Any]]:
    """The options of runs in a request's body: its context, and those among its configurable fields,
    where servers keep fields of their own."""
    if not isinstance(item, dict):
        return []
    found = [item["context"]] if isinstance(item.get("context"), dict) else []
    config = item.get("config")
    configurable = config.get("configurable") if isinstance(config, dict) else None
    if isinstance(configurable, dict):
        found.append({k: v for k, v in configurable.items() if k in RunContext.model_fields})
    return found


async def refuse(error: RefusedError, scope: Scope, receive: Receive, send: Send) -> None:
    """Answers that a request goes no further, and why."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": str(error)[:120]})
        return
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None
    answer = JSONResponse({"detail": str(error)}, error.status, headers=headers)
    await answer(scope, receive, send)
