"""The actions: what the next round can do, a row each.

A row says what the refiner may answer for it, how the answer becomes a draft and a draft a draw, and
what a generator must be able to do for it. A refiner is offered the rows its generator can carry out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, create_model, field_validator

from ..memory.ledger import best_attempt, last_attempt, last_round, split
from ..memory.state import Attempt, AttemptRef, Draft, Requirement, RunState
from ..models.chat.lenient import Number, Prose, Words, one_of, usable
from ..models.pictures.card import Ability
from ..models.pictures.generator import Draw

STRATEGY_LENGTH = 40
"""Characters of a strategy's name that are kept."""


class Cover(BaseModel):
    """Where the new prompt asks for a requirement."""

    number: Number = Field(description="the number of the requirement")
    quote: Words = Field(description="the words of the new prompt that ask for it, copied exactly")


class Refinement(BaseModel):
    """What every refiner answers; ``answer_for`` adds what the offered actions need."""

    action: str
    prompt: Prose = Field(default="", description="the new prompt; empty to resample")
    strategy: Words = Field(
        default="",
        description="one to three words that name what you do differently, such as 'digits' or "
        "'name positions'; the track record's name where it is the same",
    )
    reasoning: Words = Field(default="", description="why, in one or two sentences")
    covers: list[Cover] = Field(default_factory=list)

    @field_validator("covers", mode="before")
    @classmethod
    def _drop_unusable(cls, value: object) -> object:
        return [cover for cover in usable(value, Cover) if cover is not None]


MakeDraft = Callable[[RunState, Refinement], Draft]
"""(state, the refiner's answer) -> the next round's draft, with the attempt it starts from."""
MakeDraw = Callable[[Draw, Path], Draw]
"""(prompt, seed and size as one draw, the picture of the attempt it starts from) -> the draw."""


@dataclass(frozen=True)
class Action:
    """One row of the table."""

    name: str
    does: str
    """What the refiner is told that it does."""
    draft: MakeDraft
    draw: MakeDraw = field(default=lambda draw, start: draw)
    needs: frozenset[Ability] = frozenset()
    """What a generator must be able to do."""
    answer: Mapping[str, tuple[Any, Any]] = field(default_factory=dict, hash=False)
    """More fields of the refiner's answer for it, each a type and a pydantic field."""


@cache
def answer_for(actions: tuple[Action, ...]) -> type[Refinement]:
    """The refiner's answer where ``actions`` are offered."""
    names = tuple(action.name for action in actions)
    about = "; ".join(f"{action.name}: {action.does}" for action in actions)
    read = BeforeValidator(lambda said: one_of(said, names))
    fields: dict[str, Any] = {"action": (Annotated[Literal[names], read], Field(description=about))}
    for action in actions:
        fields |= action.answer
    return create_model("Refinement", __base__=Refinement, **fields)


def ref_of(attempt: Attempt) -> AttemptRef:
    """Which attempt that is."""
    return AttemptRef(round=attempt["round"], candidate=attempt["candidate"])


def redraw(state: RunState, attempt: Attempt, prompt: str, reasoning: str) -> Draft:
    """The draft that draws ``prompt`` again with another seed."""
    return Draft(
        round=last_round(state) + 1,
        action="resample",
        prompt=prompt,
        reasoning=reasoning,
        strategy="resample",
        start=ref_of(attempt),
    )


def resample(state: RunState, answer: Refinement) -> Draft:
    """Draws the last prompt again."""
    return redraw(state, last_attempt(state), state["draft"]["prompt"], answer.reasoning)


def rewrite(state: RunState, answer: Refinement) -> Draft:
    """Draws a new prompt, in which nothing that the best picture passes is missing."""
    new = answer.prompt.strip()
    if not new:
        return resample(state, answer)
    best = best_attempt(state)
    passing, _, _ = split(state, best)
    return Draft(
        round=last_round(state) + 1,
        action="rewrite",
        prompt=keep_passing(new, answer.covers, state["requirements"], passing),
        reasoning=answer.reasoning,
        strategy=" ".join(answer.strategy.casefold().split())[:STRATEGY_LENGTH],
        start=ref_of(best),
    )


def keep_passing(
    prompt: str,
    covers: Sequence[Cover],
    requirements: Sequence[Requirement],
    passing: Sequence[Requirement],
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


REWRITE = Action("rewrite", "draw a new prompt", rewrite)
RESAMPLE = Action("resample", "draw the last prompt with another seed", resample)
ACTIONS: dict[str, Action] = {action.name: action for action in (REWRITE, RESAMPLE)}
"""What a run can do, in the order in which a refiner is offered it."""
