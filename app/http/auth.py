"""LangGraph's hook: owners see their own threads, runs, assistants and items, everybody the graph."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from langgraph_sdk import Auth

from .guard import key_in
from .keys import KeyRing

NOBODY = "local"
"""Who calls a server without keys: whoever is on the machine."""
SHARED = ("read", "search")
"""What everybody may do with the server's own assistants: the graph itself is one."""


def make_auth(keys: KeyRing) -> Auth:
    """The hook, for a server whose keys are ``keys``."""
    auth = Auth()

    async def authenticate(headers: Any) -> Any:
        caller = await asyncio.to_thread(caller_in, dict(headers), keys)
        if caller is None:
            raise Auth.exceptions.HTTPException(401, "this server needs a key")
        return {**caller, "is_authenticated": True, "permissions": []}

    auth.authenticate(authenticate)
    auth.on(own)
    auth.on.assistants(own_assistants)
    auth.on.store(own_items)
    return auth


def caller_in(headers: Mapping[bytes | str, bytes | str], keys: KeyRing) -> dict[str, str] | None:
    """Whose key a request brings, and which; None: it brings none, and needs one. May block."""
    if not keys.wanted():
        return {"identity": NOBODY}
    key = keys.key_of(key_in({text(name).lower(): text(v) for name, v in headers.items()}))
    return None if key is None else {"identity": key.owner, "key": key.id}


def text(part: bytes | str) -> str:
    """A part of a header, which servers hand over in either form."""
    return part.decode("latin-1") if isinstance(part, bytes) else part


async def own(ctx: Any, value: Any) -> Any:
    """What is made is the caller's, and nothing else is found."""
    owner = {"owner": ctx.user.identity}
    if isinstance(value, dict):
        # In place: what is created is made of this very dictionary.
        if value.get("metadata") is None:
            value["metadata"] = {}
        value["metadata"].update(owner)
    return owner


async def own_assistants(ctx: Any, value: Any) -> Any:
    """The same, but that the server's own assistants are everybody's to read."""
    if ctx.action in SHARED:
        return {"$or": [{"owner": ctx.user.identity}, {"created_by": "system"}]}
    return await own(ctx, value)


async def own_items(ctx: Any, value: Any) -> None:
    """Items lie below their owner's name."""
    place = tuple(value.get("namespace") or ())
    if place[:1] != (ctx.user.identity,):
        value["namespace"] = (ctx.user.identity, *place)
