"""Decomposer: turns the user's own words into atomic questions that a look at the picture answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, get_args

from pydantic import BaseModel, BeforeValidator, Field, field_validator, model_validator

from ..events import RequirementsFound
from ..memory.state import Requirement, RunState
from ..models.chat.lenient import OptionalNumber, Words, letters_of, one_of, usable
from ..models.chat.mllm import Role
from ..models.judges.judge import RequirementKind
from .client import RoleClient
from .context import RunContext
from .dependencies import Dependencies
from .node import Update, emit, make_node, spent_on
from .prompts import packaged_prompt

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableLambda
    from langgraph.runtime import Runtime

MOST_QUESTIONS = 40
"""More are cut off: each costs a call every round."""


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
    """One question of the decomposer's answer; ``question`` is empty where it gave none."""

    question: str = Field(description="a yes/no question; yes means it is as asked")
    statement: Words = Field(default="", description="the same as words for a prompt")
    kind: Annotated[RequirementKind, BeforeValidator(read_kind)] = "other"
    depends_on: OptionalNumber = Field(
        default=None,
        description="number, from 1, of the question without which this one makes no sense",
    )

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        return {"question": value} if isinstance(value, str) else value


NO_QUESTION = Question(question="")


class Questions(BaseModel):
    """The decomposer's answer. One that is no question is none, and the others keep their numbers."""

    questions: list[Question]

    @field_validator("questions", mode="before")
    @classmethod
    def _drop_unusable(cls, value: object) -> object:
        if not isinstance(value, list | dict):
            return value
        found = [item or NO_QUESTION for item in usable(value, Question)]
        if found and not any(item.question.strip() for item in found):
            raise ValueError("none of them holds a question")
        return found


DECOMPOSER = Role(
    name="decomposer",
    instructions=packaged_prompt("decomposer"),
    fields=("prompt",),
    answer=Questions,
)


def number_requirements(questions: list[Question]) -> list[Requirement]:
    """Requirements with ids; empty, doubled and surplus questions left out.

    A parent may only be an earlier question, which also rules out circles.
    """
    requirements: list[Requirement] = []
    ids: dict[int, str] = {}
    seen: dict[str, str] = {}
    for number, item in enumerate(questions, 1):
        text = item.question.strip()
        if not text or len(requirements) == MOST_QUESTIONS:
            continue
        if text.casefold() in seen:
            ids[number] = seen[text.casefold()]
            continue
        key = f"q{len(requirements) + 1}"
        ids[number] = seen[text.casefold()] = key
        requirements.append(
            Requirement(
                id=key,
                question=text,
                statement=item.statement.strip() or text,
                kind=item.kind,
                parent=ids.get(item.depends_on or 0) if item.depends_on != number else None,
            )
        )
    return requirements


def make_decomposer(deps: Dependencies) -> RunnableLambda[RunState, Update]:
    """The node; one MLLM call on the original prompt. Without its questions nothing can be judged, so
    the run stops for want of them before a picture is paid, and can be resumed."""

    async def decomposer(state: RunState, runtime: Runtime[RunContext]) -> Update:
        client = RoleClient(deps, runtime, state)
        reply = await client.ask(DECOMPOSER, {"prompt": state["prompt"]})
        requirements = number_requirements(reply.answer.questions)
        emit(runtime, RequirementsFound(event="requirements", requirements=requirements))
        return {"requirements": requirements, "spent": spent_on(reply.cost)}

    return make_node(deps, "decomposer", decomposer)
