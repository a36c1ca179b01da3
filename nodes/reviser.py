"""Reviser: works what a person said into the request, and the requirements after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field, field_validator

from ..events import RequirementsFound
from ..memory.ledger import request_of
from ..memory.reviews import next_id, without
from ..memory.state import Requirement, RunState
from ..models.chat.lenient import Numbers, Prose, usable
from ..models.chat.mllm import Role
from ..models.chat.plain import passage_in
from .client import RoleClient
from .context import RunContext
from .coverage import fold
from .dependencies import Dependencies
from .node import Update, context_of, emit, make_node, spent_on
from .prompts import packaged_prompt
from .questions import NO_QUESTION, Question, sift
from .requirements import MOST_QUESTIONS, in_question, matter_of, number_requirements

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableLambda
    from langgraph.runtime import Runtime


class Revision(BaseModel):
    """The reviser's answer."""

    request: Prose = Field(min_length=1, description="the whole request, with what was said worked in")
    drop: Numbers = Field(
        default_factory=list, description="numbers of the requirements that no longer hold"
    )
    questions: list[Question] = Field(default_factory=list, description="about what is new")

    @classmethod
    def from_words(cls, text: str) -> object:
        """A request that was written out instead."""
        return {"request": passage_in(text)}

    @field_validator("questions", mode="before")
    @classmethod
    def _drop_unusable(cls, value: object) -> object:
        return [item or NO_QUESTION for item in usable(value, Question)]


REVISER = Role(
    name="reviser",
    instructions=packaged_prompt("reviser"),
    fields=("request", "requirements", "said"),
    answer=Revision,
)


def make_reviser(deps: Dependencies) -> RunnableLambda[RunState, Update]:
    """The node; one MLLM call. Without it what a person said would be lost, so the run stops for want
    of a usable answer before a picture is paid, and can be resumed."""

    async def reviser(state: RunState, runtime: Runtime[RunContext]) -> Update:
        reply = await RoleClient(deps, runtime, state).ask(REVISER, fields_for(state))
        answer = reply.answer
        request = answer.request.strip() or request_of(state)
        update: Update = {"request": request, "spent": spent_on(reply.cost)}
        if context_of(runtime).verify == "never":
            return update
        requirements, warnings = revised(state, answer, request)
        emit(runtime, RequirementsFound(event="requirements", requirements=requirements))
        return {**update, "requirements": requirements, "warnings": warnings}

    return make_node(deps, "reviser", reviser)


def fields_for(state: RunState) -> dict[str, Any]:
    """The reviser's fields."""
    return {
        "request": request_of(state),
        "requirements": [
            {"number": n, "question": r["question"], "statement": r["statement"]}
            for n, r in enumerate(state["requirements"], 1)
        ],
        "said": {name: said for name, said in (state.get("briefing") or {}).items() if said},
    }


def revised(state: RunState, answer: Revision, request: str) -> tuple[list[Requirement], list[str]]:
    """The requirements that still hold, with their ids, and those that are new; and a line on each
    question that is not asked. What a person put in their own words is theirs to drop."""
    there = state["requirements"]
    gone = [
        item["id"]
        for number, item in enumerate(there, 1)
        if number in answer.drop and not by_person(item)
    ]
    kept = without(there, gone)
    known = {matter_of(item["question"]) for item in kept} | {fold(i["statement"]) for i in kept}
    briefing = state.get("briefing")
    known |= {fold(words) for words in briefing["drop"]} if briefing else set()
    facts = state.get("facts", [])
    told = [line for fact in facts for line in (fact["fact"], *fact.get("found", []))]
    asked, warnings = sift("reviser", answer.questions, request, told)
    new = [NO_QUESTION if {matter_of(q.question), fold(q.statement)} & known else q for q in asked]
    return [*kept, *renumbered(new, [*there, *kept])][:MOST_QUESTIONS], warnings


def by_person(requirement: Requirement) -> bool:
    """Whether a person put it so."""
    return requirement["question"] == in_question(requirement["statement"])


def renumbered(questions: list[Question], there: list[Requirement]) -> list[Requirement]:
    """``questions`` as requirements whose ids follow those that are ``there``."""
    first = int(next_id(there)[1:])
    found = number_requirements(questions)
    ids = {item["id"]: f"q{first + place}" for place, item in enumerate(found)}
    return [
        {
            **item,
            "id": ids[item["id"]],
            "parent": ids[item["parent"]] if item["parent"] else None,
            "parents": [ids[parent] for parent in item.get("parents", [])],
        }
        for item in found
    ]
