"""What servers may answer, well and badly: hypothesis strategies for ``Wire``."""

from __future__ import annotations

import base64
import copy
import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
from wire import Wire

SECRET = "sk-fuzz-0123456789abcdefghij"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
WORDS = st.sampled_from(
    [
        "max_tokens is not supported", "Unsupported parameter: 'response_format'", "context length",
        "rate limit, try again in 20s", "insufficient_quota", "content_filter", "flagged as nsfw",
        f"Incorrect API key provided: {SECRET}", f"Bearer {SECRET} is wrong", "size must be 512x512",
        "seed: extra fields not permitted", "a cat", "\x1b[31mred\x1b[0m", "two\nlines\r\n", "\ud800",
        "", "\x00", "Ω≈ç√", "x" * 5000,
    ]
)  # fmt: skip
STATUSES = st.sampled_from(
    [201, 202, 204, 206, 301, 302, 304, 307, 400, 401, 402, 403, 404, 405, 408, 409,
     410, 413, 415, 422, 425, 429, 451, 500, 501, 502, 503, 504, 529, 599]
)  # fmt: skip
HEADERS = st.sampled_from(
    [
        (b"content-type", b"application/json"), (b"content-type", b"text/html; charset=utf-16"),
        (b"content-type", b"application/json; charset=nonsense"), (b"content-type", b"image/png"),
        (b"content-type", b"text/event-stream"), (b"content-type", b"\xff\xfe"),
        (b"retry-after", b"20"), (b"retry-after", b"-5"), (b"retry-after", b"nan"),
        (b"retry-after", b"1e999"), (b"retry-after", b"Thu, 99 Nov 2026 99:00:00 GMT"),
        (b"retry-after", b"Thu, 26 Nov 2020 10:00:00 GMT"), (b"retry-after", b"99999999999999999999"),
        (b"retry-after-ms", b"inf"), (b"x-ratelimit-reset-requests", b"1h2m3.5s"),
        (b"x-ratelimit-reset", b"9" * 400), (b"x-should-retry", b"true"),
        (b"content-encoding", b"gzip"), (b"content-encoding", b"br"), (b"content-encoding", b"x"),
        (b"content-encoding", b"deflate, gzip"), (b"location", b"/elsewhere"), (b"location", b"http://["),
        (b"location", b"ftp://127.0.0.1/x"), (b"location", b"//127.0.0.1:9/x"), (b"location", b"\xff"),
        (b"set-cookie", b"a=b; Domain=.; Expires=never"), (b"x-\xe9", b"\xe9"),
        (b"server", SECRET.encode()),        (b"www-authenticate", b"Basic"), (b"link", b"<>" * 500),
    ]
)  # fmt: skip
FRAMINGS = st.sampled_from(["length"] * 6 + ["chunked", "chunked", "close", "short", "long"])
ENCODINGS: list[Callable[[bytes], bytes]] = [
    lambda data: data,
    lambda data: data,
    lambda data: b"\xef\xbb\xbf" + data,
    lambda data: data.decode("utf-8", "replace").encode("utf-16"),
    lambda data: data.decode("utf-8", "replace").encode("latin-1", "replace"),
    gzip.compress,
    zlib.compress,
    lambda data: data[: len(data) // 2],
    lambda data: data * 2,
    lambda data: b"data: " + data + b"\n\ndata: [DONE]\n\n",
    lambda data: b"<html><body>" + data + b"</body></html>",
    lambda data: base64.b64encode(data),
]


@st.composite
def mutated(draw: Any, value: Any) -> Any:
    """``value`` with another value somewhere in it, or a part of it gone."""
    value = copy.deepcopy(value)
    holder: Any = None
    key: Any = None
    place = value
    while isinstance(place, dict | list) and place and draw(st.integers(0, 3)):
        holder, keys = place, list(place) if isinstance(place, dict) else range(len(place))
        key = draw(st.sampled_from(keys))
        place = holder[key]
    if holder is None:
        return draw(JSON)
    if draw(st.booleans()):
        holder[key] = draw(JSON | WORDS)
    else:
        del holder[key]
    return value


def dumped(value: Any) -> bytes:
    """As JSON, lone surrogates and all."""
    return json.dumps(value).encode()


def errors() -> st.SearchStrategy[Any]:
    """Errors in the forms that servers give them."""
    return st.one_of(
        WORDS.map(lambda text: {"error": {"message": text, "type": text, "code": text}}),
        WORDS.map(lambda text: {"error": text}),
        WORDS.map(lambda text: [{"error": {"message": text, "details": [{"retryDelay": text}]}}]),
        st.tuples(WORDS, WORDS).map(lambda two: {"detail": [{"loc": ["body", two[0]], "msg": two[1]}]}),
        WORDS.map(lambda text: {"object": "error", "message": text, "param": text}),
        WORDS,
    )


@st.composite
def bodies(draw: Any, good: bytes, values: list[Any]) -> bytes:
    """A body: the ``good`` one, one of the ``values`` changed, an error, anything at all."""
    made = st.one_of(
        st.just(good),
        st.sampled_from(values).flatmap(mutated).map(dumped),
        st.sampled_from(values).map(dumped),
        errors().map(dumped),
        JSON.map(dumped),
        st.binary(max_size=200),
        WORDS.map(lambda text: text.encode("utf-8", "replace")),
    )
    encode = (
        ENCODINGS[draw(st.integers(0, len(ENCODINGS) - 1))] if draw(st.booleans()) else ENCODINGS[0]
    )
    return encode(draw(made))


@st.composite
def wires(draw: Any, good: bytes, values: list[Any]) -> Wire:
    """An answer. One in five is the good one as it should be."""
    if not draw(st.integers(0, 4)):
        return Wire(good, framing=draw(st.sampled_from(["length", "chunked", "close"])))
    trouble = draw(st.integers(0, 99))
    return Wire(
        body=draw(bodies(good, values)),
        status=draw(st.just(200) | st.just(200) | STATUSES | st.integers(200, 599)),
        headers=tuple(draw(st.lists(HEADERS, max_size=3))),
        framing=draw(FRAMINGS),
        cut=draw(st.floats(0, 1)) if trouble < 8 else None,
        late=0.01 if trouble == 98 else 5.0 if trouble == 99 and not draw(st.integers(0, 5)) else 0.0,
        dripping=trouble == 97 and not draw(st.integers(0, 5)),
    )
