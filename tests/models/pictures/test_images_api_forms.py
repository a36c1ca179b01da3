"""The Images API as servers speak it: the forms a picture comes in, and the fields they mind."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import hypothesis.strategies as st
import odd_pictures as odd
import pytest
from conftest import settings_for
from fake_server import Answer, Call, FakeServer
from gems.app.cli import app
from gems.errors import AnswerError, BackendError, RefusedError
from gems.models.pictures.answers import Address, picture_in
from gems.models.pictures.generator import Draw, Generator, Picture
from gems.models.pictures.openai import addresses
from gems.models.registry import open_generator
from hypothesis import given, settings
from PIL import Image
from typer.testing import CliRunner

PNG = odd.encoded(Image.linear_gradient("L").convert("RGB").resize((64, 64)))
JPEG = odd.encoded(Image.linear_gradient("L").convert("RGB").resize((64, 64)), "JPEG")
B64, B64_JPEG = base64.b64encode(PNG).decode(), base64.b64encode(JPEG).decode()
WRAPPED = "\n".join(B64[n : n + 76] for n in range(0, len(B64), 76))
URL_SAFE = base64.urlsafe_b64encode(PNG).decode()


@pytest.fixture
def images_api(server: FakeServer, tmp_path: Path) -> Generator:
    server.files["/files/picture.png"] = server.files["/v1/files/picture.png"] = PNG
    return open_generator("openai:fake", settings_for(server, tmp_path, generator_retries=1))


def body(value: object, media: str = "application/json") -> Answer:
    return Answer(data=value if isinstance(value, bytes) else json.dumps(value).encode(), media=media)


def draw(generator: Generator, *draws: Draw) -> list[Picture]:
    return asyncio.run(generator.draw(draws or [Draw("a cat", 1)]))


FORMS: dict[str, Any] = {
    "b64_json": {"data": [{"b64_json": B64}]},
    "a data URI": {"data": [{"b64_json": f"data:image/png;base64,{B64}"}]},
    "a data URI that is escaped": {"data": [{"b64_json": f"data:image/png;base64,{quote(B64)}"}]},
    "a data URI without base64": {"data": [{"b64_json": f"data:image/png,{quote(PNG)}"}]},
    "a data URL": {"data": [{"url": f"data:image/png;base64,{B64}"}]},
    "a data URL in capitals": {"data": [{"url": f"DATA:image/png;BASE64,{B64}"}]},
    "a URL": {"data": [{"url": "{server}/files/picture.png"}]},
    "a URL with a query": {"data": [{"url": "{server}/files/picture.png?sig=a%2Fb"}]},
    "a path": {"data": [{"url": "/files/picture.png"}]},
    "a relative path": {"data": [{"url": "files/picture.png"}]},
    "a relative path with a dot": {"data": [{"url": "./files/picture.png"}]},
    "a URL without its scheme": {"data": [{"url": "//{host}/files/picture.png"}]},
    "a host and a path": {"data": [{"url": "{host}/files/picture.png"}]},
    "a URL beside nothing": {"data": [{"b64_json": None, "url": "{server}/files/picture.png"}]},
    "a URL as b64_json": {"data": [{"b64_json": "{server}/files/picture.png"}]},
    "base64 as a URL": {"data": [{"url": B64}]},
    "base64 of a JPEG as a URL": {"data": [{"url": B64_JPEG}]},
    "wrapped base64": {"data": [{"b64_json": WRAPPED}]},
    "base64 wrapped with returns": {"data": [{"b64_json": WRAPPED.replace("\n", "\r\n") + "\r\n"}]},
    "unpadded base64": {"data": [{"b64_json": B64.rstrip("=")}]},
    "base64 for URLs": {"data": [{"b64_json": URL_SAFE}]},
    "unpadded base64 for URLs": {"data": [{"b64_json": URL_SAFE.rstrip("=")}]},
    "bytes as Python prints them": {"data": [{"b64_json": f"b'{B64}'"}]},
    "a text as an entry": {"data": [B64]},
    "a URL as an entry": {"data": ["{server}/files/picture.png"]},
    "no list": {"data": {"b64_json": B64}},
    "an empty entry first": {"data": [None, {}, {"b64_json": B64}]},
    "images": {"images": [{"url": "{server}/files/picture.png"}]},
    "images as texts": {"images": [B64]},
    "artifacts": {"artifacts": [{"base64": B64, "finishReason": "SUCCESS"}]},
    "output": {"output": ["{server}/files/picture.png"], "status": "succeeded"},
    "predictions": {"predictions": [{"bytesBase64Encoded": B64, "mimeType": "image/png"}]},
    "a nested URL": {"data": [{"image_url": {"url": "{server}/files/picture.png"}}]},
    "a null error beside": {"error": None, "message": "ok", "data": [{"b64_json": B64}]},
    "the picture itself": PNG,
    "a JPEG itself": JPEG,
    "JSON with a mark of its encoding": b"\xef\xbb\xbf"
    + json.dumps({"data": [{"b64_json": B64}]}).encode(),
    "a stream of events": b'event: image_generation.completed\ndata: {"b64_json": "%s"}\n\n'
    b"data: [DONE]\n\n" % B64.encode(),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_picture_is_read_in_every_form(server: FakeServer, images_api: Generator, form: str) -> None:
    answer = FORMS[form]
    if not isinstance(answer, bytes):
        text = json.dumps(answer).replace("{server}", server.url)
        answer = text.replace("{host}", server.url.removeprefix("http://")).encode()
    server.image_script = lambda call, number: body(answer)
    (picture,) = draw(images_api)
    assert picture.data in {PNG, JPEG} and picture.seed == 1
    assert len(server.calls) == 1


@pytest.mark.parametrize("form", ["a data URL", "a path", "wrapped base64", "unpadded base64 for URLs"])
def test_a_run_on_such_a_server_ends_with_a_picture(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, form: str
) -> None:
    for name in ("MLLM", "GENERATOR"):
        monkeypatch.setenv(f"GEMS_{name}", "openai:fake")
        monkeypatch.setenv(f"GEMS_{name}_BASE_URL", server.base_url)
    server.files["/files/picture.png"] = PNG
    server.image_script = lambda call, number: body(FORMS[form])
    out = tmp_path / "out"
    result = CliRunner().invoke(app, ["generate", "a cat", "--rounds", "1", "--out", str(out)])
    assert result.exit_code == 0, result.output
    with Image.open(next(out.glob("*.png"))) as picture:
        assert picture.size == (64, 64)


def test_the_key_goes_to_its_own_server_alone(server: FakeServer, tmp_path: Path) -> None:
    with FakeServer() as other:
        server.files["/own.png"] = other.files["/other.png"] = PNG
        settings = settings_for(server, tmp_path, generator_api_key="sk-secret")
        generator = open_generator("openai:fake", settings)
        for url in ("/own.png", f"{other.url}/other.png"):
            server.image_script = lambda call, number, url=url: body({"data": [{"url": url}]})
            draw(generator)
        assert [head.get("authorization") for head in server.heads] == ["Bearer sk-secret"] * 3
        assert "authorization" not in other.heads[0]


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://host/a.png", "/nowhere.png", "javascript:alert(1)"]
)
def test_an_address_that_leads_to_no_picture_is_one_line(
    server: FakeServer, images_api: Generator, url: str
) -> None:
    server.get_status = 404
    server.image_script = lambda call, number: body({"data": [{"url": url}]})
    with pytest.raises(AnswerError, match="names an address where no picture can be had") as caught:
        draw(images_api)
    assert "\n" not in str(caught.value)


def test_where_a_relative_address_may_lead() -> None:
    base, root = "http://h:1/api/v1/images/generations", "http://h:1/api/v1"
    assert addresses("/x.png", base, root) == ["http://h:1/x.png", "http://h:1/api/v1/x.png"]
    assert addresses("f/x.png", base, root) == [
        "http://h:1/api/v1/images/f/x.png",
        "http://h:1/api/v1/f/x.png",
        "http://h:1/f/x.png",
    ]
    assert addresses("//cdn/x.png", base, root) == ["http://cdn/x.png"]
    assert addresses("h:2/x.png", base, root) == ["http://h:2/x.png"]
    assert addresses("s3://b/x.png", base, root) == []


NO_ANSWER: dict[str, Any] = {
    "nothing": b"",
    "spaces": b" \n ",
    "a page": b"<html><body>busy</body></html>",
    "half of the JSON": b'{"data": [{"b64_json": "iVBOR',
    "an error": {"error": {"message": "the worker is overloaded"}},
    "an error as text": {"error": "the worker is overloaded"},
    "a list of errors": {"errors": [{"detail": "the worker is overloaded"}]},
    "no data": {"created": 1},
    "null": None,
    "data null": {"data": None},
    "data empty": {"data": []},
    "no base64": {"data": [{"b64_json": "é!"}]},
    "deep": b"[" * 100_000,
    "a number": 7,
    "bytes": bytes(range(256)),
}


@pytest.mark.parametrize("form", NO_ANSWER)
def test_an_answer_without_a_picture_is_asked_for_again(
    server: FakeServer, images_api: Generator, form: str
) -> None:
    server.image_script = lambda call, number: body(NO_ANSWER[form]) if number == 0 else None
    assert len(draw(images_api)) == 1 and len(server.calls) == 2


@pytest.mark.parametrize("form", NO_ANSWER)
def test_a_server_that_never_sends_a_picture_is_one_line(
    server: FakeServer, images_api: Generator, form: str
) -> None:
    server.image_script = lambda call, number: body(NO_ANSWER[form])
    with pytest.raises(AnswerError, match="no picture|instead of a picture") as caught:
        draw(images_api)
    said = str(caught.value)
    assert "\n" not in said and said.isprintable() and len(said) < 600
    assert "overloaded" in said or "error" not in form


@pytest.mark.parametrize("name", ["half a png", "half a jpeg", "half a webp", "a bomb"])
def test_a_damaged_picture_is_no_picture(server: FakeServer, images_api: Generator, name: str) -> None:
    server.image_script = lambda call, number: body(
        {"data": [{"b64_json": base64.b64encode(odd.broken()[name]).decode()}]}
    )
    with pytest.raises(AnswerError, match="bytes that are no picture"):
        draw(images_api)


# Fields that a server minds


def minding(*fields: str, say: Callable[[str], str], status: int = 400) -> Any:
    """A script of a server that refuses ``fields``, one at a time, in the words of ``say``."""

    def script(call: Call, number: int) -> Answer | None:
        minded = [name for name in fields if name in call.body]
        return Answer(say(minded[0]), status=status) if minded else None

    return script


WORDS = {
    "openai": "Unknown parameter: '{}'.",
    "pydantic": "body.{}: Extra inputs are not permitted",
    "azure": "Unrecognized request argument supplied: '{}'",
    "xai": 'Argument not supported: "{}"',
    "capitals": "INVALID ARGUMENT `{}`",
}


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("field", ["response_format", "seed", "size", "n"])
def test_a_field_that_is_named_is_left_out_from_then_on(
    server: FakeServer, images_api: Generator, field: str, words: str
) -> None:
    server.image_script = minding(field, say=WORDS[words].format)
    draw(images_api)
    draw(images_api, Draw("a dog", 2))
    assert len(server.calls) == 3
    others = {"model", "prompt", "response_format", "seed", "size", "n"} - {field}
    assert set(server.calls[-1].body) == others


@pytest.mark.parametrize("say", ["Bad Request", "", "Invalid input", "unprocessable entity", "{}"])
@pytest.mark.parametrize(
    "fields", [("response_format",), ("seed",), ("size",), ("response_format", "seed"), ("n", "size")]
)
def test_a_refusal_that_names_nothing_is_met_with_smaller_requests(
    server: FakeServer, images_api: Generator, fields: tuple[str, ...], say: str
) -> None:
    server.image_script = minding(*fields, say=lambda name: say, status=422)
    draw(images_api)
    tries = len(server.calls)
    draw(images_api, Draw("a dog", 2))
    assert tries <= 7 and len(server.calls) == tries + 1
    if fields in {("seed",), ("size",), ("response_format",)}:
        assert len(server.calls[-1].body) == 5


@pytest.mark.parametrize(
    "said",
    [
        "Your request was rejected by our safety system",
        "the prompt is too long",
        "model 'fake' does not exist",
        "content policy violation",
        "billing hard limit reached",
    ],
)
def test_a_refusal_about_something_else_is_final(
    server: FakeServer, images_api: Generator, said: str
) -> None:
    server.image_script = lambda call, number: Answer(said, status=400)
    with pytest.raises(RefusedError, match=said):
        draw(images_api)
    assert len(server.calls) == 1


def test_words_of_the_prompt_are_not_the_servers(server: FakeServer, images_api: Generator) -> None:
    prompt = "a seed packet of size n with its response_format 'n'"
    server.image_script = lambda call, number: Answer(f"rejected by safety: {prompt}", status=400)
    with pytest.raises(RefusedError):
        draw(images_api, Draw(prompt, 1))
    server.image_script = None
    draw(images_api)
    assert {"seed", "size", "n", "response_format"} <= set(server.calls[-1].body)
    assert len(server.calls) == 2


def test_a_server_that_refuses_all_forms_is_told_with_its_first_words(
    server: FakeServer, images_api: Generator
) -> None:
    server.image_script = lambda call, number: Answer(f"Bad Request {number}", status=400)
    with pytest.raises(RefusedError, match="Bad Request 0"):
        draw(images_api)
    server.image_script = None
    draw(images_api)
    assert len(server.calls[-1].body) == 6


def test_a_refusal_with_status_200_is_one(server: FakeServer, images_api: Generator) -> None:
    def script(call: Call, number: int) -> Answer | None:
        return body({"error": "unknown field 'seed'"}) if "seed" in call.body else None

    server.image_script = script
    draw(images_api)
    assert len(server.calls) == 2


def test_another_size_than_asked_for_is_told(server: FakeServer, images_api: Generator) -> None:
    server.image_script = minding("size", say=WORDS["openai"].format)
    (picture,) = draw(images_api, Draw("a cat", 1, 512, 256))
    assert picture.notes == ("the server drew 64x64 pixels where 512x256 was asked for",)
    assert draw(images_api)[0].notes == ()


def test_one_refused_size_leaves_the_others(server: FakeServer, images_api: Generator) -> None:
    def script(call: Call, number: int) -> Answer | None:
        bad = call.body.get("size") == "333x333"
        return Answer("Invalid size '333x333'", status=400) if bad else None

    server.image_script = script
    draw(images_api, Draw("a cat", 1, 333, 333))
    draw(images_api, Draw("a cat", 1, 512, 512))
    assert server.calls[-1].body["size"] == "512x512"


def test_every_failure_is_ours(server: FakeServer, images_api: Generator) -> None:
    for status in (300, 304, 404, 410, 418, 451):
        server.image_script = lambda call, number, status=status: Answer("no", status=status)
        with pytest.raises(BackendError):
            draw(images_api)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.just(B64[:200]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["data", "url", "b64_json", "error", "message", "x"]), inner)
    ),
    max_leaves=8,
)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
@settings(deadline=None, max_examples=500)
def test_any_body_is_a_picture_an_address_or_our_error(content: bytes) -> None:
    try:
        found = picture_in(content, "here")
    except AnswerError as exc:
        assert str(exc).isprintable() and len(str(exc)) < 700
    else:
        assert isinstance(found, bytes | Address)
