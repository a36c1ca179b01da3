"""ChatOpenAI as GEMS opens it: how many clients there are, and how long they live."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from conftest import settings_for
from fake_server import FakeServer
from gems.models.chat.openai import open_chats
from gems.models.endpoint import resolve_endpoint
from gems.models.loop import model_loop
from gems.models.registry import open_mllm
from gems.nodes.planner import PLANNER
from gems.settings import Settings

FIELDS = {"prompt": "a cat", "skills": [], "experiences": [], "track_record": []}


def test_clients_with_few_connections_each_take_turns() -> None:
    settings = Settings(mllm_base_url="http://127.0.0.1:9/v1", mllm_concurrency=33)
    chats: list[Any] = open_chats("m", resolve_endpoint(settings, "mllm"), settings)
    assert [chat.openai_api_base for chat in chats] == ["http://127.0.0.1:9/v1"] * 2


def test_a_closed_model_lets_go_of_its_clients_and_opens_new_ones(
    server: FakeServer, tmp_path: Path
) -> None:
    model: Any = open_mllm("openai:fake", settings_for(server, tmp_path))
    asyncio.run(model.ask(PLANNER, FIELDS))
    clients = [chat.http_async_client for chat in on_loop(model._pool.get).chats]
    asyncio.run(model.aclose())
    asyncio.run(model.aclose())
    assert all(client.is_closed for client in clients)
    assert asyncio.run(model.ask(PLANNER, FIELDS)).answer.skill == "none"


def on_loop(work: Any) -> Any:
    """What ``work`` returns on the model loop."""

    async def done() -> Any:
        return work()

    return asyncio.run_coroutine_threadsafe(done(), model_loop()).result(10)
