"""Opens ``langchain:PROVIDER:MODEL``: any LangChain chat model class, by its name."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

from langchain_core.language_models import BaseChatModel

from ...errors import InputError
from ...settings import Settings
from ..proxies import broken_proxy, unusable_proxies
from .langchain import LangChainMLLM


def open_mllm(spec: str, settings: Settings) -> LangChainMLLM:
    """The MLLM for ``langchain:PROVIDER:MODEL``. Sends nothing yet.

    Its key and address are the provider's own affair: its class reads its own variables.

    Raises:
        InputError: the provider is not installed, or does not accept the model.
    """
    return LangChainMLLM(open_chat_by_name(spec.partition(":")[2], settings), settings, name=spec)


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
        reason = broken_proxy(exc) if unusable_proxies() else " ".join(str(exc).split())[:300]
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
