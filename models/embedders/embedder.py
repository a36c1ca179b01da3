"""The protocol of embedders: texts in, vectors out, and from where on two texts count as alike."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeAlias

from ...errors import Cost, InputError
from ...settings import Settings

Request: TypeAlias = Callable[[], Awaitable[tuple[list[list[float]], Cost]]]
"""Asks a server for vectors: those, and what they cost."""
Pay: TypeAlias = Callable[[Request], Awaitable[list[list[float]]]]
"""Makes a request that is paid, and returns its vectors."""


async def unpaid(request: Request) -> list[list[float]]:
    """Makes a request that nobody counts."""
    return (await request())[0]


class Embedder(Protocol):
    """Texts in, vectors out: all of one length, of which the cosine says how near two texts are."""

    name: str
    """Stored with a collection: vectors of different embedders do not compare."""

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector a text, of unit length.

        Raises:
            UnreachableError, RefusedError: a remote embedder did not do its part.
        """
        ...

    async def least_likeness(self, vector: Sequence[float]) -> float:
        """The cosine from which on a text is about the same as that of ``vector``.

        Raises:
            as ``embed``.
        """
        ...


def open_embedder(settings: Settings, pay: Pay = unpaid) -> Embedder:
    """The embedder the settings name; its weights are read when it is first used.

    Args:
        settings: what there is.
        pay: who pays for its requests, if a server gets any.

    Raises:
        InputError: there is none of that name.
    """
    from .e5 import E5Embedder
    from .hashing import HashingEmbedder
    from .server import ServerEmbedder

    kind, _, model = settings.embedder.partition(":")
    if settings.embedder == "e5":
        return E5Embedder()
    if settings.embedder == "hashing":
        return HashingEmbedder()
    if kind == "openai" and model:
        return ServerEmbedder(model, settings, pay)
    raise InputError(f"GEMS_EMBEDDER={settings.embedder!r} is unknown: use e5, hashing or openai:MODEL")
