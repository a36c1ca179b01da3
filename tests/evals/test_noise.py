"""A good MLLM made weak: as often as asked, repeatable, and scored by who does not err."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from gems.evals.arms import Arm
from gems.evals.cases import Case, Suite
from gems.evals.noise import NO_NOISE, Noise, NoisyMLLM, noisy
from gems.evals.plan import EvalPlan
from gems.models.fakes import FakeMLLM
from gems.models.judges.mllm import verifier_all_role, verifier_role
from gems.nodes.refiner import REFINER

LOOK = verifier_role("look")
FIELDS = dict.fromkeys(REFINER.fields, "")


def verdicts(noise: Noise, seed: int = 0, count: int = 400) -> list[str]:
    model = NoisyMLLM(FakeMLLM(verifier={"verdict": "yes"}), noise, seed)

    async def ask() -> list[str]:
        replies = [await model.ask(LOOK, {"question": f"{n}?"}, [Path("a.png")]) for n in range(count)]
        return [reply.answer.verdict for reply in replies]

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("noise", "spoilt"), [(Noise(judge=0.3), "no"), (Noise(blind=0.3), "cannot_tell")]
)
def test_verdicts_are_spoilt_as_often_as_asked(noise: Noise, spoilt: str) -> None:
    said = verdicts(noise)
    assert 90 < said.count(spoilt) < 150 and said.count("yes") == 400 - said.count(spoilt)


def test_the_same_seed_spoils_the_same_and_another_does_not() -> None:
    noise = Noise(judge=0.3)
    assert verdicts(noise, 1) == verdicts(noise, 1) != verdicts(noise, 2)


def test_asking_twice_is_asking_twice() -> None:
    model = NoisyMLLM(FakeMLLM(verifier={"verdict": "yes"}), Noise(judge=0.5), 0)

    async def ask() -> set[str]:
        question = {"question": "Is there a cat?"}
        return {(await model.ask(LOOK, question, [Path("a.png")])).answer.verdict for _ in range(40)}

    assert asyncio.run(ask()) == {"yes", "no"}


def test_all_questions_at_once_are_spoilt_one_by_one() -> None:
    looks = [{"number": n, "verdict": "yes"} for n in range(1, 41)]
    model = NoisyMLLM(FakeMLLM(verifier_all={"verdicts": looks}), Noise(judge=0.5), 0)
    role = verifier_all_role("look")
    answer = asyncio.run(model.ask(role, {"questions": []}, [Path("a.png")])).answer
    assert {look.verdict for look in answer.verdicts} == {"yes", "no"}


def test_a_prompt_loses_a_part_and_a_quotation_a_word() -> None:
    refiner = {
        "action": "rewrite",
        "prompt": "a cat, a dog, a bird",
        "covers": [{"number": 1, "quote": "a cat"}],
    }
    model = NoisyMLLM(FakeMLLM(refiner=refiner), Noise(writer=1.0), 0)
    answer: Any = asyncio.run(model.ask(REFINER, FIELDS)).answer
    assert len(answer.prompt.split(", ")) == 2 and answer.covers[0].quote in {"a", "cat"}


def test_without_noise_nothing_stands_between() -> None:
    model = FakeMLLM()
    assert noisy(model, NO_NOISE, 0) is model and not NO_NOISE
    assert Noise(0.2, 0.0, 0.1).label() == "judge20-writer10"


def test_a_folder_is_for_one_noise_and_older_ones_are_for_none(tmp_path: Path) -> None:
    suite = Suite("tiny", (Case(id="a", prompt="a red circle"),))
    plain = EvalPlan(suite, (Arm(name="base"),), 0, tmp_path)
    assert "noise" not in plain.describe()
    assert EvalPlan(suite, plain.arms, 0, tmp_path, Noise(0.2)).describe()["noise"]["judge"] == 0.2
