"""The actions: what the next round can do, a row each.

A row says what the refiner may answer for it, how the answer becomes a draft and a draft a draw, and
what a generator must be able to do for it. A refiner is offered the rows its generator can carry out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, create_model, field_validator

from ..memory.ledger import (
    best_attempt,
    best_of_round,
    last_attempt,
    last_round,
    of_round,
    split,
)
from ..memory.state import Attempt, AttemptRef, Draft, Requirement, RunState
from ..models.chat.lenient import Number, OptionalNumber, Prose, Words, one_of, read_text, usable
from ..models.chat.plain import passage_in
from ..models.pictures.card import Ability
from ..models.pictures.generator import Draw
from ..models.strategies import OTHER, STRATEGIES, strategy_named
from .coverage import add_statements, asks_for, may_be_added


def read_strategy(said: object) -> str:
    """The strategy that a refiner means; ``OTHER`` where it names none."""
    return strategy_named(read_text(said)) or OTHER


class Cover(BaseModel):
    """Where the new prompt asks for a requirement."""

    number: Number = Field(description="the requirement's")
    quote: Words = Field(description="the words of the new prompt that ask for it, copied exactly")


class Refinement(BaseModel):
    """What every refiner answers; ``answer_for`` adds what the offered actions need."""

    reasoning: Words = Field(default="", description="why, in a sentence or two")
    action: str
    prompt: Prose = Field(default="", description="the new prompt; empty to resample")
    strategy: Annotated[str, BeforeValidator(read_strategy)] = Field(
        default=OTHER,
        description="; ".join(f"{name}: {does}" for name, does in STRATEGIES.items()),
        json_schema_extra={"enum": list(STRATEGIES)},
    )
    base: OptionalNumber = Field(
        default=None,
        description="the round to go out from; null: the best, or the last to draw again",
    )
    covers: list[Cover] = Field(default_factory=list)

    @classmethod
    def from_words(cls, text: str) -> object:
        """A prompt that was written out instead."""
        prompt = passage_in(text)
        return None if prompt is None else {"action": "rewrite", "prompt": prompt}

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


def base_of(state: RunState, answer: Refinement) -> Attempt | None:
    """The attempt that the refiner goes out from; None: it names none, or a round that never was."""
    if answer.base is None or not of_round(state, answer.base):
        return None
    return best_of_round(state, answer.base)


def resample(state: RunState, answer: Refinement) -> Draft:
    """Draws the last prompt again, or that of the round it names."""
    base = base_of(state, answer)
    if base is not None:
        return redraw(state, base, base["prompt"], answer.reasoning)
    return redraw(state, last_attempt(state), state["draft"]["prompt"], answer.reasoning)


def rewrite(state: RunState, answer: Refinement) -> Draft:
    """Draws a new prompt, in which nothing that the best picture passes is missing.

    What the refiner lost all the same stands behind its words, where that can be said so; ``written``
    keeps the words alone.
    """
    new = answer.prompt.strip()
    if not new:
        return resample(state, answer)
    added = [requirement for requirement in lost_by(state, answer) if may_be_added(requirement)]
    draft = Draft(
        round=last_round(state) + 1,
        action="rewrite",
        prompt=add_statements(new, added),
        reasoning=answer.reasoning,
        strategy=answer.strategy,
        start=ref_of(base_of(state, answer) or best_attempt(state)),
    )
    if added:
        draft["written"] = new
    return draft


def lost_by(state: RunState, answer: Refinement) -> list[Requirement]:
    """What the best picture passes and the refiner's new prompt does not demonstrably ask for."""
    if not answer.prompt.strip():
        return []
    quotes: dict[str, list[str]] = {}
    for cover in answer.covers:
        if 1 <= cover.number <= len(state["requirements"]):
            quotes.setdefault(state["requirements"][cover.number - 1]["id"], []).append(cover.quote)
    passing, _, _ = split(state, best_attempt(state))
    return [
        requirement
        for requirement in passing
        if not asks_for(answer.prompt, requirement, quotes.get(requirement["id"], []))
    ]


DRAWS_FROM = "the picture that is there: the prompt says what to change of it, and what to keep"
"""What roles that write prompts are told where a generator changes a picture."""
REWRITE = Action("rewrite", "draw a new prompt", rewrite)
RESAMPLE = Action("resample", "draw a prompt as it was, with another seed", resample)
ACTIONS: dict[str, Action] = {action.name: action for action in (REWRITE, RESAMPLE)}
"""What a run can do, in the order in which a refiner is offered it."""
