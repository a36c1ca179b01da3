"""What a server says of a request it does not serve, whatever form it says it in."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

SAYING = (
    "error", "errors", "message", "msg", "detail", "details", "description", "error_description",
    "error_message", "errorMessage", "reason", "title", "raw", "metadata", "fieldViolations", "fault",
    "faultstring", "innererror", "exception", "status", "type",
)  # fmt: skip
"""Fields that hold words, most telling first; the last two speak where nothing else does."""
NAMING = ("param", "field", "loc")
"""Fields that hold the name of the part of the request that is complained of."""
BY_FIELD = ("errors", "detail", "details")
"""Objects whose own names may be those of the parts that are complained of."""
LONGEST = 4000
"""Characters of an error that are looked at."""
MARKUP = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]+>", re.DOTALL | re.IGNORECASE)
WORD = re.compile(r"[\w.]*\w")
ECHO_WORDS = 3
"""Words in a row that also stand in what was sent are an echo, not the server's own."""


def words_of(body: str) -> str:
    """The words in an error's body, in one line: of JSON in any of the usual shapes, of a web page, or
    the text itself. Empty where there are none."""
    value = json_in(body)
    if value is None:
        return one_line(html.unescape(MARKUP.sub(" ", body[:LONGEST])))
    said: list[str] = []
    for words in words_in(value):
        line = one_line(words)
        if line and not any(line in earlier for earlier in said):
            said.append(line)
    return "; ".join(said)[:LONGEST] or one_line(body[:LONGEST])


def words_in(value: Any, depth: int = 0) -> Iterator[str]:
    """Every sentence in the JSON of an error, outermost first."""
    if depth > 8:
        return
    if isinstance(value, str):
        inner = json_in(value) if value.lstrip().startswith(("{", "[")) else None
        yield from [value] if inner is None else words_in(inner, depth + 1)
    elif isinstance(value, list):
        for item in value[:20]:
            yield from words_in(item, depth + 1)
    elif isinstance(value, dict):
        yield from words_of_entry(value, depth)


def words_of_entry(entry: dict[str, Any], depth: int) -> Iterator[str]:
    """The sentences of one object; the part of the request that it names goes before them."""
    names = [name for name in names_in_entry(entry) if name]
    told = False
    for key in SAYING:
        if told and key in SAYING[-2:]:
            break
        for words in words_in(entry.get(key), depth + 1):
            before = "" if told or not names or names[0] in words else f"{names[0]}: "
            told = True
            yield before + words
    if not told and names:
        yield names[0]
    if not told and not names:
        yield from words_by_field(entry, depth)


def words_by_field(entry: dict[str, Any], depth: int) -> Iterator[str]:
    """The sentences of an object whose own names are those of what is complained of, each behind it;
    nothing at the top, where names are the answer's own."""
    for name, value in list(entry.items())[: 20 if depth else 0]:
        for words in words_in(value, depth + 1):
            yield words if name in words else f"{name}: {words}"


def names_in_entry(entry: dict[str, Any]) -> Iterator[str]:
    """The parts of the request that one object names: "max_tokens"."""
    for key in NAMING:
        name = entry.get(key)
        if isinstance(name, list):
            name = ".".join(str(part) for part in name if part != "body")
        if isinstance(name, str):
            yield name


def fields_in(body: str) -> frozenset[str]:
    """The fields of a request that an error names in a field of its own, which no prompt can put
    there; the outermost part of each."""
    return frozenset(re.split(r"[.\[]", name)[0] for name in _names(json_in(body)))


def _names(value: Any, depth: int = 0) -> Iterator[str]:
    if depth > 8:
        return
    if isinstance(value, dict):
        yield from names_in_entry(value)
        for key, inner in value.items():
            if key in BY_FIELD and isinstance(inner, dict) and not inner.keys() & {*SAYING, *NAMING}:
                yield from inner
            yield from _names(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value[:20]:
            yield from _names(inner, depth + 1)


def own_words(said: str, sent: str) -> str:
    """``said`` without what it repeats of ``sent``: a prompt may hold any word, and a server that
    quotes it complains of none of them."""
    words, known = WORD.findall(said), spaced(WORD.findall(sent))
    kept: list[str] = []
    start = 0
    while start < len(words):
        end = start
        while end < len(words) and spaced(words[start : end + 1]) in known:
            end += 1
        if end - start < ECHO_WORDS:
            kept.append(words[start])
            end = start + 1
        start = end
    return " ".join(kept)


def spaced(words: Sequence[str]) -> str:
    """``words`` in one text, a space before and after each."""
    return f" {' '.join(words)} ".casefold()


def json_in(body: str) -> Any:
    """``body`` as JSON; None: it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def one_line(text: str) -> str:
    """``text`` without line breaks and characters that are none."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
