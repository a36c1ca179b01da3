"""Compressor: turns a round into a short experience that replaces everything that was thought."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from ..events import ExperienceWritten
from ..memory.experiences import WORD_LIMIT, limit_words
from ..memory.ledger import best_of_round, last_round, split
from ..memory.state import Requirement, RunState, Verdict
from ..models.chat.lenient import Prose, Words
from ..models.chat.mllm import Role
from ..models.chat.plain import passage_in
from .client import RoleClient
from .context import RunContext
from .dependencies import Dependencies
from .node import Update, emit, make_node, spent_on
from .prompts import packaged_prompt

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableLambda
    from langgraph.runtime import Runtime

GENERATOR_WORDS = 40
"""Words of a lesson about the generator."""


class Lesson(BaseModel):
    """The compressor's answer."""

    experience: Prose = Field(
        min_length=1, description=f"about this subject, at most {WORD_LIMIT} words"
    )
    about_generator: Words = Field(
        default="",
        description="one sentence about how this generator takes prompts, true of any subject; empty "
        "where nothing is new",
    )

    @classmethod
    def from_words(cls, text: str) -> object:
        """An experience that was written out instead."""
        return {"experience": passage_in(text)}


COMPRESSOR = Role(
    name="compressor",
    instructions=packaged_prompt("compressor"),
    fields=("prompt", "passed", "failed", "undecided", "reasoning", "earlier"),
    answer=Lesson,
    optional=("undecided", "reasoning", "earlier"),
)


def plain_lesson(
    passed: list[Requirement], failed: list[tuple[Requirement, Verdict]], prompt: str
) -> str:
    """What the facts alone say, for when the compressor gives no usable answer."""
    missing = "; ".join(f"{r['statement']} ({v['reason']})" for r, v in failed)
    kept = "; ".join(r["statement"] for r in passed) or "nothing"
    return f"Drawn from: {prompt}. Came out right: {kept}. Failed: {missing}."


def make_compressor(deps: Dependencies) -> RunnableLambda[RunState, Update]:
    """The node; one MLLM call with the round's best picture."""

    async def compressor(state: RunState, runtime: Runtime[RunContext]) -> Update:
        number = last_round(state)
        attempt = best_of_round(state, number)
        passed, failed, unjudged = split(state, attempt)
        fields = {
            "prompt": attempt["prompt"],
            "passed": [requirement["statement"] for requirement in passed],
            "failed": [
                {"statement": r["statement"], "question": r["question"], "reason": v["reason"]}
                for r, v in failed
            ],
            "undecided": [{"statement": r["statement"], "reason": v["reason"]} for r, v in unjudged],
            "reasoning": state["draft"]["reasoning"],
            "earlier": list(state["experiences"].values()),
        }
        client = RoleClient(deps, runtime, state)
        image = await asyncio.to_thread(deps.images.fetch, attempt["image"])
        reply, cost, problem = await client.ask_or_none(COMPRESSOR, fields, [image])
        lesson = reply.answer.experience if reply else plain_lesson(passed, failed, attempt["prompt"])
        experience = limit_words(lesson)
        about_generator = limit_words(reply.answer.about_generator, GENERATOR_WORDS) if reply else ""
        emit(runtime, ExperienceWritten(event="experience", round=number, experience=experience))
        return {
            "experiences": {str(number): experience},
            "generator_lessons": {str(number): about_generator},
            "spent": spent_on(cost),
            "warnings": [problem] if problem else [],
        }

    return make_node(deps, "compressor", compressor)
