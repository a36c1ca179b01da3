"""From what a model wrote to a validated answer.

Finding JSON in prose stays hand-written, because it knows which object is meant; ``malformed.py``
leaves the mending of what is almost JSON to a library.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any, get_origin

from pydantic import BaseModel, ValidationError

from ..text import clean
from .malformed import mended_values
from .mllm import AnswerT

THINK = re.compile(r"<think(?:ing)?>(.*?)</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
UNOPENED = re.compile(r"^(.*?)</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
UNCLOSED = re.compile(r"<think(?:ing)?>.*$", re.DOTALL | re.IGNORECASE)
BRACKET = re.compile(r"[{\[]")
END = re.compile(r"(?:\s|```|</[\w-]+>|[.*])+$")
MOST_CANDIDATES = 50
"""Opening braces that are tried: an answer full of code would take long otherwise."""
_schemas: dict[type[BaseModel], dict[str, Any]] = {}


class UnusableAnswerError(ValueError):
    """The text holds no answer of the wanted form; the message is for the model that wrote it."""


def split_thoughts(text: str) -> tuple[str, str]:
    """A text as (thoughts, the rest); think-blocks may lack their beginning or their end."""
    thoughts = [match.strip() for match in THINK.findall(text)]
    rest = THINK.sub("", text)
    if match := UNOPENED.match(rest):
        thoughts.append(match[1].strip())
        rest = rest[match.end() :]
    rest = UNCLOSED.sub("", rest)
    return "\n".join(thoughts), rest.strip()


def json_objects(text: str) -> Iterator[dict[str, Any]]:
    """Every JSON object in ``text``, outermost ones, whatever stands around them.

    Strings may hold bare line breaks: models write them often.
    """
    decoder, position, tries = json.JSONDecoder(strict=False), text.find("{"), 0
    while position >= 0 and tries < MOST_CANDIDATES:
        tries += 1
        try:
            value, end = decoder.raw_decode(text, position)
        except (json.JSONDecodeError, RecursionError):
            position = text.find("{", position + 1)
            continue
        if isinstance(value, dict):
            yield value
        position = text.find("{", end)


def parse_answer(text: str, answer: type[AnswerT]) -> AnswerT:
    """The answer in ``text``: of several JSON objects the last one that fits, as it is or as the
    only value of a wrapper such as ``{"answer": {...}}``; where none fits, what is almost JSON.

    Raises:
        UnusableAnswerError: there is none; the message is about the last object.
    """
    _, rest = split_thoughts(text)
    problem = ""
    found = [*json_objects(rest), *json_objects(straightened(rest))]
    for value in chain(reversed(found), mended_values(rest)):
        for candidate in readings(value, answer):
            try:
                return answer.model_validate(clean(candidate))
            except ValidationError as exc:
                problem = problem or describe(exc)
    raise UnusableAnswerError(problem or "there is no JSON object in your answer")


def straightened(text: str) -> str:
    """``text`` with straight quotes, where it has none but typographic ones; else empty."""
    return "" if '"' in text else re.sub("[\u201c\u201d\u201e\u201f]", '"', text)


def is_whole(text: str) -> bool:
    """Whether all JSON in ``text`` is closed, and there is some: of an answer that was cut off, an
    object inside it or a draft before it could pass for the whole."""
    _, rest = split_thoughts(text)
    decoder, start, found = json.JSONDecoder(strict=False), 0, False
    while match := BRACKET.search(rest, start):
        try:
            _, start = decoder.raw_decode(rest, match.start())
        except (ValueError, RecursionError):
            return False
        found = True
    return found


def parse_last(text: str, answer: type[AnswerT]) -> AnswerT:
    """The answer that ends ``text``. Of thoughts only their end is meant: what comes before may have
    been thought better of.

    Raises:
        UnusableAnswerError: it does not end with one.
    """
    trimmed = END.sub("", text)
    decoder, start = json.JSONDecoder(strict=False), trimmed.find("{")
    for _ in range(MOST_CANDIDATES):
        try:
            _, end = decoder.raw_decode(trimmed, start)
        except (ValueError, RecursionError):
            end = start + 1
        if start < 0 or end == len(trimmed):
            break
        start = trimmed.find("{", end)
    return parse_answer(trimmed[start:] if start >= 0 else "", answer)


def readings(value: Any, answer: type[BaseModel]) -> Iterator[dict[str, Any]]:
    """How an object or list may be meant: as it is, as the only value of a wrapper, or as the only
    list that the answer must have."""
    if isinstance(value, list):
        needed = {name: field for name, field in answer.model_fields.items() if field.is_required()}
        if len(needed) == 1 and get_origin(next(iter(needed.values())).annotation) is list:
            yield dict.fromkeys(needed, value)
        return
    yield value
    inner = next(iter(value.values())) if len(value) == 1 else called_with(value)
    if isinstance(inner, str) and inner.lstrip().startswith("{"):
        yield from json_objects(inner)
    if isinstance(inner, dict):
        yield inner


def called_with(value: dict[str, Any]) -> Any:
    """The arguments of a tool call that was written out: ``{"name": ..., "arguments": ...}``."""
    names = ("arguments", "parameters", "input")
    return next((value[name] for name in names if name in value and "name" in value), None)


def describe(exc: ValidationError) -> str:
    """The first thing that is wrong, for the model to mend."""
    first = exc.errors()[0]
    place = ".".join(str(part) for part in first["loc"]) or "the object"
    return f"{place}: {first['msg']}"


def strict_schema(answer: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of ``answer`` in the form that strict structured output takes: every property
    required, none besides, and none of the keywords that servers refuse."""
    if answer not in _schemas:
        _schemas[answer] = tighten(answer.model_json_schema())
    return _schemas[answer]


def wordless(node: Any) -> Any:
    """A schema without what is said of its parts: a model reads that in the form of the answer."""
    if isinstance(node, list):
        return [wordless(item) for item in node]
    if not isinstance(node, dict):
        return node
    named = ("properties", "$defs")
    return {
        key: {name: wordless(part) for name, part in value.items()} if key in named else wordless(value)
        for key, value in node.items()
        if key != "description"
    }


def tighten(node: Any) -> Any:
    """``node``, a schema or a part of one, and all parts of it in that form."""
    if isinstance(node, list):
        return [tighten(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return {name: tighten(node[name]) for name in ("$defs", "$ref") if name in node}
    dropped = {"default", "title", "minLength", "maxLength", "minItems", "maxItems"}
    kept = {key: tighten(value) for key, value in node.items() if key not in dropped}
    if "properties" in node:
        # A class' docstring is for who reads the code.
        kept.pop("description", None)
        kept["properties"] = {name: tighten(value) for name, value in node["properties"].items()}
        kept["required"] = list(kept["properties"])
        kept["additionalProperties"] = False
    return kept
