"""What ``make fuzz`` found, each answer as it came over the wire."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import odd_pictures as odd
import pytest
from gems.errors import AnswerError, BackendError, UnreachableError
from gems.models.chat.translation import translate
from gems.models.pictures.generator import Draw, Generator
from gems.models.registry import open_generator
from gems.settings import Settings
from PIL import Image
from wire import Wire, WireServer

PNG = odd.encoded(Image.new("RGB", (32, 32), "red"))
API = b'{"data": [{"b64_json": "%s"}]}' % base64.b64encode(PNG)


@pytest.fixture
def wires() -> Iterator[WireServer]:
    with WireServer() as server:
        yield server


@pytest.fixture(params=["openai:fake", "gems-http:{url}/draw"])
def generator(request: pytest.FixtureRequest, wires: WireServer, tmp_path: Path) -> Generator:
    settings = Settings(
        home=tmp_path, generator_base_url=f"{wires.url}/v1", generator_retries=0, generator_timeout=30
    )
    return open_generator(request.param.format(url=wires.url), settings)


def failure(generator: Generator, kind: type[BackendError]) -> str:
    with pytest.raises(kind) as caught:
        asyncio.run(generator.draw([Draw("a cat", 1)]))
    return str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://[", "http://[::1", "//[", "http://[x]:80/a.png", "[::1]:80/a", "http://a:b:c/"]
)
def test_an_address_that_is_none(wires: WireServer, generator: Generator, url: str) -> None:
    wires.respond = lambda request: Wire(b'{"data": [{"url": "%s"}]}' % url.encode())
    said = failure(generator, BackendError)
    assert said.isprintable() and len(said) < 500


@pytest.mark.parametrize(
    "body", [b"A" * 20_000, b'{"data": [{"b64_json": "' + b"iVBOR" * 3000 + b'"}]}']
)
@pytest.mark.parametrize("status", [204, 304])
def test_a_body_where_none_belongs(
    wires: WireServer, generator: Generator, status: int, body: bytes
) -> None:
    """Its bytes come before the next answer of the connection, and stay out of what is said of it."""
    wires.respond = lambda request: Wire(body, status=status)

    async def twice() -> list[Any]:
        draws = (generator.draw([Draw("a cat", seed)]) for seed in (1, 2))
        return [(await asyncio.gather(draw, return_exceptions=True))[0] for draw in draws]

    for error in asyncio.run(twice()):
        assert isinstance(error, AnswerError | UnreachableError), error
        assert str(error).isprintable() and len(str(error)) < 600
    wires.respond = lambda request: Wire(PNG) if "draw" in request.path else Wire(API)
    for _ in range(3):
        try:
            drawn = asyncio.run(generator.draw([Draw("a cat", 3)]))
        except UnreachableError:
            continue
        assert drawn[0].data == PNG
        return
    raise AssertionError("the connection was not given up")


@pytest.mark.parametrize("kind", [RuntimeError, ConnectionError])
def test_an_exception_with_escape_sequences_in_it(kind: type[Exception]) -> None:
    """Of a server that answers 301 with them, which the client's class knows no status of."""
    failed = translate(kind("Error code: 301 - \x1b[31mred\x1b[0m"), "fake", "http://127.0.0.1:1", 1.0)
    assert str(failed.error).isprintable() and "red" in str(failed.error)
