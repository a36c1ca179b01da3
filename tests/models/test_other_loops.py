"""Models of servers outlive the event loop that they were first used on."""

from __future__ import annotations

import asyncio
from pathlib import Path

from conftest import settings_for
from fake_server import FakeServer
from gems.models.chat.openai import OpenAIChat
from gems.models.pictures.http import PictureServer
from langchain_core.messages import HumanMessage, SystemMessage


def test_a_chat_model_asks_from_a_loop_that_replaced_another(
    server: FakeServer, tmp_path: Path
) -> None:
    server.script = lambda call, number: "said"
    model = OpenAIChat("openai:fake", settings_for(server, tmp_path, mllm_concurrency=1))

    async def ask_often() -> list[str]:
        messages = [SystemMessage("Role: x"), HumanMessage("y")]
        answers = [model.request(list(messages), {}) for _ in range(4)]
        return [str(answer.text) for answer in await asyncio.gather(*answers)]

    for _ in range(2):
        assert asyncio.run(ask_often()) == ["said"] * 4


def test_a_picture_server_is_asked_from_a_loop_that_replaced_another(
    server: FakeServer, tmp_path: Path
) -> None:
    sender = PictureServer("here", settings_for(server, tmp_path, generator_concurrency=1))

    async def ask_often() -> list[int]:
        sent = [
            sender.send("POST", f"{server.url}/draw?prompt=x", lambda answer: answer.status_code)
            for _ in range(4)
        ]
        return await asyncio.gather(*sent)

    for _ in range(2):
        assert asyncio.run(ask_often()) == [200] * 4
