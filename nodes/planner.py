"""Planner: routes the prompt to one skill, or to none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, BeforeValidator, Field

from ..errors import Cost, InputError
from ..events import SkillChosen
from ..memory.experiences import Experience
from ..memory.ledger import request_of
from ..memory.retriever import Recollection, recall, skill_uses
from ..memory.rows import RecipeRow
from ..memory.state import RunState
from ..models.chat.lenient import NOTHING, Words, read_word
from ..models.chat.mllm import Role
from ..skills.catalogue import Catalogue
from .client import RoleClient
from .context import RunContext
from .dependencies import Dependencies
from .node import Update, context_of, emit, make_node, spent_on, thread_of
from .prompts import packaged_prompt

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableLambda
    from langgraph.runtime import Runtime


NAMED = re.compile(r"[\"'`*\u201c]([a-z0-9]+(?:[-+][a-z0-9]+)*)[\"'`*\u201d]", re.IGNORECASE)
"""A skill's name in quotation marks."""
TAKES_NONE = re.compile(r"^\W*none\b|\bno(?:ne)?\b.{0,20}\bskill", re.IGNORECASE)


def read_skill(said: object) -> object:
    """A skill's name; "none" however a model says that it wants none."""
    name = read_word("none" if said in (None, [], {}) else said)
    return "none" if isinstance(name, str) and name.casefold() in NOTHING else name


class SkillChoice(BaseModel):
    """The planner's answer."""

    reason: Words = Field(default="", description="one short sentence")
    skill: Annotated[str, BeforeValidator(read_skill)] = Field(
        description="the name of one skill from the list, or 'none'"
    )

    @classmethod
    def from_words(cls, text: str) -> object:
        """A choice in plain words: a name in quotation marks, or that it takes none."""
        named = NAMED.findall(text)
        if not named and TAKES_NONE.search(text):
            named = ["none"]
        return {"skill": named[0].lower(), "reason": text[:300]} if len(named) == 1 else None


PLANNER = Role(
    name="planner",
    instructions=packaged_prompt("planner"),
    fields=("prompt", "skills", "experiences", "track_record"),
    answer=SkillChoice,
    optional=("experiences", "track_record"),
)


def exists(skills: Catalogue, names: str) -> bool:
    """Whether every skill in ``names``, one or several joined by ``+``, is on offer."""
    try:
        skills.chosen(names)
    except InputError:
        return False
    return True


def known_way(
    memory: Recollection, state: RunState, context: RunContext, skills: Catalogue
) -> Experience | None:
    """The run that came right for this request and seed; None: there is none, or its skill is not the
    one that is asked for, or gone."""
    again = memory.solved(request_of(state), state["seed"], (context.width, context.height))
    if again is None or state.get("references"):
        return None
    wanted = context.skill in {"auto", again.skill}
    return again if wanted and (again.skill == "none" or exists(skills, again.skill)) else None


def recipe_row(experience: Experience) -> RecipeRow | None:
    """How the run of ``experience`` drew the picture that came right."""
    recipe = experience.recipe
    if recipe is None:
        return None
    return RecipeRow(prompt=recipe.prompt, seed=recipe.seed)


def make_planner(deps: Dependencies) -> RunnableLambda[RunState, Update]:
    """The node; makes one MLLM call unless the caller fixed the skill, or memory knows the way."""

    async def planner(state: RunState, runtime: Runtime[RunContext]) -> Update:
        context = context_of(runtime)
        memory = await recall(
            lambda: deps.experiences,
            request_of(state),
            deps.generator(context).name,
            context.memory,
            thread_of(runtime),
        )
        warnings = list(memory.warnings)
        again = known_way(memory, state, context, deps.skills)
        chosen, cost = again.skill if again else context.skill, Cost()
        if chosen == "auto":
            fields = {
                "prompt": request_of(state),
                "skills": deps.skills.manifest(),
                "experiences": skill_uses(memory.experiences),
                "track_record": [row for row in memory.track_record if "skill" in row],
            }
            client = RoleClient(deps, runtime, state)
            reply, cost, problem = await client.ask_or_none(PLANNER, fields)
            warnings += [problem] if problem else []
            chosen = reply.answer.skill if reply else "none"
            if chosen != "none" and not exists(deps.skills, chosen):
                warnings.append(f"planner: chose {chosen!r}, which is no skill; going on without")
                chosen = "none"
        skill = None if chosen == "none" else chosen
        recalled = len(memory.experiences)
        event = SkillChosen(event="planned", skill=skill, recalled=recalled)
        emit(runtime, {**event, "known": True} if again else event)
        return {
            "skill": skill,
            "recalled": memory.experiences,
            "track_record": memory.track_record,
            "recalled_lessons": memory.lessons,
            "recipe": again and recipe_row(again),
            "memory_failed": bool(memory.warnings),
            "warnings": warnings,
            "spent": spent_on(cost),
        }

    return make_node(deps, "planner", planner)
