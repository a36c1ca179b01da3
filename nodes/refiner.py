"""Refiner: from every past attempt, decides what the next round draws."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import Cost
from ..memory.ledger import (
    attempt_at,
    best_attempt,
    best_of_round,
    last_attempt,
    last_round,
    request_of,
    split,
)
from ..memory.retriever import Recollection, recall
from ..memory.state import Draft, RunState
from ..models.chat.mllm import Role
from ..models.pictures.card import Card
from .actions import (
    DRAWS_FROM,
    RESAMPLE,
    REWRITE,
    Action,
    Refinement,
    answer_for,
    lost_by,
    redraw,
    ref_of,
)
from .client import RoleClient
from .context import RunContext
from .dependencies import Dependencies
from .node import Update, context_of, emit, make_node, spent_on, thread_of, written
from .prompts import packaged_prompt

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableLambda
    from langgraph.runtime import Runtime

REFINER = Role(
    name="refiner",
    instructions=packaged_prompt("refiner"),
    fields=(
        "prompt", "requirements", "attempts", "actions", "generator", "skill", "facts", "recalled",
        "generator_lessons", "track_record", "returned",
    ),
    answer=answer_for((REWRITE, RESAMPLE)),
    follows=("skill",),
    optional=("skill", "facts", "recalled", "generator_lessons", "track_record", "returned"),
)  # fmt: skip
"""As it is where the generator can only draw from words; the answer follows the offered actions."""


def describe_round(state: RunState, number: int, shown: Sequence[int]) -> dict[str, Any]:
    """One past round as the refiner reads it; ``shown`` are the rounds whose pictures it sees."""
    attempt = best_of_round(state, number)
    passed, failed, undecided = split(state, attempt)
    return {
        "round": number,
        "picture": shown.index(number) + 1 if number in shown else None,
        "action": state["drafts"][number - 1]["action"],
        "prompt": attempt["prompt"],
        "passed": [state["requirements"].index(requirement) + 1 for requirement in passed],
        "failed": [
            {"statement": r["statement"], "kind": r["kind"], "reason": v["reason"]} for r, v in failed
        ],
        "undecided": [{"statement": r["statement"], "reason": v["reason"]} for r, v in undecided],
        "experience": state["experiences"].get(str(number), ""),
    }


def fields_for(
    state: RunState,
    memory: Recollection,
    offered: Sequence[Action],
    card: Card,
    skill: str,
    shown: Sequence[int],
) -> dict[str, Any]:
    """The refiner's fields."""
    return {
        "prompt": request_of(state),
        "requirements": [
            {"number": n, "statement": r["statement"]} for n, r in enumerate(state["requirements"], 1)
        ],
        "attempts": [describe_round(state, n, shown) for n in range(1, last_round(state) + 1)],
        "actions": [{"action": action.name} for action in offered],
        "generator": {**card.for_writers(), **({"draws_from": DRAWS_FROM} if edits(state) else {})},
        "skill": skill,
        "facts": state.get("facts", []),
        "recalled": memory.experiences,
        "generator_lessons": memory.lessons,
        "track_record": [row for row in memory.track_record if "strategy" in row],
        "returned": {},
    }


def edits(state: RunState) -> bool:
    """Whether every round changes the picture of the turn before."""
    basis = state.get("basis")
    return basis is not None and basis["edits"]


def next_draft(state: RunState, answer: Refinement | None, actions: Mapping[str, Action]) -> Draft:
    """The next round's draft. Without a usable answer the best prompt so far is drawn again."""
    if answer is None:
        best = best_attempt(state)
        return redraw(state, best, best["prompt"], "")
    draft = actions[answer.action].draft(state, answer)
    try:
        attempt_at(state, draft.get("start", ref_of(last_attempt(state))))
    except KeyError:
        # A model can name a round that never was; the best picture is what anybody would start from.
        draft["start"] = ref_of(best_attempt(state))
    return draft


@dataclass(frozen=True)
class Asked:
    """What came of asking the refiner."""

    answer: Refinement | None
    reasoning: str
    cost: Cost
    problem: str


async def ask_refiner(
    client: RoleClient, role: Role[Refinement], fields: Mapping[str, Any], images: Sequence[Path]
) -> Asked:
    """One call; an unusable answer is none."""
    reply, cost, problem = await client.ask_or_none(role, fields, images)
    if reply is None:
        return Asked(None, "", cost, problem)
    return Asked(reply.answer, reply.reasoning, cost, problem)


async def ask_for_what_is_lost(
    client: RoleClient, role: Role[Refinement], fields: Mapping[str, Any], state: RunState, first: Asked
) -> Asked:
    """Asks once more, naming what the new prompt no longer asks for; the first answer counts where the
    second is none, or the budget allows none."""
    lost = lost_by(state, first.answer) if first.answer else []
    if not lost or not client.may_ask_again(first.cost) or first.answer is None:
        return first
    returned = {
        "prompt": first.answer.prompt,
        "no_longer_asks_for": [requirement["statement"] for requirement in lost],
    }
    second = await ask_refiner(client, role, {**fields, "returned": returned}, ())
    answer = first.answer
    if second.answer is not None and second.answer.prompt.strip():
        answer = second.answer
    return Asked(answer, first.reasoning, first.cost + second.cost, second.problem)


def make_refiner(deps: Dependencies) -> RunnableLambda[RunState, Update]:
    """The node; one MLLM call with the latest pictures, another where something was lost."""

    async def refiner(state: RunState, runtime: Runtime[RunContext]) -> Update:
        context = context_of(runtime)
        generator, offered = deps.generator(context), deps.offered_actions(context)
        memory = await recall(
            lambda: deps.experiences,
            request_of(state),
            generator.name,
            context.memory and not state.get("memory_failed"),
            thread_of(runtime),
        )
        role = replace(REFINER, answer=answer_for(tuple(offered)))
        skill = await asyncio.to_thread(skill_text, deps, state["skill"])
        shown = shown_rounds(state, context)
        fields = fields_for(state, memory, offered, generator.card, skill, shown)
        refs = [best_of_round(state, n)["image"] for n in shown]
        images = [await asyncio.to_thread(deps.images.fetch, ref) for ref in refs]
        client = RoleClient(deps, runtime, state)
        asked = await ask_refiner(client, role, fields, images)
        asked = await ask_for_what_is_lost(client, role, fields, state, asked)
        draft = next_draft(state, asked.answer, deps.actions)
        if asked.reasoning:
            draft["reasoning"] = asked.reasoning[-2000:]
        emit(runtime, written(draft))
        return {
            "draft": draft,
            "drafts": [draft],
            "spent": spent_on(asked.cost),
            "track_record": memory.track_record,
            "recalled_lessons": memory.lessons,
            "memory_failed": state.get("memory_failed", False) or bool(memory.warnings),
            "warnings": memory.warnings + ([asked.problem] if asked.problem else []),
        }

    return make_node(deps, "refiner", refiner)


def skill_text(deps: Dependencies, names: str | None) -> str:
    """The rules that the first prompt was written by; empty where there were none, or they are gone."""
    if names is None:
        return ""
    bodies, _ = deps.skills.instructions(names)
    return "\n\n".join(bodies.values())


def shown_rounds(state: RunState, context: RunContext) -> list[int]:
    """The latest rounds, whose pictures the refiner sees, oldest first."""
    numbers = list(range(1, last_round(state) + 1))
    return numbers[-context.shown_images :] if context.shown_images else []
