"""Chat models by name, and what a missing piece is told as."""

from __future__ import annotations

from typing import Any

import pytest
from gems.errors import InputError
from gems.models.chat.by_name import find_chat_class, open_chat_by_name
from gems.settings import Settings
from langchain_core.language_models.fake_chat_models import FakeListChatModel


def test_a_package_is_found_by_its_short_name_and_its_chat_class_in_it() -> None:
    from langchain_openai import ChatOpenAI

    assert find_chat_class("openai") is ChatOpenAI
    assert find_chat_class("langchain_openai.ChatOpenAI") is ChatOpenAI


def test_a_class_may_be_named_with_its_module() -> None:
    module = "langchain_core.language_models.fake_chat_models"
    assert find_chat_class(f"{module}.FakeListChatModel") is FakeListChatModel


@pytest.mark.parametrize(
    ("spec", "advice"),
    [
        ("nowhere:m", "pip install langchain-nowhere"),
        ("no_such_pack.Chat:m", "pip install no-such-pack"),
        ("langchain_openai.Nothing:m", "no chat model called Nothing"),
        ("openai:gpt", "cannot be opened: .*OPENAI_API_KEY"),
        ("openai", "use langchain:PROVIDER:MODEL"),
    ],
)
def test_what_is_missing_is_said_in_one_line(spec: str, advice: str) -> None:
    with pytest.raises(InputError, match=advice) as caught:
        open_chat_by_name(spec, Settings())
    assert "\n" not in str(caught.value)


def test_a_chat_model_by_name_leaves_retries_to_gems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    chat: Any = open_chat_by_name("openai:gpt-x", Settings(mllm_temperature=0.3))
    assert (chat.model_name, chat.max_retries, chat.temperature) == ("gpt-x", 0, 0.3)
