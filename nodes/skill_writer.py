"""Skill writer: writes the first prompt with the chosen skills' instructions and what memory holds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from ..errors import RefusedError
from ..memory.ledger import request_of
from ..memory.state import Draft, RunState
from ..models.chat.lenient import Prose
from ..models.chat.mllm import Role
from ..models.chat.plain import passage_in
from .client import RoleClient
from .context import RunContext
from .coverage import fold, literals_of
from .dependencies import Dependencies
from .node import Update, context_of, emit, make_node, spent_on, written
from .prompts import packaged_prompt

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableLambda
    from langgraph.runtime import Runtime


class Rewrite(BaseModel):
    """The skill writer's answer."""

    prompt: Prose = Field(min_length=1, description="the prompt to draw, nothing else")

    @classmethod
    def from_words(cls, text: str) -> object:
        """A prompt that was written out instead."""
        return {"prompt": passage_in(text)}


SKILL_WRITER = Role(
    name="skill_writer",
    instructions=packaged_prompt("skill_writer"),
    fields=("prompt", "skill", "generator", "facts", "recalled", "generator_lessons"),
    answer=Rewrite,
    follows=("skill",),
    optional=("skill", "facts", "recalled", "generator_lessons"),
)


async def read_skills(deps: Dependencies, skill: str | None) -> tuple[dict[str, str], list[str]]:
    """The texts of the chosen skills by name, and what is wrong with them. They are read from disk only
    now, as the standard has it: a run needs one of many."""
    if skill is None:
        return {}, []
    return await asyncio.to_thread(deps.skills.instructions, skill)


def first_draft(state: RunState) -> Draft:
    """The user's prompt as it is; where an earlier run got it right from this seed, what that drew."""
    recipe = state.get("recipe")
    if not recipe:
        return Draft(round=1, action="rewrite", prompt=request_of(state), reasoning="")
    return Draft(
        round=1,
        action="rewrite",
        prompt=recipe["prompt"],
        seed=recipe["seed"],
        reasoning="as an earlier run drew it, where this request came right from this seed",
    )


def make_skill_writer(deps: Dependencies) -> RunnableLambda[RunState, Update]:
    """The node; without a skill, and where neither memory nor knowledge adds anything, it passes the
    user's prompt through and makes no call; nor does it where memory knows what draws the picture.

    A skill that went away, or that the MLLM refuses to read, is a warning: the run goes on without.
    """

    async def skill_writer(state: RunState, runtime: Runtime[RunContext]) -> Update:
        draft = first_draft(state)
        if "seed" in draft:
            emit(runtime, written(draft))
            return {"draft": draft, "drafts": [draft]}
        update: Update = {}
        bodies, problems = await read_skills(deps, state["skill"])
        if bodies or state.get("facts") or state["recalled"]:
            update = await write(draft, bodies, state, runtime)
        if problems:
            used = update.get("skill", "+".join(bodies) or None)
            warnings = [f"skill_writer: {line}" for line in problems]
            update = {**update, "skill": used, "warnings": warnings + update.get("warnings", [])}
        emit(runtime, written(draft))
        return {**update, "draft": draft, "drafts": [draft]}

    async def write(
        draft: Draft, bodies: dict[str, str], state: RunState, runtime: Runtime[RunContext]
    ) -> Update:
        """Has the first prompt written, into ``draft``; refused, there is no skill to learn of."""
        names, card = "+".join(bodies), deps.generator(context_of(runtime)).card
        fields = {
            "prompt": request_of(state),
            "skill": "\n\n".join(bodies.values()),
            "generator": card.for_writers(),
            "facts": state.get("facts", []),
            "recalled": state["recalled"],
            "generator_lessons": state["recalled_lessons"],
        }
        try:
            client = RoleClient(deps, runtime, state)
            reply, cost, problem = await client.ask_or_none(SKILL_WRITER, fields)
        except RefusedError as exc:
            without = f"the skill {names!r}" if names else "a prompt of its own"
            warning = f"skill_writer: going on without {without}: {exc}"
            return {"skill": None, "spent": spent_on(exc.cost), "warnings": [warning]}
        if reply and keeps_literals(request_of(state), reply.answer.prompt):
            draft["prompt"] = reply.answer.prompt.strip() or request_of(state)
            draft["reasoning"] = why_written(names, bool(state.get("facts")), bool(state["recalled"]))
        return {"spent": spent_on(cost), "warnings": [problem] if problem else []}

    return make_node(deps, "skill_writer", skill_writer)


def keeps_literals(prompt: str, rewritten: str) -> bool:
    """Whether the texts that the user put in quotation marks stand in what was written."""
    text = fold(rewritten)
    return all(fold(literal) in text for literal in literals_of(prompt))


def why_written(skills: str, facts: bool, recalled: bool) -> str:
    """What the first prompt was written with, for those who read the run."""
    sources = [f"the skill {skills}"] if skills else []
    sources += ["the facts behind the request"] if facts else []
    sources += ["what earlier runs taught"] if recalled else []
    return f"written with {', '.join(sources)}"
