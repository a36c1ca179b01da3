"""Judges of public benchmarks: chat completions asked for word by word, as a protocol has them.

The loop's MLLMs go through LangChain, which fits a request to what a server can do. A benchmark's
request is part of the benchmark, so here a body is sent as it is: nothing is added, repaired or asked
in another form.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx

from ...errors import AnswerError, InputError
from ...settings import Settings
from ..endpoint import resolve_endpoint
from ..http import HttpServer, Limits
from ..loop import on_model_loop

Completion = dict[str, Any]
"""A chat completion's JSON object."""


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
            choice["message"].get("content")
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as exc:
            raise AnswerError(f"{self.name} sent no chat completion: {answer.text[:200]}") from exc
        return {"choice": choice, "usage": completion.get("usage") or {}}

    async def aclose(self) -> None:
        """See ``Closeable``."""
        await self._server.aclose()
