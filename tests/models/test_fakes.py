"""The fakes play by the rules of the protocols and keep a history."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest
from gems.errors import AnswerError, UnreachableError
from gems.models.fakes import FakeGenerator, FakeMLLM
from gems.models.pictures.generator import Draw
from gems.nodes.planner import PLANNER, SkillChoice
from PIL import Image

FIELDS: dict[str, Any] = {"prompt": "a cat", "skills": [], "experiences": [], "track_record": []}


def ask(mllm: FakeMLLM, **fields: Any) -> SkillChoice:
    return asyncio.run(mllm.ask(PLANNER, {**FIELDS, **fields}, [Path("p.png")])).answer


def test_answers_from_the_queue_then_repeats_its_last() -> None:
    mllm = FakeMLLM(planner=[{"skill": "a"}, SkillChoice(skill="b", reason="")])
    assert [ask(mllm).skill for _ in range(3)] == ["a", "b", "b"]


def test_answers_may_be_computed_or_fail() -> None:
    mllm = FakeMLLM(
        planner=[UnreachableError("away"), lambda fields, images: {"skill": fields["prompt"]}]
    )
    with pytest.raises(UnreachableError):
        ask(mllm)
    assert ask(mllm, prompt="x").skill == "x"


def test_a_role_without_answers_fails_as_a_real_model_would() -> None:
    with pytest.raises(AnswerError, match="planner"):
        ask(FakeMLLM())


def test_keeps_what_it_was_asked() -> None:
    mllm = FakeMLLM(planner={"skill": "none"})
    ask(mllm)
    assert mllm.history == [("planner", FIELDS, [Path("p.png")])]
    assert mllm.asked("planner") == [FIELDS] and mllm.asked("verifier") == []


def test_missing_fields_are_a_programming_error() -> None:
    with pytest.raises(ValueError, match="missing"):
        asyncio.run(FakeMLLM(planner={"skill": "none"}).ask(PLANNER, {}))


def test_pictures_follow_from_prompt_and_seed_in_the_size_asked_for() -> None:
    generator = FakeGenerator(size=12)
    draws = [Draw("a", 1), Draw("a", 2), Draw("b", 1), Draw("a", 1), Draw("a", 1, 20, 10)]
    data = [picture.data for picture in asyncio.run(generator.draw(draws))]
    assert len(set(data[:3])) == 3 and data[0] == data[3]
    sizes = [Image.open(io.BytesIO(item)).size for item in (data[0], data[4])]
    assert sizes == [(12, 12), (20, 10)] and generator.history == draws


def test_a_generator_fails_on_demand_and_reports_steps() -> None:
    steps: list[tuple[int, int]] = []
    generator = FakeGenerator(failures=[UnreachableError("away"), None])
    with pytest.raises(UnreachableError):
        asyncio.run(generator.draw([Draw("a", 1)]))
    asyncio.run(generator.draw([Draw("a", 1)], lambda done, total: steps.append((done, total))))
    assert steps == [(1, 1)]
