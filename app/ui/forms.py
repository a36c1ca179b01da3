"""What people fill in: forms of the page as the options, answers and ratings that runs take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from urllib.parse import parse_qsl

from starlette.requests import Request

from ...errors import InputError
from ...graphs.options import RunOptions

NumberT = TypeVar("NumberT", int, float)
NUMBERS = ("rounds", "candidates", "seed", "width", "height", "max_images", "max_mllm_calls")
AMOUNTS = ("max_cost",)
WORDS = ("skill", "review")
FIELDS = 500
"""Of one form, at most."""


async def read_form(request: Request) -> dict[str, list[str]]:
    """A request's form; errors as of ``fields_of``."""
    return fields_of(await request.body())


def fields_of(body: bytes) -> dict[str, list[str]]:
    """A form's fields, each with all its values; surrounding space is none of them.

    Raises:
        InputError: it is no form.
    """
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FIELDS)
    except ValueError as exc:
        raise InputError("the form cannot be read: send it again") from exc
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value.replace("\r\n", "\n").strip())
    return found


def one(form: Mapping[str, list[str]], name: str) -> str:
    """A field's value; empty where it was left out."""
    return form.get(name, [""])[0]


def number(form: Mapping[str, list[str]], name: str, kind: type[NumberT]) -> NumberT | None:
    """A field's number, of type ``kind``; None: it was left empty.

    Raises:
        InputError: it is none.
    """
    text = one(form, name)
    try:
        return kind(text) if text else None
    except ValueError as exc:
        which = "a whole number" if kind is int else "a number"
        raise InputError(f"{name} = {text[:60]!r}: use {which}, or leave it empty") from exc


def options_in(form: Mapping[str, list[str]]) -> RunOptions:
    """The options of a run; what is left empty has its default.

    Raises:
        InputError: a number is none.
    """
    given: dict[str, Any] = {name: number(form, name, int) for name in NUMBERS}
    given |= {name: number(form, name, float) for name in AMOUNTS}
    given |= {name: one(form, name) or None for name in WORDS}
    if one(form, "no_memory"):
        given["memory"] = False
    if one(form, "ask"):
        given["ask"] = True
    return cast(RunOptions, {name: value for name, value in given.items() if value is not None})


def briefing_in(form: Mapping[str, list[str]]) -> dict[str, Any]:
    """A person's answer before the first picture: by questions and requirements, what stands in their
    fields; a requirement that was emptied does not count."""
    said = {name.removeprefix("said."): v[0] for name, v in form.items() if name.startswith("said.")}
    required = {name: text for name, text in said.items() if name.startswith("q")}
    answer: dict[str, Any] = {
        # Servers take an empty answer for none.
        "decision": "go_on",
        "answers": {name: text for name, text in said.items() if name not in required and text},
        "edit": {name: text for name, text in required.items() if text},
        "drop": [name for name, text in required.items() if not text],
        "add": lines_of(one(form, "add")),
        "words": one(form, "words"),
    }
    return {name: value for name, value in answer.items() if value}


def lines_of(text: str) -> list[str]:
    """The lines of a field that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def answer_in(form: Mapping[str, list[str]]) -> dict[str, Any]:
    """A person's answer to a round: what they changed of it, and what they decided."""
    verdicts = {
        name.removeprefix("verdict."): values[0]
        for name, values in form.items()
        if name.startswith("verdict.") and values[0] in ("pass", "fail")
    }
    drop = [
        name.removeprefix("verdict.")
        for name, values in form.items()
        if name.startswith("verdict.") and values[0] == "drop"
    ]
    asked, prompt = one(form, "planned"), one(form, "prompt")
    answer: dict[str, Any] = {
        "decision": one(form, "decision") or "go_on",
        "verdicts": verdicts,
        "drop": drop,
        "add": lines_of(one(form, "add")),
        "wrong": one(form, "wrong"),
        # The prompt that was planned anyway is nobody's wish.
        "prompt": "" if prompt == asked else prompt,
    }
    return {name: value for name, value in answer.items() if value}


def stars_in(form: Mapping[str, list[str]]) -> int | None:
    """A rating; None: it is taken back.

    Raises:
        InputError: it is none.
    """
    return number(form, "stars", int)
