"""Refiner: from every past attempt, decides what the next round draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..memory.ledger import best_attempt, best_of_round, last_round, split
from ..memory.retriever import Recollection, recall
from ..memory.state import Draft, RunState
from ..models.chat.mllm import Role
from ..models.pictures.card import Card
from .actions import RESAMPLE, REWRITE, Action, Refinement, answer_for, redraw
from .client import RoleClient
from .context import RunContext
from .dependencies import Dependencies
from .node import Update, context_of, emit, make_node, spent_on, written
from .prompts import packaged_prompt

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableLambda
    from langgraph.runtime import Runtime

REFINER = Role(
    name="refiner",
    instructions=packaged_prompt("refiner"),
    fields=(
        "prompt", "requirements", "attempts", "actions", "generator", "recalled", "track_record"
    ),
    answer=answer_for((REWRITE, RESAMPLE)),
)  # fmt: skip
"""As it is where the generator can only draw from words; the answer follows the offered actions."""


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


def fields_for(
    state: RunState, memory: Recollection, offered: Sequence[Action], card: Card
) -> dict[str, Any]:
    """The refiner's fields."""
    return {
        "prompt": state["prompt"],
        "requirements": [
            {"number": n, "question": r["question"], "statement": r["statement"]}
            for n, r in enumerate(state["requirements"], 1)
        ],
        "attempts": [describe_round(state, n) for n in range(1, last_round(state) + 1)],
        "actions": [{"action": action.name, "does": action.does} for action in offered],
        "generator": card.for_writers(),
        "recalled": memory.experiences,
        "track_record": memory.track_record,
    }


def next_draft(state: RunState, answer: Refinement | None, actions: Mapping[str, Action]) -> Draft:
    """The next round's draft. Without a usable answer the best prompt so far is drawn again."""
    if answer is None:
        best = best_attempt(state)
        return redraw(state, best, best["prompt"], "")
    return actions[answer.action].draft(state, answer)


def make_refiner(deps: Dependencies) -> RunnableLambda[RunState, Update]:
    """The node; one MLLM call with the latest pictures."""

    async def refiner(state: RunState, runtime: Runtime[RunContext]) -> Update:
        context = context_of(runtime)
        generator, offered = deps.generator(context), deps.offered_actions(context)
        memory = await recall(lambda: deps.experiences, state["prompt"], generator.name, context.memory)
        role = replace(REFINER, answer=answer_for(tuple(offered)))
        fields = fields_for(state, memory, offered, generator.card)
        images = shown_images(state, context, deps)
        client = RoleClient(deps, runtime, state)
        reply, cost, problem = await client.ask_or_none(role, fields, images)
        draft = next_draft(state, reply.answer if reply else None, deps.actions)
        if reply and reply.reasoning:
            draft["reasoning"] = reply.reasoning[-2000:]
        emit(runtime, written(draft))
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
