"""What the generator node makes of what servers and pipelines draw, in whole runs."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import odd_pictures as odd
import pytest
from conftest import settings_for
from fake_server import Answer, FakeServer
from gems import Session
from PIL import Image


@pytest.fixture(params=["openai:fake", "gems-http:{url}/draw"], ids=["api", "http"])
def session(request: pytest.FixtureRequest, server: FakeServer, tmp_path: Path) -> Session:
    spec = request.param.format(url=server.url)
    settings = settings_for(server, tmp_path / "home", generator_retries=0)
    return Session(settings.model_copy(update={"generator": spec}))


def shown(server: FakeServer) -> list[Image.Image]:
    """The pictures that the verifier was sent."""
    said = [str(call.body["messages"]) for call in server.calls if call.kind == "verifier"]
    found = [re.findall(r"base64,([A-Za-z0-9+/=]+)", text) for text in said]
    return [Image.open(io.BytesIO(base64.b64decode(one))) for texts in found for one in texts]


def send(server: FakeServer, data: bytes) -> None:
    """Has the server draw ``data``, over either protocol."""
    encoded = base64.b64encode(data).decode()
    body = f'{{"data": [{{"b64_json": "{encoded}"}}]}}'.encode()
    server.image_script = lambda call, number: Answer(data=body if "model" in call.body else data)


@pytest.mark.parametrize("name", odd.ODD)
def test_the_judge_sees_the_picture_that_the_user_gets(
    session: Session, server: FakeServer, tmp_path: Path, name: str
) -> None:
    data, colour = odd.ODD[name]
    send(server, data)
    result = session.generate("a cat", rounds=1, memory=False, verify="each", out=tmp_path / "out")
    with Image.open(result["image"]) as picture:
        pictures = [picture.convert("RGB"), *(judged.convert("RGB") for judged in shown(server))]
        assert picture.mode == "RGB"
    assert len(pictures) == 4
    for one in pictures:
        found = one.getpixel((3, 3))
        assert one.size == odd.SIZE and isinstance(found, tuple)
        assert max(abs(a - b) for a, b in zip(found, colour, strict=True)) <= 6
