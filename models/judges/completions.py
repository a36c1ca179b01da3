"""Judges of public benchmarks: chat completions asked for word by word, as a protocol has them.

The loop's MLLMs go through LangChain, which fits a request to what a server can do. A benchmark's
request is part of the benchmark, so here a body is sent as it is: nothing is added, repaired or asked
in another form.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

import httpx
from pydantic import BaseModel, Field

from ...errors import AnswerError, InputError
from ...settings import Settings
from ..endpoint import resolve_endpoint
from ..http import HttpServer, Limits
from ..loop import on_model_loop

Completion = dict[str, Any]
"""A chat completion's JSON object."""


class Token(BaseModel):
    """One of the tokens that could stand at a place."""

    token: str
    logprob: float | None = None
    bytes: list[Annotated[int, Field(ge=0, le=255)]] | None = None


class Place(Token):
    """What stands at a place, and what could."""

    top_logprobs: list[Token] | None = None


class LogProbs(BaseModel):
    """The places of an answer."""

    content: list[Place] | None = None


class Message(BaseModel):
    """What was said, in whatever form."""

    content: Any = None


class Choice(BaseModel):
    """What is read of an answer; the rest of it is kept as it came."""

    message: Message
    logprobs: LogProbs | None = None


class CompletionJudge:
    """An OpenAI-compatible server that judges, with an address, key and limits of its own."""

    def __init__(self, spec: str, settings: Settings) -> None:
        """Opens ``openai:MODEL``. Sends nothing yet.

        Raises:
            InputError: the spec is another, or OpenAI itself is meant and there is no key.
        """
        kind, _, self.model = spec.removeprefix("mllm:").partition(":")
        if kind != "openai" or not self.model:
            raise InputError(
                f"{spec!r} cannot judge a public benchmark: give --judge openai:MODEL (GEMS_JUDGE) "
                "and its server as GEMS_JUDGE_BASE_URL"
            )
        self.name = spec
        self._endpoint = resolve_endpoint(settings, "judge")
        self._endpoint.check_key(spec)
        limits = Limits(
            settings.judge_timeout, settings.judge_retries, settings.judge_concurrency, "GEMS_JUDGE"
        )
        where = f"the judge {self.model} at {self._endpoint.url}"
        self._server = HttpServer(where, limits, self._endpoint.url)

    @property
    def url(self) -> str:
        """The server's base URL."""
        return self._endpoint.url

    async def ask(self, body: Mapping[str, Any]) -> Completion:
        """The completion of ``body``, to which the model's name is added.

        Raises:
            UnreachableError, AccessError: nothing can be asked there now.
            RefusedError: the server will not answer this.
            AnswerError: what came is no completion, also after retries.
        """
        request = {"model": self.model, **body}
        url, headers = self._endpoint.at("chat/completions"), self._endpoint.headers
        return await on_model_loop(
            self._server.send("POST", url, self._read, json=request, headers=headers)
        )

    def _read(self, answer: httpx.Response) -> Completion:
        try:
            completion = json.loads(answer.content)
            choice = completion["choices"][0]
            Choice.model_validate(choice)
        # Pydantic's own is a ValueError, too.
        except (ValueError, KeyError, IndexError, TypeError) as exc:
            raise AnswerError(f"{self.name} sent no chat completion: {answer.text[:200]}") from exc
        return {"choice": choice, "usage": completion.get("usage") or {}}

    async def aclose(self) -> None:
        """See ``Closeable``."""
        await self._server.aclose()
