"""Decomposer: turns the user's own words into atomic questions that a look at the picture answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from ..events import RequirementsFound
from ..memory.state import Requirement, RunState
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


class Question(BaseModel):
    """One question of the decomposer's answer."""

    question: str = Field(min_length=1, description="a yes/no question; yes means it is as asked")
    statement: str = Field(default="", description="the same as words for a prompt")
    kind: RequirementKind = "other"
    depends_on: int | None = Field(
        default=None,
        description="number, from 1, of the question without which this one makes no sense",
    )


class Questions(BaseModel):
    """The decomposer's answer."""

    questions: list[Question]


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
    """The node; one MLLM call on the original prompt."""

    async def decomposer(state: RunState, runtime: Runtime[RunContext]) -> Update:
        client = RoleClient(deps, runtime, state)
        reply, cost, problem = await client.ask_or_none(DECOMPOSER, {"prompt": state["prompt"]})
        requirements = number_requirements(reply.answer.questions) if reply else []
        emit(runtime, RequirementsFound(event="requirements", requirements=requirements))
        return {
            "requirements": requirements,
            "spent": spent_on(cost),
            "warnings": [problem] if problem else [],
        }

    return make_node(deps, "decomposer", decomposer)
