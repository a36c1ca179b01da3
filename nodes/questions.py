"""A question about a picture, as roles write it, and what of it is made up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, get_args

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from ..models.chat.lenient import Numbers, Prose, Words, letters_of, one_of
from ..models.judges.judge import RequirementKind
from .requirements import made_up

KINDS: dict[str, RequirementKind] = {
    "color": "attribute", "colour": "attribute", "size": "attribute", "shape": "attribute",
    "material": "attribute", "texture": "attribute", "property": "attribute", "number": "count",
    "counting": "count", "quantity": "count", "location": "position", "relation": "position",
    "spatial": "position", "layout": "position", "entity": "object", "existence": "object",
    "presence": "object", "subject": "object", "writing": "text", "lettering": "text",
}  # fmt: skip
"""What models call a kind, where it is not called so here."""


def read_kind(said: object) -> object:
    """A requirement's kind in a model's own word; one that nobody knows is "other"."""
    kinds = get_args(RequirementKind)
    word = one_of(said, kinds)
    return word if word in kinds else KINDS.get(letters_of(said), "other")


class Question(BaseModel):
    """One question of a role's answer; ``question`` is empty where it gave none."""

    question: Prose = Field(description="a yes/no question")
    statement: Words = Field(default="", description="the same as words for a prompt")
    kind: Annotated[RequirementKind, BeforeValidator(read_kind)] = "other"
    depends_on: Numbers = Field(
        default_factory=list,
        description="numbers, from 1, of the earlier questions without which this one makes no sense",
    )

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        return {"question": value} if isinstance(value, str) else value


NO_QUESTION = Question(question="")


def sift(
    role: str, questions: list[Question], request: str, told: Sequence[str]
) -> tuple[list[Question], list[str]]:
    """The questions of ``role`` without what is made up, which leaves its number behind, and a line on
    each. ``told``: what is known beside the request."""
    invented = [made_up(question, request, told) for question in questions]
    kept = [NO_QUESTION if bad else q for q, bad in zip(questions, invented, strict=True)]
    lines = [
        f"{role}: not asked, since the request does not say it: {q.question}"
        for q, bad in zip(questions, invented, strict=True)
        if bad
    ]
    return kept, lines
