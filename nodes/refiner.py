"""Refiner: from every past attempt, decides what the next round draws."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from langchain_core.runnables import RunnableLambda
from langgraph.runtime import Runtime
from pydantic import BaseModel, Field

from ..memory.ledger import best_attempt, best_of_round, last_round, split
from ..memory.retriever import Recollection, recall
from ..memory.state import Draft, Requirement, RunState
from ..models.chat.mllm import Role
from .context import RunContext
from .dependencies import Dependencies
from .node import RoleClient, Update, context_of, emit, make_node, spent_on

STRATEGY_LENGTH = 40
"""Characters of a strategy's name that are kept."""


class Cover(BaseModel):
    """Where the new prompt asks for a requirement."""

    number: int = Field(description="the number of the requirement")
    quote: str = Field(description="the words of the new prompt that ask for it, copied exactly")


class Refinement(BaseModel):
    """The refiner's answer."""

    action: Literal["rewrite", "resample"] = Field(
        description="rewrite: draw a new prompt; resample: draw the last prompt with another seed"
    )
    prompt: str = Field("", description="the new prompt; empty to resample")
    strategy: str = Field(
        "",
        description="one to three words that name what you do differently, such as 'digits' or "
        "'name positions'; the track record's name where it is the same",
    )
    reasoning: str = Field("", description="why, in one or two sentences")
    covers: list[Cover] = Field(default_factory=list)


REFINER = Role(
    name="refiner",
    instructions=(
        "You improve a prompt for a text-to-image model until its picture is as the user asked. "
        "You see the user's request, its requirements by number, and every attempt so far: the "
        "prompt, what passed, what failed, what was learned, and pictures of the latest ones. "
        "Choose an action: 'rewrite' with a new prompt that keeps every requirement and changes the "
        "wording where it failed, or 'resample' when the last prompt is good and only luck was "
        "missing. Say things positively and concretely; put the things that failed early and "
        "spell them out; do not repeat a wording that has failed twice. For a rewrite, give for "
        "every requirement the exact words of your new prompt that ask for it. Experiences from "
        "earlier runs, if there are any, tell what helped this generator with similar requests, and "
        "the track record how often each strategy worked after a requirement of the kind 'failed': "
        "'right' of the times it was 'tried' everything passed, and 'gained' is the mean of "
        "requirements won. Prefer one that worked."
    ),
    fields=("prompt", "requirements", "attempts", "recalled", "track_record"),
    answer=Refinement,
)


def describe_round(state: RunState, number: int) -> dict[str, Any]:
    """One past round as the refiner reads it."""
    attempt = best_of_round(state, number)
    passed, failed, _ = split(state, attempt)
    return {
        "round": number,
        "action": state["drafts"][number - 1]["action"],
        "prompt": attempt["prompt"],
        "passed": [requirement["statement"] for requirement in passed],
        "failed": [
            {"statement": r["statement"], "kind": r["kind"], "reason": v["reason"]} for r, v in failed
        ],
        "experience": state["experiences"].get(str(number), ""),
    }


def fields_for(state: RunState, memory: Recollection) -> dict[str, Any]:
    """The refiner's fields."""
    return {
        "prompt": state["prompt"],
        "requirements": [
            {"number": n, "question": r["question"], "statement": r["statement"]}
            for n, r in enumerate(state["requirements"], 1)
        ],
        "attempts": [describe_round(state, n) for n in range(1, last_round(state) + 1)],
        "recalled": memory.experiences,
        "track_record": memory.track_record,
    }


def keep_passing(
    prompt: str, covers: list[Cover], requirements: list[Requirement], passing: list[Requirement]
) -> str:
    """``prompt``, with every passing requirement that it does not demonstrably ask for added.

    A requirement counts as asked for when the refiner quotes words that really stand in the prompt,
    or when its own statement does.
    """
    text = prompt.casefold()
    covered = {
        requirements[cover.number - 1]["id"]
        for cover in covers
        if 1 <= cover.number <= len(requirements)
        and cover.quote.strip()
        and cover.quote.strip().casefold() in text
    }
    lost = [
        requirement["statement"].rstrip(".")
        for requirement in passing
        if requirement["id"] not in covered and requirement["statement"].casefold() not in text
    ]
    return f"{prompt.rstrip(' .')}. {'. '.join(lost)}." if lost else prompt


def resample(number: int, prompt: str, reasoning: str) -> Draft:
    """The draft that draws ``prompt`` with another seed."""
    return Draft(
        round=number, action="resample", prompt=prompt, reasoning=reasoning, strategy="resample"
    )


def next_draft(state: RunState, answer: Refinement | None) -> Draft:
    """The next round's draft. Without a usable answer the best prompt so far is drawn again."""
    number = last_round(state) + 1
    best = best_attempt(state)
    if answer is None:
        return resample(number, best["prompt"], "")
    new = answer.prompt.strip()
    if answer.action == "resample" or not new:
        return resample(number, state["draft"]["prompt"], answer.reasoning)
    passing, _, _ = split(state, best)
    prompt = keep_passing(new, answer.covers, state["requirements"], passing)
    return Draft(
        round=number,
        action="rewrite",
        prompt=prompt,
        reasoning=answer.reasoning,
        strategy=" ".join(answer.strategy.casefold().split())[:STRATEGY_LENGTH],
    )


def make_refiner(deps: Dependencies) -> RunnableLambda[RunState, Update]:
    """The node; one MLLM call with the latest pictures."""

    async def refiner(state: RunState, runtime: Runtime[RunContext]) -> Update:
        context = context_of(runtime)
        memory = await recall(
            lambda: deps.experiences,
            state["prompt"],
            deps.generator(context).name,
            context.memory,
        )
        client = RoleClient.for_state(deps, runtime, state)
        fields, images = fields_for(state, memory), shown_images(state, context, deps)
        reply, cost, problem = await client.ask_or_none(REFINER, fields, images)
        draft = next_draft(state, reply.answer if reply else None)
        if reply and reply.reasoning:
            draft["reasoning"] = reply.reasoning[-2000:]
        emit(runtime, "prompt", **draft)
        return {
            "draft": draft,
            "drafts": [draft],
            "spent": spent_on(cost),
            "track_record": memory.track_record,
            "warnings": memory.warnings + ([problem] if problem else []),
        }

    return make_node(deps, "refiner", refiner)


def shown_images(state: RunState, context: RunContext, deps: Dependencies) -> list[Path]:
    """The pictures of the latest rounds, oldest first."""
    numbers = range(1, last_round(state) + 1)
    shown = list(numbers)[-context.shown_images :] if context.shown_images else []
    return [deps.images.path(best_of_round(state, n)["image"]) for n in shown]
