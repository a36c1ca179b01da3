"""Reviser: works what a person said into the request and its requirements: answers before the first
picture, and what a follow-up changes about the one that is there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field, field_validator

from ..errors import NotInWorldError
from ..events import RequirementsFound
from ..memory.ledger import request_of
from ..memory.reviews import next_id, without
from ..memory.state import Draft, Requirement, RunState
from ..models.chat.lenient import Numbers, Prose, usable
from ..models.chat.mllm import Role
from ..models.chat.plain import passage_in
from ..models.judges.words import read_verdict
from ..models.pictures.card import Card
from .actions import DRAWS_FROM
from .client import RoleClient
from .context import RunContext
from .coverage import fold
from .dependencies import Dependencies
from .node import Update, context_of, emit, make_node, spent_on, written
from .prompts import packaged_prompt
from .questions import NO_QUESTION, Question, sift
from .requirements import MOST_QUESTIONS, in_question, matter_of, number_requirements

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableLambda
    from langgraph.runtime import Runtime


class Revision(BaseModel):
    """The reviser's answer."""

    anew: bool = Field(
        default=False,
        description="true only where a change asks for another picture than the one that is there",
    )
    request: Prose = Field(min_length=1, description="the whole request, with what was said worked in")
    prompt: Prose = Field(default="", description="where something was drawn: what to draw now")
    drop: Numbers = Field(
        default_factory=list, description="numbers of the requirements that no longer hold"
    )
    questions: list[Question] = Field(default_factory=list, description="about what is new")

    @classmethod
    def from_words(cls, text: str) -> object:
        """A request that was written out instead."""
        return {"request": passage_in(text)}

    @field_validator("anew", mode="before")
    @classmethod
    def _read_anew(cls, value: object) -> bool:
        return read_verdict(value) == "yes"

    @field_validator("questions", mode="before")
    @classmethod
    def _drop_unusable(cls, value: object) -> object:
        return [item or NO_QUESTION for item in usable(value, Question)]


REVISER = Role(
    name="reviser",
    instructions=packaged_prompt("reviser"),
    fields=("request", "requirements", "said", "drawn", "generator", "draws_from"),
    answer=Revision,
    optional=("drawn", "generator", "draws_from"),
)
ANEW: Update = {
    "request": "", "basis": None, "requirements": [], "facts": [], "skill": None, "total": 0,
}  # fmt: skip
"""What is left of a follow-up that is none."""


def make_reviser(deps: Dependencies) -> RunnableLambda[RunState, Update]:
    """The node; one MLLM call, of a follow-up with the picture that is there. Without it what a person
    said would be lost, so the run stops for want of a usable answer before a picture is paid, and can
    be resumed."""

    from langgraph.types import Overwrite

    async def reviser(state: RunState, runtime: Runtime[RunContext]) -> Update:
        basis, first = state.get("basis"), state.get("briefing") is None
        images = []
        if basis and first:
            images = [await asyncio.to_thread(deps.images.fetch, basis["image"])]
        card = deps.generator(context_of(runtime)).card
        try:
            reply = await RoleClient(deps, runtime, state).ask(REVISER, fields_for(state, card), images)
        except NotInWorldError as exc:
            if first:
                raise
            return refused(state, exc)
        answer, update = reply.answer, Update(spent=spent_on(reply.cost))
        if basis and first and answer.anew:
            return {**update, **ANEW, "recalled": Overwrite([])}
        update["request"] = answer.request.strip() or request_of(state)
        if basis:
            draft = draft_of(answer, update["request"])
            emit(runtime, written(draft))
            update |= {"draft": draft, "drafts": Overwrite([draft])}
        if context_of(runtime).verify == "never":
            return update
        requirements, warnings = revised(state, answer, update["request"])
        emit(runtime, RequirementsFound(event="requirements", requirements=requirements))
        return {**update, "requirements": requirements, "warnings": warnings}

    return make_node(deps, "reviser", reviser)


def refused(state: RunState, why: NotInWorldError) -> Update:
    """Back to before a person answered, with why that cannot be used."""
    there = state.get("offered") or state["requirements"]
    return {"briefing": None, "requirements": there, "refused": str(why)}


def draft_of(answer: Revision, request: str) -> Draft:
    """A follow-up's first draft."""
    prompt = answer.prompt.strip() or request
    reasoning = "goes on from the best picture of the turn before"
    return Draft(round=1, action="rewrite", prompt=prompt, reasoning=reasoning)


def fields_for(state: RunState, card: Card) -> dict[str, Any]:
    """The reviser's fields."""
    basis, briefing = state.get("basis"), state.get("briefing")
    said = {name: words for name, words in (briefing or {"change": state["prompt"]}).items() if words}
    return {
        "request": request_of(state),
        "requirements": [
            {"number": n, "question": r["question"], "statement": r["statement"]}
            for n, r in enumerate(state["requirements"], 1)
        ],
        "said": said,
        "drawn": state["draft"]["prompt"] if basis and briefing else basis["drawn"] if basis else "",
        "generator": card.for_writers() if basis else {},
        "draws_from": DRAWS_FROM if basis and basis["edits"] else "",
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
