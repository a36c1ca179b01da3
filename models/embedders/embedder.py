"""The protocol of embedders: texts in, vectors out, and from where on two texts count as alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ...errors import InputError
from ...settings import Settings


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


def open_embedder(settings: Settings) -> Embedder:
    """The embedder the settings name; its weights are read when it is first used.

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
        return ServerEmbedder(model, settings)
    raise InputError(f"GEMS_EMBEDDER={settings.embedder!r} is unknown: use e5, hashing or openai:MODEL")
