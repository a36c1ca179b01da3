"""The embeddings endpoint of OpenAI or a compatible server."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any, TypeAlias

from ...errors import Cost, UnreachableError
from ...settings import Settings
from ..endpoint import connection_options, resolve_endpoint
from ..loop import on_model_loop
from ..loop_bound import LoopBound
from ..retry import FailedRequestError, with_retries
from .embedder import Pay, unpaid
from .likeness import BACKGROUND, Background, measure_background

AT_ONCE = 64
"""Texts in one request."""
Embedded: TypeAlias = tuple[list[list[float]], Cost]


class ServerEmbedder:
    """The embeddings endpoint of OpenAI or a compatible server; ``pay`` makes each of its requests."""

    def __init__(self, model: str, settings: Settings, pay: Pay = unpaid) -> None:
        self.name = f"openai:{model}"
        self._pay = pay
        self._settings = settings
        self._client = LoopBound(lambda: open_client(model, settings))
        self._background: Background | None = None

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """See ``Embedder``."""
        vectors: list[list[float]] = []
        for start in range(0, len(texts), AT_ONCE):
            some = list(texts[start : start + AT_ONCE])
            vectors += await self._pay(partial(self._ask, some))
        return [to_unit(vector) for vector in vectors]

    async def least_likeness(self, vector: Sequence[float]) -> float:
        """See ``Embedder``; costs one request a process."""
        if self._background is None:
            self._background = measure_background(await self.embed(BACKGROUND))
        return self._background.least_likeness(vector)

    async def _ask(self, texts: list[str]) -> Embedded:
        return await on_model_loop(self._embed(texts))

    async def _embed(self, texts: list[str]) -> Embedded:
        return await with_retries(lambda: self._once(texts), self._settings.mllm_retries)

    async def _once(self, texts: list[str]) -> Embedded:
        # Imported when it is needed: importing LangChain takes longer than most commands.
        from ..chat.translation import translate

        client = self._client.get()
        try:
            # LangChain's own method drops how many tokens were read.
            answer = await client.async_client.create(model=client.model, input=texts)
            vectors: list[list[float]] = [item.embedding for item in answer.data]
            lengths = {len(vector) for vector in vectors}
        # What is no list of vectors makes the client fail in ways of its own.
        except Exception as exc:
            limit = self._settings.mllm_timeout
            where = f"embedder {self.name}"
            raise translate(exc, where, client.openai_api_base, limit, "EMBEDDER") from exc
        if len(lengths) != 1 or len(vectors) != len(texts):
            error = UnreachableError(f"embedder {self.name} answers with too few numbers")
            raise FailedRequestError(error, True)
        return vectors, Cost(requests=1, input_tokens=tokens_in(answer))

    async def aclose(self) -> None:
        """See ``Closeable``: the HTTP client, which the next call opens again."""
        await on_model_loop(self._close())

    async def _close(self) -> None:
        if client := self._client.take():
            await client.http_async_client.aclose()


def tokens_in(answer: Any) -> int:
    """How many tokens a server says that it read; 0: it does not say."""
    tokens = getattr(getattr(answer, "usage", None), "prompt_tokens", None)
    return tokens if isinstance(tokens, int) else 0


def to_unit(vector: Sequence[float]) -> list[float]:
    """``vector`` at length 1; as it is where it has none."""
    length = math.sqrt(sum(x * x for x in vector))
    return [x / length for x in vector] if length else list(vector)


def open_client(model: str, settings: Settings) -> Any:
    """LangChain's client for the server of the embeddings."""
    from langchain_openai import OpenAIEmbeddings

    # A dictionary: mypy knows these fields by their names only, pyright by their aliases only.
    options: dict[str, Any] = {
        "model": model,
        "timeout": settings.mllm_timeout,
        "max_retries": 0,
        # Else texts are sent as OpenAI's tokens, which other servers do not read.
        "check_embedding_ctx_length": False,
    }
    return OpenAIEmbeddings(**options, **connection_options(resolve_endpoint(settings, "embedder")))
