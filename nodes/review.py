"""Review: shows a judged round to a person, and makes the answer part of the facts."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field

from ..errors import InputError
from ..memory.ending import outcome_of
from ..memory.ledger import best_of_round, last_round, passed_count, verdict_on
from ..memory.reviews import BY_HAND, ask_of, fail, has_next, next_id, without
from ..memory.state import Draft, Review, RunState, Verdict
from .context import RunContext
from .dependencies import Dependencies
from .interrupts import EVERY_ANSWER, ask_person, read_answer
from .node import Update, context_of, make_node
from .requirements import added

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableLambda
    from langgraph.runtime import Runtime

PERSON = "person"
"""Stands for a judge's name where a person judged."""
DECISIONS = {"accept": "go_on", "approve": "go_on", "ignore": "stop", "continue": "go_on"}
"""Words of agent inboxes for what can be decided: there, what is accepted is the proposed next step."""


class Answer(BaseModel):
    """What a person says of a round; everything may be left out."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    decision: Literal["go_on", "take", "stop"] = Field(
        default="go_on", description="take: end with the best picture, it is good; stop: end with it"
    )
    verdicts: dict[str, Literal["pass", "fail"]] = Field(
        default_factory=dict, description="by a requirement's id, what it truly is on this picture"
    )
    add: list[str] = Field(default_factory=list, description="requirements that were forgotten")
    drop: list[str] = Field(default_factory=list, description="ids of requirements that do not count")
    wrong: str = Field(default="", description="in words, what is wrong with the picture")
    prompt: str = Field(default="", description="what the next round draws, word for word")


def from_inbox(said: Mapping[str, Any]) -> dict[str, Any]:
    """An agent inbox's answer (its HumanResponse) in our form."""
    kind, given = str(said["type"]), said.get("args")
    if kind == "response":
        return {"wrong": str(given or "")}
    if kind == "edit" and isinstance(given, Mapping):
        return dict(given.get("args") or given)
    return {"decision": DECISIONS.get(kind, kind)}


def question_of(state: RunState, context: RunContext, deps: Dependencies) -> dict[str, Any]:
    """What a person is asked: an agent inbox's HumanInterrupt, with the round beside it.
    May block, as the picture is fetched."""
    number = last_round(state)
    attempt = best_of_round(state, number)
    place = deps.picture_url(attempt["image"]) if deps.picture_url else None
    picture = place or str(deps.images.fetch(attempt["image"]))
    verdicts = [
        {"id": r["id"], "statement": r["statement"], "verdict": v["value"], "reason": v["reason"]}
        for r in state["requirements"]
        for v in (verdict_on(state, attempt, r),)
    ]
    next_prompt = state["draft"]["prompt"] if has_next(state) else ""
    marks = {"pass": "+", "fail": "x"}
    lines = [
        f"{marks.get(v['verdict'], '?')} {v['id']} {v['statement']}: {v['reason']}" for v in verdicts
    ]
    plan = f"Next: {next_prompt}" if next_prompt else f"Ends as {outcome_of(state, context, False)}."
    return {
        "action_request": {
            "action": "draw_next_round" if next_prompt else "finish",
            "args": {"prompt": next_prompt},
        },
        "config": EVERY_ANSWER,
        "description": f"Round {number}\n\n![picture]({picture})\n\n" + "\n".join([*lines, "", plan]),
        "round": number,
        "picture": picture,
        "passed": passed_count(state, attempt),
        "total": len(state["requirements"]),
        "verdicts": verdicts,
        "next_prompt": next_prompt,
    }


def settle(state: RunState, answer: Answer) -> Update:
    """The facts that follow from an answer.

    Raises:
        InputError: it names a requirement that there is not.
    """
    ids = {requirement["id"] for requirement in state["requirements"]}
    for name in (*answer.verdicts, *answer.drop):
        if name not in ids:
            raise InputError(f"no requirement is called {name!r}: there are {', '.join(sorted(ids))}")
    number = last_round(state)
    requirements = without(state["requirements"], answer.drop)
    verdicts: dict[str, Verdict] = {}
    for name, value in answer.verdicts.items():
        verdict = Verdict(value=value, reason="a person says so", confidence=1.0, judge=PERSON)
        verdicts[f"{number}.{best_of_round(state, number)['candidate']}.{name}"] = verdict
    for words in filter(None, (*answer.add, answer.wrong)):
        asked = added(words, next_id([*state["requirements"], *requirements]), words == answer.wrong)
        requirements = [*requirements, asked]
        verdicts |= (fail if words == answer.wrong else ask_of)(state, asked, words)
    return {"requirements": requirements, "verdicts": verdicts}


def by_hand(state: RunState, prompt: str) -> Draft:
    """The next round's draft in a person's words."""
    attempt = best_of_round(state, last_round(state))
    return Draft(
        round=last_round(state) + 1,
        action="rewrite",
        prompt=prompt,
        reasoning="a person wrote this prompt",
        strategy=BY_HAND,
        start={"round": attempt["round"], "candidate": attempt["candidate"]},
    )


def plan_after(state: RunState, answer: Answer) -> Update:
    """What is drawn next after an answer. What was planned before the person changed what is required
    or judged is thought about anew."""
    from langgraph.types import Overwrite

    number = last_round(state)
    changes = bool(answer.verdicts or answer.add or answer.drop or answer.wrong)
    said = cast(Review, {"round": number, "changes": changes, **answer.model_dump()})
    drafts = state["drafts"][:number] if changes or answer.prompt else state["drafts"]
    if answer.prompt:
        drafts = [*drafts, by_hand(state, answer.prompt)]
    return {
        "reviews": [said],
        "draft": drafts[-1] if drafts else state["draft"],
        "drafts": Overwrite(drafts),
    }


def make_review(deps: Dependencies) -> RunnableLambda[RunState, Update]:
    """The node; interrupts the run, however long it takes until somebody answers."""

    async def review(state: RunState, runtime: Runtime[RunContext]) -> Update:
        def take(said: Any) -> Update:
            answer = read_answer(said, Answer, from_inbox)
            return {**settle(state, answer), **plan_after(state, answer)}

        return ask_person(await asyncio.to_thread(question_of, state, context_of(runtime), deps), take)

    return make_node(deps, "review", review)
