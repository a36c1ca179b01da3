"""Opens ``openai:MODEL``: ChatOpenAI for OpenAI and every server that speaks its chat API."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from ...settings import Settings
from ..capabilities import Health
from ..endpoint import Endpoint, connection_options, is_openai_itself, resolve_endpoint
from ..server_check import check_endpoint
from .completion import read_completion
from .dialect import LIMITS, MODES, Dialect
from .langchain import LangChainMLLM

CONNECTIONS = 32
"""How many connections one client is meant to have; see ``open_chats``."""


class OpenAIChat(LangChainMLLM):
    """A model behind ``POST /chat/completions``; see ``MLLM``. Sends nothing before it is asked.

    Raises:
        InputError: OpenAI itself is meant and there is no key.
    """

    def __init__(self, spec: str, settings: Settings) -> None:
        model = spec.partition(":")[2]
        endpoint = resolve_endpoint(settings, "mllm")
        endpoint.check_key(spec)
        self._endpoint = endpoint
        limits = LIMITS[1:] if is_openai_itself(endpoint.url) else LIMITS
        super().__init__(
            lambda: open_chats(model, endpoint, settings),
            settings,
            name=spec,
            where=f"{model} at {endpoint.url}",
            url=endpoint.url,
            dialect=Dialect(
                MODES,
                limits,
                settings.mllm_max_tokens,
                settings.mllm_temperature,
                weigh=settings.mllm_logprobs,
            ),
        )

    async def check(self) -> Health:
        """See ``Checkable``; asks for the list of models, so it costs no tokens."""
        return await check_endpoint(self.name, self._endpoint)


def open_chats(model: str, endpoint: Endpoint, settings: Settings) -> list[BaseChatModel]:
    """ChatOpenAI for ``endpoint``, as many as should take turns.

    A client looks at each of its open connections whenever a request begins or ends; several clients
    with few connections each save most of that.
    """
    # A dictionary: mypy knows these fields by their names only, pyright by their aliases only.
    options: dict[str, Any] = {
        "model": model,
        # GEMS retries itself, by one policy for all servers, and counts each request.
        "max_retries": 0,
        "timeout": settings.mllm_timeout,
        "use_responses_api": False,
        "disable_streaming": True,
        # The HTTP clients are ours: LangChain's own would warn of proxies that they do not see.
        "http_socket_options": (),
    }
    return [
        chat_openai_class()(**options, **connection_options(endpoint))
        for _ in range(math.ceil(settings.mllm_concurrency / CONNECTIONS))
    ]


def without_parts(message: BaseMessage) -> BaseMessage:
    """A message of texts and pictures without them."""
    return message if isinstance(message.content, str) else message.model_copy(update={"content": ""})


def as_sent(content: str | list[Any]) -> str | list[Any]:
    """A message's content in the form of the chat API: pictures become data URLs."""
    if isinstance(content, str):
        return content
    return [
        {"type": "image_url", "image_url": {"url": f"data:{part['mime_type']};base64,{part['base64']}"}}
        if isinstance(part, dict) and part.get("type") == "image"
        else part
        for part in content
    ]


@cache
def chat_openai_class() -> type[BaseChatModel]:
    """ChatOpenAI that reads compatible servers, costs less and can be closed."""
    from langchain_openai import ChatOpenAI

    class CompatibleChatOpenAI(ChatOpenAI):
        """ChatOpenAI reads what OpenAI sends; of what compatible servers send it drops the reasoning,
        and fails in its own midst where there is no answer."""

        async def _agenerate(
            self,
            messages: list[BaseMessage],
            stop: list[str] | None = None,
            run_manager: Any = None,
            **kwargs: Any,
        ) -> ChatResult:
            payload = self._get_request_payload(messages, stop=stop, **kwargs)
            answer = await self.async_client.with_raw_response.create(**payload)
            message = read_completion(answer.http_response.content)
            return ChatResult(generations=[ChatGeneration(message=message)])

        def _get_request_payload(
            self, input_: Any, *, stop: list[str] | None = None, **kwargs: Any
        ) -> dict[str, Any]:
            # LangChain resolves type hints anew for each part of a message, and the client walks
            # through all that is not in extra_body, comparing it with type hints: a fifth of what a
            # call costs here, for parts whose final form is known.
            bare = [without_parts(message) for message in input_]
            payload = super()._get_request_payload(bare, stop=stop, **kwargs)
            body = payload.get("extra_body") or {}
            messages = [
                {**sent, "content": as_sent(said.content)}
                for said, sent in zip(input_, payload["messages"], strict=True)
            ]
            return {**payload, "messages": [], "extra_body": {**body, "messages": messages}}

        async def aclose(self) -> None:
            """See ``Closeable``. LangChain shares its other client among all chat models."""
            if self.http_async_client is not None:
                await self.http_async_client.aclose()

    return CompatibleChatOpenAI
