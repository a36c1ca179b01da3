"""Briefing: before the first picture, shows a person what it will be held to, and makes what they say
part of the facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from ..errors import InputError
from ..memory.ledger import request_of
from ..memory.reviews import next_id, without
from ..memory.said import Edited
from ..memory.state import Briefing, Clarification, Requirement, RunState
from .context import RunContext
from .dependencies import Dependencies
from .interrupts import EVERY_ANSWER, ask_person, read_answer
from .node import Update, make_node
from .requirements import MOST_QUESTIONS, added, in_question

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableLambda
    from langgraph.runtime import Runtime

Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
ANSWER, REQUIREMENT = "c", "q"
"""With what the ids of clarifying questions and of requirements begin."""
CONFIRMED = ("accept", "approve", "ignore", "continue")
"""Words of agent inboxes for going on with what is there."""


class Answer(BaseModel):
    """What a person says before the first picture; everything may be left out, which confirms it."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["go_on"] = Field(default="go_on", description="draw it")
    answers: dict[str, Words] = Field(
        default_factory=dict, description="by a clarifying question's id, the answer in words"
    )
    add: list[Words] = Field(default_factory=list, description="requirements that were forgotten")
    drop: list[str] = Field(default_factory=list, description="ids of requirements that do not count")
    edit: dict[str, Words] = Field(
        default_factory=dict, description="by a requirement's id, the same in better words"
    )
    words: Words = Field(default="", description="anything else, in words")

    @field_validator("add", mode="before")
    @classmethod
    def _lines(cls, value: object) -> object:
        return value.splitlines() if isinstance(value, str) else value


def from_inbox(said: Mapping[str, Any]) -> dict[str, Any]:
    """An agent inbox's answer (its HumanResponse) in our form."""
    kind, given = str(said["type"]), said.get("args")
    if kind == "response":
        return {"words": str(given or "")}
    if kind == "edit" and isinstance(given, Mapping):
        inner = given.get("args")
        return from_form(inner if isinstance(inner, Mapping) else given)
    return {} if kind in CONFIRMED else {"decision": kind}


def from_form(given: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody made of the interrupt's own arguments, a field a question and a requirement, in our
    form; a requirement whose field they emptied does not count."""
    fields = {name: value for name, value in given.items() if not is_id(name)}
    texts = {name: str(value or "").strip() for name, value in given.items() if is_id(name)}
    kept = {name: text for name, text in texts.items() if text}
    gone = [name for name, text in texts.items() if not text and name.startswith(REQUIREMENT)]
    more: dict[str, Any] = {
        "answers": {name: text for name, text in kept.items() if name.startswith(ANSWER)},
        "edit": {name: text for name, text in kept.items() if name.startswith(REQUIREMENT)},
        "drop": gone,
    }
    return {**{name: value for name, value in more.items() if value}, **fields}


def is_id(name: str) -> bool:
    """Whether ``name`` may be a question's or a requirement's."""
    return name[:1] in (ANSWER, REQUIREMENT) and name[1:].isdigit()


def question_of(state: RunState) -> dict[str, Any]:
    """What a person is asked: an agent inbox's HumanInterrupt, with its parts beside it."""
    asked = inquiries_of(state)
    required = {item["id"]: item["statement"] for item in state["requirements"]}
    lines = [f"{key} {words}" for key, words in (*required.items(), *asked.items())]
    return {
        "action_request": {
            "action": "draw_first_picture",
            "args": {**dict.fromkeys(asked, ""), **required, "add": ""},
        },
        "config": EVERY_ANSWER,
        "description": "\n".join([f"Before it is drawn: {request_of(state)}", "", *lines]),
        "request": request_of(state),
        "requirements": [{"id": key, "statement": words} for key, words in required.items()],
        "questions": [{"id": key, "question": words} for key, words in asked.items()],
    }


def inquiries_of(state: RunState) -> dict[str, str]:
    """The clarifying questions by their ids."""
    return {f"{ANSWER}{n}": words for n, words in enumerate(state.get("inquiries") or (), 1)}


def settle(state: RunState, answer: Answer) -> Update:
    """The facts that follow from an answer.

    Raises:
        InputError: it names a question or requirement that there is not, or adds too many.
    """
    asked = inquiries_of(state)
    required = {item["id"]: item for item in state["requirements"]}
    check_ids(answer.answers, asked, "question")
    check_ids((*answer.drop, *answer.edit), required, "requirement")
    edit = {
        key: words
        for key, words in answer.edit.items()
        if words and words != required[key]["statement"] and key not in answer.drop
    }
    requirements = [
        reworded(item, edit[item["id"]]) if item["id"] in edit else item
        for item in without(state["requirements"], answer.drop)
    ]
    add = list(filter(None, answer.add))
    for words in add:
        requirements.append(added(words, next_id([*state["requirements"], *requirements])))
    if len(requirements) > max(MOST_QUESTIONS, len(required)):
        raise InputError(f"these are {len(requirements)} requirements: use {MOST_QUESTIONS} at most")
    said = Briefing(
        answers=[
            Clarification(question=asked[key], answer=words)
            for key, words in answer.answers.items()
            if words
        ],
        add=add,
        drop=[required[key]["statement"] for key in dict.fromkeys(answer.drop)],
        edit=[Edited(before=required[key]["statement"], after=words) for key, words in edit.items()],
        words=answer.words,
    )
    offered = state["requirements"]
    return {"requirements": requirements, "briefing": said, "offered": offered, "refused": ""}


def check_ids(named: Sequence[str] | Mapping[str, str], there: Mapping[str, Any], what: str) -> None:
    """Checks that all that is named is there.

    Raises:
        InputError: something is not.
    """
    for name in named:
        if name not in there:
            known = f"there are {', '.join(there)}" if there else "there is none"
            raise InputError(f"no {what} is called {name!r}: {known}")


def reworded(requirement: Requirement, words: str) -> Requirement:
    """A requirement in a person's own words."""
    return {**requirement, "statement": words, "question": in_question(words)}


def make_briefing(deps: Dependencies) -> RunnableLambda[RunState, Update]:
    """The node; interrupts the run, however long it takes until somebody answers."""

    async def briefing(state: RunState, runtime: Runtime[RunContext]) -> Update:
        def take(said: Any) -> Update:
            return settle(state, read_answer(said, Answer, from_inbox))

        return ask_person(question_of(state), take, state.get("refused", ""))

    return make_node(deps, "briefing", briefing)
