"""From text to answers, and from fields to text."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
import pytest
from gems.models.chat.answers import (
    UnusableAnswerError,
    parse_answer,
    split_thoughts,
    strict_schema,
    wordless,
)
from gems.models.chat.messages import system_text
from gems.models.chat.mllm import Role, render_fields
from gems.models.judges.mllm import Look
from gems.models.text import clean
from gems.nodes.decomposer import Questions
from hypothesis import given
from pydantic import BaseModel, Field


class Note(BaseModel):
    text: str
    number: int = 0


ROLE = Role("r", "Do.", ("prompt", "data"), Note)
ANSWER = '{"text": "a {brace} and \\"quote\\"", "number": 3}'


@pytest.mark.parametrize(
    "around",
    [
        "{}",
        '<think>maybe {{"text": "wrong"}}</think>{}',
        "thoughts without a beginning</think>\n{}",
        "```json\n{}\n```",
        "Sure! Here it is:\n{}\nAnything else?",
        "{{broken {}",
        '{{"other": 1}} and then {}',
    ],
)
def test_the_answer_is_found_whatever_stands_around_it(around: str) -> None:
    text = around.replace("{{", "{").replace("}}", "}").replace("{}", ANSWER)
    assert parse_answer(text, Note) == Note(text='a {brace} and "quote"', number=3)


@pytest.mark.parametrize("text", ["", "no", '{"text": ', "[1, 2]", '{"number": 3}', "<think>{"])
def test_what_is_no_answer_is_an_error_not_an_empty_one(text: str) -> None:
    with pytest.raises(UnusableAnswerError):
        parse_answer(text, Note)


@given(st.text(), st.text(), st.text())
def test_any_text_survives_in_any_wrapping(value: str, before: str, after: str) -> None:
    plain = [part.replace("{", "(").replace("<", "(") for part in (before, after)]
    text = f"{plain[0]}{json.dumps({'text': value, 'number': 1})}{plain[1]}"
    if "</think" in value.lower() or "<think" in value.lower():
        return
    assert parse_answer(text, Note).text == clean(value)


@given(st.text())
def test_no_text_breaks_the_parser(text: str) -> None:
    split_thoughts(text)
    try:
        parse_answer(text, Note)
    except UnusableAnswerError:
        pass


@given(st.text(), st.recursive(st.none() | st.text() | st.integers(), st.lists, max_leaves=5))
def test_fields_are_sections_that_data_cannot_close(prompt: str, data: object) -> None:
    text = render_fields(ROLE, {"prompt": prompt, "data": data})
    assert text.count("</prompt>") == 1 and text.count("</data>") == 1


@pytest.mark.parametrize("fields", [{}, {"prompt": "x"}, {"prompt": "x", "data": 1, "more": 2}])
def test_missing_or_unknown_fields_raise(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="missing"):
        render_fields(ROLE, fields)


def test_a_strict_schema_requires_every_property() -> None:
    schema = strict_schema(Questions)
    question = schema["$defs"]["Question"]
    assert question["required"] == ["question", "statement", "kind", "depends_on"]
    assert question["additionalProperties"] is False
    assert "default" not in json.dumps(schema)
    assert "description" in json.dumps(schema) and "description" not in json.dumps(wordless(schema))


class Described(BaseModel):
    description: str = Field(description="a field of this very name")


def test_a_schema_loses_words_and_no_fields() -> None:
    shape = wordless(strict_schema(Described))
    assert shape["properties"] == {"description": {"type": "string"}}
    assert shape["required"] == ["description"]


ABOUT_DATA = Role(
    "writer", "Write.\n\n[data, more] Heed it.\n\n[Note] Be brief.", ("data", "more"), Look
)


@pytest.mark.parametrize(
    ("fields", "heeded"), [({"data": [], "more": ""}, False), ({"data": ["x"], "more": ""}, True)]
)
def test_what_is_about_a_section_is_told_where_it_is_there(fields: Any, heeded: bool) -> None:
    role = replace(ABOUT_DATA, optional=("data", "more"), follows=("data",))
    text = system_text(role, fields)
    assert ("\n\nHeed it.\n\n" in text) == heeded == ("but those of the section data" in text)
    assert "Write.\n\n" in text and "[Note] Be brief.\n\n" in text and "[data" not in text


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("yes", "yes"),
        ("Yes, nothing is missing", "yes"),
        ("NO", "no"),
        ("pass", "yes"),
        (True, "yes"),
        (False, "no"),
        ("cannot tell", "cannot_tell"),
        ("unclear", "cannot_tell"),
    ],
)
def test_verdicts_are_read_by_their_first_word(said: object, verdict: str) -> None:
    assert Look.model_validate({"verdict": said}).verdict == verdict
