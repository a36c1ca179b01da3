"""A run as a turn of a conversation."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from gems import build_graph
from gems.errors import InputError
from gems.models.fakes import FakeGenerator
from gems.models.pictures.card import Card
from gems.settings import Settings
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.memory import InMemorySaver
from odd_pictures import encoded
from PIL import Image
from scripted_sessions import scripted

PICTURE = encoded(Image.new("RGB", (8, 8), "red"))
THREAD: Any = {"configurable": {"thread_id": "1"}}


def loop(home: Path, generator: FakeGenerator | None = None, **roles: Any) -> Any:
    return build_graph(
        settings=Settings(home=home),
        mllm=scripted(**roles),
        generator=generator or FakeGenerator(),
        checkpointer=InMemorySaver(),
    )


def asking(text: str, *pictures: dict[str, Any]) -> dict[str, Any]:
    content: Any = [{"type": "text", "text": text}, *pictures] if pictures else text
    return {"messages": [HumanMessage(content)]}


def forms(data: bytes) -> list[dict[str, Any]]:
    encoded = base64.b64encode(data).decode()
    return [
        {"type": "image", "base64": encoded, "mime_type": "image/png"},
        {"type": "image", "source_type": "base64", "data": encoded, "mime_type": "image/png"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{encoded}"}},
        {"type": "image_url", "image_url": f"data:image/png;base64,{encoded}"},
    ]


def test_the_last_message_is_the_prompt_and_is_answered(tmp_path: Path) -> None:
    generator = FakeGenerator()
    graph = loop(tmp_path, generator, reviser={"anew": True, "request": "a dog"})
    result = graph.invoke(asking("a cat"), THREAD)
    question, answer = result["messages"]
    assert result["prompt"] == question.content == "a cat"
    assert isinstance(answer, AIMessage) and result["image"] in str(answer.content)
    other = graph.invoke(asking("a dog"), THREAD)
    assert other["prompt"] == other["request"] == "a dog"
    assert generator.history[2].prompt == "a dog" and len(other["earlier"]) == 1


def test_the_next_message_changes_the_picture_that_is_there(tmp_path: Path) -> None:
    generator = FakeGenerator()
    darker = {"request": "a cat at dusk", "prompt": "a cat, a cat, at dusk"}
    graph = loop(tmp_path, generator, reviser=darker)
    first = graph.invoke(asking("a cat"), THREAD)
    result = graph.invoke(asking("now make it darker"), THREAD)
    assert result["prompt"] == "now make it darker" and result["request"] == "a cat at dusk"
    assert generator.history[2].prompt == "a cat, a cat, at dusk"
    assert [message.type for message in result["messages"]] == ["human", "ai"] * 2
    assert result["earlier"][0]["image"] == first["image"] != result["image"]


def test_a_message_that_a_run_failed_on_is_not_taken_up_by_the_next(tmp_path: Path) -> None:
    graph = loop(tmp_path, FakeGenerator(failures=[RuntimeError("power cut")]))
    with pytest.raises(RuntimeError, match="power cut"):
        graph.invoke(asking("a cat"), THREAD)
    assert graph.invoke({"prompt": "a dog"}, THREAD)["prompt"] == "a dog"


def test_pictures_are_references_for_a_generator_that_takes_them(tmp_path: Path) -> None:
    able = Card(name="able", abilities=frozenset({"seed", "references"}))
    for number, form in enumerate(forms(PICTURE)):
        generator = FakeGenerator(card=able)
        loop(tmp_path / str(number), generator).invoke(asking("a cat", form), THREAD)
        [reference] = generator.history[0].references
        assert reference.is_file()


def test_where_it_takes_none_the_run_says_so(tmp_path: Path) -> None:
    generator = FakeGenerator()
    result = loop(tmp_path, generator).invoke(asking("a cat", forms(PICTURE)[0]), THREAD)
    assert not generator.history[0].references
    assert any("left out" in warning for warning in result["warnings"])


@pytest.mark.parametrize(
    ("block", "word"),
    [
        ({"type": "image_url", "image_url": {"url": "http://127.0.0.1:1/x.png"}}, "not fetched"),
        ({"type": "image", "file_id": "file-1"}, "not fetched"),
        ({"type": "image", "base64": "%%%", "mime_type": "image/png"}, "no valid base64"),
        ({"type": "image", "base64": "aGVsbG8=", "mime_type": "image/png"}, "cannot be read"),
    ],
)
def test_a_picture_that_cannot_be_used_is_one_line(
    tmp_path: Path, block: dict[str, Any], word: str
) -> None:
    able = FakeGenerator(card=Card(abilities=frozenset({"references"})))
    with pytest.raises(InputError, match=word):
        loop(tmp_path, able).invoke(asking("a cat", block), THREAD)
