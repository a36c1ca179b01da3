"""Turns texts into vectors for the experience collection. The default works offline.

Hashed words are written by hand so that a plain install needs no model, no fitting and no download;
idf or static vectors are to be measured against them before they change.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Protocol

from ..errors import InputError, UnreachableError
from ..settings import Settings
from .endpoint import connection_options, resolve_endpoint
from .loop import on_model_loop
from .loop_bound import LoopBound
from .retry import FailedRequestError, with_retries

WORD = re.compile(r"\w+")


class Embedder(Protocol):
    """Texts in, vectors of one length out."""

    name: str
    """Stored with a collection: vectors of different embedders do not compare."""

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector a text, of unit length.

        Raises:
            UnreachableError, RefusedError: a remote embedder did not do its part.
        """
        ...


class HashingEmbedder:
    """Words and word pairs hashed into a fixed number of signed buckets (feature hashing,
    Weinberger et al. 2009), damped counts, unit length. No model, no download."""

    def __init__(self, dimensions: int = 512) -> None:
        self.name = f"hashing-{dimensions}"
        self._dimensions = dimensions

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """See ``Embedder``."""
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> list[float]:
        words = [word.rstrip("s") or word for word in WORD.findall(text.casefold())]
        pairs = [f"{a} {b}" for a, b in pairwise(words)]
        vector = [0.0] * self._dimensions
        for feature, count in Counter([*words, *pairs]).items():
            digest = hashlib.blake2b(feature.encode(), digest_size=8).digest()
            number = int.from_bytes(digest, "big")
            sign = 1.0 if number & 1 else -1.0
            vector[(number >> 1) % self._dimensions] += sign * (1 + math.log(count))
        length = math.sqrt(sum(x * x for x in vector))
        if length == 0:
            vector[0] = length = 1.0
        return [x / length for x in vector]


class OpenAIEmbedder:
    """The embeddings endpoint of OpenAI or a compatible server."""

    def __init__(self, model: str, settings: Settings) -> None:
        self.name = f"openai:{model}"
        self._settings = settings
        self._client = LoopBound(lambda: open_client(model, settings))

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """See ``Embedder``."""
        return await on_model_loop(self._embed(list(texts)))

    async def _embed(self, texts: list[str]) -> list[list[float]]:
        return await with_retries(lambda: self._once(texts), self._settings.mllm_retries)

    async def _once(self, texts: list[str]) -> list[list[float]]:
        # Imported when it is needed: importing LangChain takes longer than most commands.
        from .chat.translation import translate

        client = self._client.get()
        try:
            vectors: list[list[float]] = await client.aembed_documents(texts)
        # What is no list of vectors makes LangChain fail in ways of its own.
        except Exception as exc:
            limit = self._settings.mllm_timeout
            raise translate(exc, f"embedder {self.name}", client.openai_api_base, limit) from exc
        if len({len(vector) for vector in vectors}) != 1 or len(vectors) != len(texts):
            error = UnreachableError(f"embedder {self.name} answers with too few numbers")
            raise FailedRequestError(error, True)
        return vectors

    async def aclose(self) -> None:
        """See ``Closeable``."""
        await on_model_loop(self._close())

    async def _close(self) -> None:
        if client := self._client.take():
            await client.http_async_client.aclose()


def open_client(model: str, settings: Settings) -> Any:
    """LangChain's client for the embeddings of the MLLM's server."""
    from langchain_openai import OpenAIEmbeddings

    # A dictionary: mypy knows these fields by their names only, pyright by their aliases only.
    options: dict[str, Any] = {
        "model": model,
        "timeout": settings.mllm_timeout,
        "max_retries": 0,
        "check_embedding_ctx_length": False,
    }
    return OpenAIEmbeddings(**options, **connection_options(resolve_endpoint(settings, "mllm")))


def open_embedder(settings: Settings) -> Embedder:
    """The embedder the settings name.

    Raises:
        InputError: there is none of that name.
    """
    kind, _, model = settings.embedder.partition(":")
    if settings.embedder == "hashing":
        return HashingEmbedder()
    if kind == "openai" and model:
        return OpenAIEmbedder(model, settings)
    raise InputError(f"GEMS_EMBEDDER={settings.embedder!r} is unknown: use hashing or openai:MODEL")
