"""The table of actions: what is offered, what a row makes of an answer, and a row of one's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from gems.graphs.refinement import build_graph
from gems.memory.ledger import last_round
from gems.memory.state import AttemptRef, Draft, RunState
from gems.models.fakes import FakeGenerator, FakeMLLM
from gems.models.pictures.card import Card
from gems.nodes.actions import ACTIONS, Action, Refinement, answer_for
from gems.nodes.context import RunContext
from gems.nodes.dependencies import Dependencies
from gems.settings import Settings
from langgraph.checkpoint.memory import InMemorySaver
from pydantic import Field, ValidationError


def edit_draft(state: RunState, answer: Refinement) -> Draft:
    start = AttemptRef(round=answer.from_round, candidate=0)  # type: ignore[attr-defined]
    return Draft(
        round=last_round(state) + 1, action="edit", prompt=answer.prompt, reasoning="", start=start
    )


EDIT = Action(
    name="edit",
    does="change a picture in place",
    draft=edit_draft,
    draw=lambda draw, start: replace(draw, source=start),
    needs=frozenset({"edit"}),
    answer={"from_round": (int, Field(default=1, description="the round to change"))},
)
"""A row such as a later version may bring."""


def run(tmp_path: Path, card: Card, refiner: dict[str, Any]) -> tuple[FakeMLLM, FakeGenerator]:
    mllm = FakeMLLM(
        planner={"skill": "none"},
        decomposer={"questions": [{"question": "Is there a cat?", "statement": "a cat"}]},
        verifier=[{"verdict": "no"}, {"verdict": "no"}, {"verdict": "yes"}],
        compressor={"experience": "say it first"},
        refiner=refiner,
    )
    generator = FakeGenerator(card=card)
    deps = Dependencies(
        Settings(home=tmp_path), mllm=mllm, generator=generator, actions={**ACTIONS, "edit": EDIT}
    )
    build_graph(deps=deps).invoke({"prompt": "a cat"}, context=RunContext(seed=7, memory=False))
    return mllm, generator


def names(fields: dict[str, Any]) -> list[str]:
    return [row["action"] for row in fields["actions"]]


def test_an_action_is_offered_where_the_generator_can_carry_it_out(tmp_path: Path) -> None:
    answer = {"action": "edit", "prompt": "make it a cat", "from_round": 1}
    mllm, generator = run(tmp_path, Card(abilities=frozenset({"seed", "edit"})), answer)
    assert names(mllm.asked("refiner")[0]) == ["rewrite", "resample", "edit"]
    first, second, third = generator.history
    assert first.source is None and second.prompt == third.prompt == "make it a cat"
    assert second.source == third.source
    assert second.source is not None and second.source.is_file()
    assert len({draw.seed for draw in generator.history}) == 3


def test_it_is_not_offered_elsewhere_and_not_taken_for_an_answer(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="'rewrite' or 'resample'"):
        run(tmp_path, Card(), {"action": "edit", "prompt": "make it a cat"})
    mllm, _ = run(tmp_path, Card(), {"action": "rewrite", "prompt": "a cat"})
    assert names(mllm.asked("refiner")[0]) == ["rewrite", "resample"]


def test_the_answers_schema_says_what_is_offered() -> None:
    plain = answer_for(tuple(ACTIONS.values())).model_json_schema()["properties"]
    assert plain["action"]["enum"] == ["rewrite", "resample"] and "from_round" not in plain
    more = answer_for((*ACTIONS.values(), EDIT)).model_json_schema()["properties"]
    assert "change a picture in place" in more["action"]["description"] and "from_round" in more


def test_roles_that_write_prompts_are_shown_the_generators_card(tmp_path: Path) -> None:
    card = Card(name="fake", family="Tiny", prompt_tokens=77, prompt_style="Short sentences.")
    mllm, _ = run(tmp_path, card, {"action": "rewrite", "prompt": "a cat"})
    shown = mllm.asked("refiner")[0]["generator"]
    assert shown == {
        "name": "fake", "family": "Tiny", "prompt_tokens": 77, "prompt_style": "Short sentences."
    }  # fmt: skip


def test_every_draft_after_the_first_names_the_attempt_it_starts_from(tmp_path: Path) -> None:
    mllm = FakeMLLM(
        planner={"skill": "none"},
        decomposer={"questions": [{"question": "Is there a cat?"}]},
        verifier=[{"verdict": "no"}],
        compressor={"experience": "say it first"},
        refiner=[{"action": "rewrite", "prompt": "the cat"}, {"action": "resample"}],
    )
    graph = build_graph(
        settings=Settings(home=tmp_path),
        mllm=mllm,
        generator=FakeGenerator(),
        checkpointer=InMemorySaver(),
    )
    config: Any = {"configurable": {"thread_id": "t"}}
    graph.invoke({"prompt": "a cat"}, config, context=RunContext(rounds=3, memory=False))
    drafts = graph.get_state(config).values["drafts"]
    assert ["start" in draft for draft in drafts] == [False, True, True]
    # A rewrite starts from the best picture, the earliest of equals; a resample from the latest.
    assert [draft["start"]["round"] for draft in drafts[1:]] == [1, 2]


def test_a_refiner_may_go_out_from_any_earlier_round(tmp_path: Path) -> None:
    mllm = FakeMLLM(
        planner={"skill": "none"},
        decomposer={"questions": [{"question": "Is there a cat?"}]},
        verifier=[{"verdict": "no"}],
        compressor={"experience": "say it first"},
        refiner=[
            {"action": "rewrite", "prompt": "the cat"},
            {"action": "resample", "base": "round 1"},
            {"action": "rewrite", "prompt": "cats", "base": 2},
            {"action": "rewrite", "prompt": "a dog", "base": 40},
        ],
    )
    generator = FakeGenerator()
    graph = build_graph(
        settings=Settings(home=tmp_path),
        mllm=mllm,
        generator=generator,
        checkpointer=InMemorySaver(),
    )
    config: Any = {"configurable": {"thread_id": "t"}}
    graph.invoke({"prompt": "a cat"}, config, context=RunContext(rounds=5, memory=False))
    drafts = graph.get_state(config).values["drafts"]
    assert [draft["start"]["round"] for draft in drafts[1:]] == [1, 1, 2, 1]
    assert [draw.prompt for draw in generator.history] == ["a cat", "the cat", "a cat", "cats", "a dog"]
