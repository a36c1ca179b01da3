"""The form of an answer as a model reads it."""

from __future__ import annotations

from typing import Any, Literal

from gems.models.chat.form import form_text
from gems.models.judges.mllm import Look, Looks
from gems.nodes.planner import PLANNER
from pydantic import BaseModel, Field


class Odd(BaseModel):
    """Only for who reads the code."""

    plain: str
    open: dict[str, int]
    chosen: Literal["a", "b"] = Field(default="a", description="one of\nthem")
    maybe: int | None = None


class Tree(BaseModel):
    branches: list[Tree]


def test_a_form_is_an_example_with_gaps_in_the_order_of_the_fields() -> None:
    assert form_text(Look).startswith('{"reason": "<what you see')
    assert form_text(Look).endswith('"verdict": "yes" | "no" | "cannot_tell"}')
    assert form_text(Looks).startswith('{"verdicts": [{"number": <integer: ')
    assert form_text(Looks).endswith("}, ...]}")


def test_what_it_cannot_say_is_a_schema_and_docstrings_are_left_out() -> None:
    text = form_text(Odd)
    assert '"plain": "<text>"' in text and '"maybe": <integer or null>' in text
    assert '"chosen": "a" | "b" <one of them>' in text
    assert '"open": {"additionalProperties": {"type": "integer"}, "type": "object"}' in text
    assert "reads the code" not in text


def test_a_form_that_contains_itself_is_a_schema() -> None:
    assert form_text(Tree).startswith('{"$defs"')


def test_every_field_of_a_role_is_in_its_form() -> None:
    fields: dict[str, Any] = PLANNER.answer.model_fields
    assert all(f'"{name}": ' in form_text(PLANNER.answer) for name in fields)
