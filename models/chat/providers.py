"""Opens LangChain chat models: ChatOpenAI for compatible servers, any other class by its name."""

from __future__ import annotations

import importlib
import inspect
import math
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from langchain_core.language_models import BaseChatModel

from ...errors import InputError
from ...settings import Settings

OPENAI_URL = "https://api.openai.com/v1"
CONNECTIONS = 32
"""How many connections one client is meant to have."""


def is_openai_itself(base_url: str | None) -> bool:
    """Whether OpenAI's own servers are meant."""
    return (urlsplit(base_url or OPENAI_URL).hostname or "").endswith("api.openai.com")


@cache
def chat_openai_class() -> Callable[..., BaseChatModel]:
    """ChatOpenAI that keeps reasoning and costs less."""
    from langchain_openai import ChatOpenAI
    from langchain_openai.chat_models.base import ChatResult  # type: ignore[attr-defined]

    class ReasoningChatOpenAI(ChatOpenAI):
        """ChatOpenAI drops the reasoning that compatible servers send beside the content."""

        def _create_chat_result(
            self, response: Any, generation_info: dict[str, Any] | None = None
        ) -> ChatResult:
            result = super()._create_chat_result(response, generation_info)
            raw = response if isinstance(response, dict) else response.model_dump()
            for choice, generation in zip(raw["choices"], result.generations, strict=False):
                said = choice["message"]
                reasoning = said.get("reasoning_content") or said.get("reasoning")
                if isinstance(reasoning, str):
                    generation.message.additional_kwargs["reasoning_content"] = reasoning
            return result

        def _get_request_payload(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
            # The client walks through all that is not in extra_body, comparing it with type hints:
            # a sixth of what a call costs here, for messages that are in their final form already.
            payload = super()._get_request_payload(*args, **kwargs)
            body = payload.get("extra_body") or {}
            return {
                **payload,
                "messages": [],
                "extra_body": {**body, "messages": payload["messages"]},
            }

    return ReasoningChatOpenAI


def open_chats_openai(model: str, settings: Settings) -> list[BaseChatModel]:
    """ChatOpenAI for OpenAI and compatible servers, as many as should take turns.

    A client looks at each of its open connections whenever a request begins or ends; several clients
    with few connections each spare most of that.

    Raises:
        InputError: OpenAI itself is meant and there is no key.
    """
    from openai import DefaultAsyncHttpxClient

    if settings.mllm_api_key is None and settings.mllm_base_url is None:
        raise InputError(
            f"openai:{model} needs a key: set GEMS_MLLM_API_KEY, or GEMS_MLLM_BASE_URL for a server "
            "of your own"
        )
    return [
        chat_openai_class()(
            model=model,
            base_url=settings.mllm_base_url or OPENAI_URL,
            api_key=settings.mllm_api_key or "none",
            max_retries=0,
            timeout=settings.mllm_timeout,
            temperature=settings.mllm_temperature,
            use_responses_api=False,
            http_async_client=DefaultAsyncHttpxClient(),
        )
        for _ in range(math.ceil(settings.mllm_concurrency / CONNECTIONS))
    ]


def open_chat_by_name(spec: str, settings: Settings) -> BaseChatModel:
    """The chat model for ``PROVIDER:MODEL``: PROVIDER is ``anthropic`` for langchain_anthropic, or a
    dotted class.

    Raises:
        InputError: no such package or class, or it does not accept the model.
    """
    provider, _, model = spec.partition(":")
    if not provider or not model:
        raise InputError(f"langchain:{spec} names no model: use langchain:PROVIDER:MODEL")
    kind = find_chat_class(provider)
    options: dict[str, Any] = {"model": model}
    if settings.mllm_temperature is not None:
        options["temperature"] = settings.mllm_temperature
    if "max_retries" in kind.model_fields:
        options["max_retries"] = 0
    try:
        return kind(**options)
    # A missing key is an error of the provider's own kind, which GEMS does not know.
    except Exception as exc:
        reason = " ".join(str(exc).split())[:300]
        raise InputError(f"langchain:{spec} cannot be opened: {reason}") from exc


def find_chat_class(provider: str) -> type[BaseChatModel]:
    """The chat model class a provider's name means.

    Raises:
        InputError: it cannot be found.
    """
    package, _, wanted = provider.rpartition(".")
    if not package:
        package, wanted = f"langchain_{provider.replace('-', '_')}", ""
    try:
        module = importlib.import_module(package)
    except ImportError as exc:
        name = package.split(".")[0].replace("_", "-")
        raise InputError(f"langchain:{provider} needs a package: pip install {name}") from exc
    found = [
        kind
        for name in ([wanted] if wanted else sorted(vars(module)))
        if inspect.isclass(kind := getattr(module, name, None)) and issubclass(kind, BaseChatModel)
    ]
    chats = [kind for kind in found if kind.__name__.startswith("Chat")] or found
    if not chats:
        raise InputError(f"{package} has no chat model{' called ' + wanted if wanted else ''}")
    return min(chats, key=lambda kind: len(kind.__name__))
