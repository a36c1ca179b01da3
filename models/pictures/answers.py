"""Reads the answers of picture servers: where in them the picture is, and in what form.

The Images API says ``data[0].b64_json`` or ``data[0].url``. Servers that speak it put data URLs,
wrapped or unpadded base64, paths and bare pictures there, and use their own names.
"""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

import pybase64

from ...errors import AnswerError, BackendError
from .. import server_words
from ..pixels import opened
from ..server_words import one_line

INLINE_KEYS = (
    "b64_json",
    "b64",
    "base64",
    "image_base64",
    "image_b64",
    "b64_image",
    "bytesBase64Encoded",
)
ADDRESS_KEYS = ("url", "image_url", "imageUrl", "uri")
NESTING_KEYS = (
    "data", "images", "image", "output", "outputs", "artifacts", "predictions", "results", "result",
    "generated_images", "response",
)  # fmt: skip
"""Where pictures are, or what holds them, the more telling first."""
ERROR_KEYS = ("error", "errors", "detail", "message", "msg", "reason")
MAGIC = re.compile(
    rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP|BM|II\*\0|MM\0\*|....ftyp(avif|heic|mif1)", re.DOTALL
)
"""How files of pictures begin."""
PICTURE_NAME = re.compile(r"\.(png|jpe?g|webp|gif|bmp|avif)(\?|#|$)", re.IGNORECASE)
DEEPEST = 8


class Address(NamedTuple):
    """Where a picture can be fetched; may be relative to the request's own address."""

    url: str


class ServerSaidError(AnswerError):
    """An answer of status 200 that is an error all the same; ``said`` are the server's words."""

    said = ""


def picture_in(content: bytes, where: str) -> bytes | Address:
    """The first picture in an answer's body, or its address.

    Raises:
        ServerSaidError: the body is an error.
        AnswerError: there is no picture in it.
    """
    if is_picture(content):
        return content
    if not content.strip():
        raise AnswerError(f"{where} sent 0 bytes, which are no picture")
    values = list(values_in(content))
    for value in values:
        for text, is_address in texts_in(value):
            found = picture_of(text, is_address)
            if found is not None:
                return found
    raise no_picture(content, values, where)


def is_picture(content: bytes) -> bool:
    """Whether bytes begin as a picture does; whether they are a whole one is not looked at."""
    if MAGIC.match(content):
        return True
    try:
        opened(content)
    # Foreign bytes: any decoder may stumble over them in any way.
    except Exception:  # noqa: BLE001
        return False
    return True


def no_picture(content: bytes, values: list[Any], where: str) -> BackendError:
    """What is said of a body without a picture."""
    if words := next((words for value in values if (words := words_in(value))), ""):
        error = ServerSaidError(f"{where} answered with an error instead of a picture: {words[:300]}")
        error.said = words
        return error
    return AnswerError(
        f"{where} sent {len(content)} bytes that are no picture, beginning {shown(content)}"
    )


def shown(content: bytes) -> str:
    """The beginning of a body, in one line."""
    return repr(content[:80].decode("utf-8", "replace"))


def values_in(content: bytes) -> Iterator[Any]:
    """The JSON of a body; of a stream of events each one's, the last first, since that is the whole
    picture."""
    text = content.decode("utf-8-sig", "replace").strip()
    lines = text.splitlines() if re.match(r"(data|event|id|:)\s?:?", text) else []
    events = [line.partition(":")[2] for line in lines if line.startswith("data:")]
    for source in reversed(events) if events else [text]:
        try:
            yield json.loads(source)
        except (ValueError, RecursionError):
            continue


def texts_in(value: Any, key: str = "", depth: int = 0) -> Iterator[tuple[str, bool]]:
    """The texts that may be pictures, and whether each is named as an address; pictures themselves
    come before addresses."""
    if depth > DEEPEST:
        return
    if isinstance(value, str) and value.strip():
        yield value.strip(), key in ADDRESS_KEYS
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item, key, depth + 1)
    elif isinstance(value, dict):
        for name in (*INLINE_KEYS, *ADDRESS_KEYS, *NESTING_KEYS):
            yield from texts_in(value.get(name), name, depth + 1)


def picture_of(text: str, is_address: bool) -> bytes | Address | None:
    """A text of an answer as the picture it holds or leads to; None: neither."""
    if text[:5].casefold() == "data:":
        return from_data_url(text)
    if re.match(r"(https?:)?//", text, re.IGNORECASE):
        return Address(text)
    data = from_base64(text)
    if data is not None and MAGIC.match(data):
        return data
    if is_address or PICTURE_NAME.search(text):
        return Address(text)
    return None


def from_data_url(text: str) -> bytes | None:
    """The bytes in ``data:image/png;base64,...``; None: there are none."""
    head, _, body = text.partition(",")
    if ";base64" not in head.casefold():
        return unquote_to_bytes(body) or None
    return from_base64(unquote_to_bytes(body).decode("latin-1"))


def from_base64(text: str) -> bytes | None:
    """The bytes in base64 of either alphabet, wrapped or not, padded or not; None: it is none."""
    # As most servers send it; looking for what others add takes ten times as long.
    data = strictly_decoded(text)
    if data is None:
        compact = re.sub(r"\s|\\[rn]", "", text)
        compact = re.sub(r"^b'(.*)'$", r"\1", compact).rstrip("=").replace("-", "+").replace("_", "/")
        data = strictly_decoded(compact + "=" * (-len(compact) % 4))
    return data


def strictly_decoded(text: str) -> bytes | None:
    """The bytes in plain base64; None: it is none, or there are none."""
    try:
        return pybase64.b64decode(text, validate=True) or None
    except (binascii.Error, ValueError):
        return None


def words_in(value: Any) -> str:
    """The words of an error in an answer's JSON; empty: it tells of none."""
    if isinstance(value, list):
        return next((words for item in value if (words := words_in(item))), "")
    if not isinstance(value, dict):
        return ""
    told = {key: value[key] for key in ERROR_KEYS if value.get(key)}
    return next((line for words in server_words.words_in(told) if (line := one_line(words))), "")
