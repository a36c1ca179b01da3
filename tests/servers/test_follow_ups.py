"""A served thread goes on from its best picture."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from graph_server import GraphServer

pytestmark = [pytest.mark.servers, pytest.mark.slow]
CHANGE = "now make the sky darker"


def test_the_next_message_of_a_chat_changes_the_picture(studio: GraphServer) -> None:
    with studio.client() as client:
        thread = client.threads.create()["thread_id"]
        context = {"memory": False, "rounds": 1}
        for words in ("a cat", CHANGE):
            said: Any = {"messages": [{"role": "user", "content": words}]}
            result: Any = client.runs.wait(thread, "gems", input=said, context=context)
        facts: Any = client.threads.get_state(thread)["values"]
    assert result["prompt"] == CHANGE and result["request"] == f"a cat, {CHANGE}"
    assert [message["type"] for message in result["messages"]] == ["human", "ai"] * 2
    assert [turn["prompt"] for turn in result["earlier"]] == ["a cat"]
    for attempt in (*facts["turns"][0]["attempts"], *facts["attempts"]):
        picture = httpx.get(f"{studio.url}/gems/pictures/{attempt['image']['sha256']}.png")
        assert picture.headers["content-type"] == "image/png"
    page = httpx.get(f"{studio.url}/gems/runs/{thread}.html", timeout=30).text
    assert "Before: a cat" in page


def test_a_follow_up_is_a_field_of_the_input(studio: GraphServer) -> None:
    with studio.client() as client:
        thread = client.threads.create()["thread_id"]
        context = {"memory": False, "rounds": 1}
        client.runs.wait(thread, "gems", input={"prompt": "a cat"}, context=context)
        result: Any = client.runs.wait(thread, "gems", input={"follow_up": CHANGE})
        assert result["request"] == f"a cat, {CHANGE}" and len(result["rounds"]) == 1
        empty = client.threads.create()["thread_id"]
        refused: Any = client.runs.wait(empty, "gems", input={"follow_up": CHANGE}, raise_error=False)
    assert "no picture to go on from" in str(refused)
