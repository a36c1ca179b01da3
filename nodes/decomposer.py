"""Decomposer: turns the user's own words into atomic questions that a look at the picture answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, Field, field_validator, model_validator

from ..errors import GemsError
from ..events import RequirementsFound
from ..memory.ledger import request_of
from ..memory.state import KnownFact, Requirement, RunState
from ..models.chat.lenient import Words, usable
from ..models.chat.mllm import Role
from ..models.chat.plain import numbered_lines
from ..models.judges.words import read_verdict
from .client import RoleClient
from .context import RunContext
from .coverage import telling_words
from .dependencies import Dependencies
from .node import Update, context_of, emit, make_node, spent_on
from .prompts import packaged_prompt
from .questions import NO_QUESTION, sift
from .questions import Question as Question
from .requirements import number_requirements as number_requirements

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableLambda
    from langgraph.runtime import Runtime

MOST_FACTS = 8
"""Of a request; each may be looked up."""


class Fact(BaseModel):
    """Something that the request names by what is known of it."""

    fact: Words = Field(description="what is meant, by name: 'the flower of Japan is ...'")
    sure: bool = Field(default=True, description="false: it may be wrong or out of date")

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        return {"fact": value} if isinstance(value, str) else value

    @field_validator("sure", mode="before")
    @classmethod
    def _read_sure(cls, value: object) -> bool:
        return read_verdict(value) == "yes"


class Questions(BaseModel):
    """The decomposer's answer. One that is no question is none, and the others keep their numbers."""

    facts: list[Fact] = Field(
        default_factory=list,
        description="what the request leaves to knowledge, named; empty where it names all itself",
    )
    questions: list[Question]

    @classmethod
    def from_words(cls, text: str) -> object:
        """Questions in a numbered list."""
        asked = [line for _, line in numbered_lines(text) if line.rstrip("*\"' ").endswith(("?", "？"))]
        return {"questions": asked} if asked else None

    @field_validator("facts", mode="before")
    @classmethod
    def _drop_no_facts(cls, value: object) -> object:
        return [fact for fact in usable(value, Fact) if fact is not None and fact.fact.strip()]

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


def make_decomposer(deps: Dependencies) -> RunnableLambda[RunState, Update]:
    """The node; one MLLM call on the original prompt, and a look-up for each fact that the model is not
    sure of, where there is somewhere to look. Without its questions nothing can be judged, so the run
    stops for want of them before a picture is paid, and can be resumed. Where a run is not to be
    verified there are none."""

    async def decomposer(state: RunState, runtime: Runtime[RunContext]) -> Update:
        if context_of(runtime).verify == "never":
            return {"requirements": []}
        client = RoleClient(deps, runtime, state)
        reply = await client.ask(DECOMPOSER, {"prompt": request_of(state)})
        found = [KnownFact(fact=item.fact, sure=item.sure) for item in reply.answer.facts[:MOST_FACTS]]
        facts, warnings = await looked_up(deps, found)
        told = [line for fact in facts for line in (fact["fact"], *fact.get("found", []))]
        asked, dropped = sift("decomposer", reply.answer.questions, request_of(state), told)
        requirements = informed(number_requirements(asked), facts)
        emit(runtime, RequirementsFound(event="requirements", requirements=requirements))
        return {
            "requirements": requirements,
            "facts": facts,
            "warnings": warnings + dropped,
            "spent": spent_on(reply.cost),
        }

    return make_node(deps, "decomposer", decomposer)


def informed(requirements: list[Requirement], facts: list[KnownFact]) -> list[Requirement]:
    """``requirements``, those that share a word with a fact with what was found about it."""
    for requirement in requirements:
        words = set(telling_words(f"{requirement['question']} {requirement['statement']}"))
        found = [
            line
            for fact in facts
            if words & set(telling_words(fact["fact"]))
            for line in fact.get("found", [])
        ]
        if found:
            requirement["knowledge"] = found
    return requirements


async def looked_up(deps: Dependencies, facts: list[KnownFact]) -> tuple[list[KnownFact], list[str]]:
    """``facts``, those that the model is not sure of with what was found about them. One that cannot
    be looked up is as it was, and a warning, once."""
    knowledge, warnings = deps.knowledge, list[str]()
    if knowledge is None:
        return facts, warnings
    for fact in facts:
        if fact["sure"] or warnings:
            continue
        try:
            fact["found"] = await knowledge.find(fact["fact"])
        except GemsError as exc:
            warnings.append(f"knowledge: {exc}")
    return facts, warnings
