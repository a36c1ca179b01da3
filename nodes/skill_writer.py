"""Skill writer: rewrites the first prompt with the full instructions of the chosen skill."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from ..memory.state import Draft, RunState
from ..models.chat.lenient import Prose
from ..models.chat.mllm import Role
from .client import RoleClient
from .context import RunContext
from .dependencies import Dependencies
from .node import Update, context_of, emit, make_node, spent_on, written
from .prompts import packaged_prompt

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableLambda
    from langgraph.runtime import Runtime


class Rewrite(BaseModel):
    """The skill writer's answer."""

    prompt: Prose = Field(min_length=1, description="the prompt to draw, nothing else")


SKILL_WRITER = Role(
    name="skill_writer",
    instructions=packaged_prompt("skill_writer"),
    fields=("prompt", "skill", "generator"),
    answer=Rewrite,
)


def make_skill_writer(deps: Dependencies) -> RunnableLambda[RunState, Update]:
    """The node; without a skill it passes the user's prompt through and makes no call."""

    async def skill_writer(state: RunState, runtime: Runtime[RunContext]) -> Update:
        draft = Draft(round=1, action="rewrite", prompt=state["prompt"], reasoning="")
        update: Update = {}
        if state["skill"] is not None:
            skill = deps.skills.get(state["skill"])
            body = await asyncio.to_thread(lambda: skill.body)
            client = RoleClient(deps, runtime, state)
            card = deps.generator(context_of(runtime)).card
            fields = {"prompt": state["prompt"], "skill": body, "generator": card.for_writers()}
            reply, cost, problem = await client.ask_or_none(SKILL_WRITER, fields)
            if reply:
                draft["prompt"] = reply.answer.prompt.strip() or state["prompt"]
                draft["reasoning"] = f"written with the skill {state['skill']}"
            update = {"spent": spent_on(cost), "warnings": [problem] if problem else []}
        emit(runtime, written(draft))
        return {**update, "draft": draft, "drafts": [draft]}

    return make_node(deps, "skill_writer", skill_writer)
