"""What picture servers may answer besides a good picture, and what becomes of the others' draws."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import pytest
from conftest import settings_for
from fake_server import SILENCE, Answer, Call, FakeServer
from gems.errors import AnswerError, RefusedError
from gems.models.pictures.generator import Draw, Generator
from gems.models.registry import open_generator


@pytest.fixture(params=["openai:fake", "gems-http:{url}/draw"])
def generator(request: pytest.FixtureRequest, server: FakeServer, tmp_path: Path) -> Generator:
    return open_generator(request.param.format(url=server.url), settings_for(server, tmp_path))


def json_answer(value: object) -> Answer:
    return Answer(data=json.dumps(value).encode(), media="application/json")


@pytest.mark.parametrize("data", [b"", b"<html>", b"\x89PNG\r\n\x1a\n", b'{"data": []}'])
def test_what_is_no_picture_is_an_error_of_one_line(
    server: FakeServer, generator: Generator, data: bytes
) -> None:
    server.image_script = lambda call, number: Answer(data=data)
    with pytest.raises(AnswerError, match="no picture") as caught:
        asyncio.run(generator.draw([Draw("a cat", 1)]))
    assert "\n" not in str(caught.value)


def test_the_first_failure_ends_the_other_draws(server: FakeServer, generator: Generator) -> None:
    def script(call: Call, number: int) -> Answer | str:
        return Answer("no", status=401) if call.body["prompt"] == "bad" else SILENCE

    server.image_script = script
    start = time.monotonic()
    with pytest.raises(RefusedError):
        asyncio.run(generator.draw([Draw("good", 1), Draw("bad", 2), Draw("good", 3)]))
    assert time.monotonic() - start < 2 and len(server.calls) == 3


def test_a_cancelled_draw_stops_waiting(server: FakeServer, generator: Generator) -> None:
    server.image_script = lambda call, number: SILENCE

    async def impatient() -> None:
        async with asyncio.timeout(0.2):
            await generator.draw([Draw("a cat", 1)])

    with pytest.raises(TimeoutError):
        asyncio.run(impatient())


@pytest.fixture
def images_api(server: FakeServer, tmp_path: Path) -> Generator:
    return open_generator("openai:fake", settings_for(server, tmp_path))


def test_a_picture_may_come_as_an_address(server: FakeServer, images_api: Generator) -> None:
    picture = server.conversation.picture("a cat")

    def script(call: Call, number: int) -> Answer:
        return json_answer({"data": [{"url": f"{server.url}/picture.png"}]})

    server.image_script = script
    server.files["/picture.png"] = picture
    assert asyncio.run(images_api.draw([Draw("a cat", 1)]))[0].data == picture


@pytest.mark.parametrize(
    "value", [{}, {"data": []}, {"data": ["x"]}, {"data": [{}]}, {"data": [{"b64_json": "é!"}]}, []]
)
def test_an_answer_without_a_picture_is_an_error(
    server: FakeServer, images_api: Generator, value: object
) -> None:
    server.image_script = lambda call, number: json_answer(value)
    with pytest.raises(AnswerError):
        asyncio.run(images_api.draw([Draw("a cat", 1)]))


def test_gems_http_keeps_the_query_of_the_address(server: FakeServer, tmp_path: Path) -> None:
    settings = settings_for(server, tmp_path)
    generator = open_generator(f"gems-http:{server.url}/draw?model=x", settings)
    prompt = "a cat & a dog? 100% #1 größer\n+"
    asyncio.run(generator.draw([Draw(prompt, 7, 320)]))
    wanted = {"model": "x", "prompt": prompt, "seed": "7", "width": "320"}
    assert server.calls[0].body == wanted


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"errors": {"prompt": ["is too long"]}}, "prompt: is too long"),
        ([{"detail": {"message": "no such size"}}], "no such size"),
        ({"data": None, "error": {"errors": [{"reason": "busy"}]}}, "busy"),
    ],
)
def test_the_words_of_an_error_of_status_200_are_told(
    server: FakeServer, generator: Generator, body: object, words: str
) -> None:
    server.image_script = lambda call, number: json_answer(body)
    with pytest.raises((AnswerError, RefusedError), match=words):
        asyncio.run(generator.draw([Draw("a cat", 1)]))
