"""The suite about the embedded world: frozen, answerable, new to training; and what nobody may see."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gems.evals import world
from gems.evals.building import can_be_drawn
from gems.evals.cases import load_suite
from gems.evals.eye import agreement, measure, read_labels
from gems.evals.shapes import PACKAGED, build, build_hard
from gems.evals.world import compositions, is_new
from gems.graphs.refinement import build_graph
from gems.models.chat.mllm import Reply, Role
from gems.models.embedded.mllm import EmbeddedMLLM
from gems.models.embedded.reading.grammar import read_prompt
from gems.models.embedded.scenes import render
from gems.models.embedded.world import Item, held_out
from gems.models.judges.mllm import verifier_all_role, verifier_role
from gems.models.pictures.card import Card
from gems.models.pictures.generator import Draw, OnStep, Picture
from gems.nodes.context import RunContext
from gems.settings import Settings
from gems.training.captions import sample
from PIL import Image
from PIL.PngImagePlugin import PngInfo


def test_the_hard_suite_is_what_its_seed_gives() -> None:
    suite = load_suite("shapes-hard")
    assert list(suite.cases) == build_hard()
    assert len({case.prompt for case in suite.cases}) == len(suite.cases) == 48
    assert all(can_be_drawn(case.prompt) for case in suite.cases)


@pytest.mark.parametrize("name", sorted(PACKAGED))
def test_the_packaged_suite_is_what_its_seed_gives(name: str) -> None:
    levels, seed = PACKAGED[name]
    suite = load_suite(name)
    assert list(suite.cases) == build(levels, seed)
    assert Counter(case.kind for case in suite.cases).most_common()[-1][1] == sum(levels.values())
    assert all(can_be_drawn(case.prompt) for case in suite.cases)
    assert len({case.prompt for case in suite.cases}) == len(suite.cases)


def test_every_prompt_that_composes_has_a_composition_training_never_saw() -> None:
    for name in PACKAGED:
        for case in load_suite(name).cases:
            found = compositions(read_prompt(case.prompt))
            assert case.kind == "single" or any(map(held_out, found)), case


@pytest.mark.parametrize(
    "name", [pytest.param("world", marks=pytest.mark.slow), "world-small", "world-hard"]
)
def test_the_packaged_worlds_are_what_their_seeds_give(name: str) -> None:
    suite = load_suite(name)
    assert list(suite.cases) == world.PACKAGED[name]()
    assert len({case.prompt for case in suite.cases}) == len(suite.cases)
    assert all(is_new(case.prompt) for case in suite.cases)


def test_no_held_out_composition_is_in_the_training_stream() -> None:
    rng = np.random.default_rng(0)
    seen = set[str]()
    for _ in range(3000):
        one = sample(rng, sort=str(rng.choice(["count", "relation", "place"])))
        seen |= compositions(read_prompt(one.caption))
    assert len(seen) > 2000 and not any(map(held_out, seen))


class Spy:
    """Stands before a model and keeps what it is given."""

    name = "spy"
    card = Card(name="spy")

    def __init__(self) -> None:
        self.asked: list[tuple[str, Mapping[str, Any], list[Path]]] = []
        self.drawn: list[Draw] = []
        self._mllm = EmbeddedMLLM()

    async def ask(
        self,
        role: Role[Any],
        fields: Mapping[str, Any],
        images: Sequence[Path] = (),
        *,
        max_requests: int | None = None,
    ) -> Reply[Any]:
        self.asked.append((role.name, fields, list(images)))
        return await self._mllm.ask(role, fields, images)

    async def draw(self, draws: Sequence[Draw], on_step: OnStep | None = None) -> list[Picture]:
        self.drawn += draws
        items = [Item("red", "circle", "b2"), Item("red", "circle", "c3"), Item("blue", "heart", "a1")]
        path = Path(self.folder) / f"{len(self.drawn)}.png"
        Image.fromarray(render(items)).resize((512, 512)).save(path)
        return [Picture(path.read_bytes(), draw.seed) for draw in draws]

    folder = ""


def test_the_generator_never_sees_a_question_and_the_verifier_never_a_prompt(tmp_path: Path) -> None:
    spy = Spy()
    spy.folder = str(tmp_path)
    settings = Settings(home=tmp_path / "home")
    graph = build_graph(settings=settings, mllm=spy, generator=spy)
    prompt = "two red circles above a blue heart"
    context = RunContext(seed=5, rounds=3, memory=False, verify="each")
    asyncio.run(graph.ainvoke({"prompt": prompt}, context=context))
    questions = {fields["question"] for role, fields, _ in spy.asked if role == "verifier"}
    assert len(spy.drawn) == 3 and len(questions) > 3
    for draw in spy.drawn:
        assert "?" not in draw.prompt and not any(question in draw.prompt for question in questions)
    for role, fields, images in spy.asked:
        if role == "verifier":
            assert set(fields) == {"question"} and len(images) == 1
            # The file's name is a hash of its pixels: nothing in it tells what was asked for.
            assert not {"red", "circle", "5"} & set(images[0].stem.split("-"))
    assert verifier_role("judge").fields == ("question",) and verifier_all_role("judge").fields == (
        "questions",
    )


def test_the_eye_reads_pixels_and_no_metadata(tmp_path: Path) -> None:
    picture = Image.fromarray(render([Item("green", "star", "c2")])).resize((512, 512))
    lie = PngInfo()
    lie.add_text("prompt", "two red circles")
    lie.add_text("gems:prompt", "two red circles")
    picture.save(tmp_path / "two-red-circles-seed-7.png", pnginfo=lie)

    def verdict(question: str) -> str:
        fields, image = {"question": question}, tmp_path / "two-red-circles-seed-7.png"
        return str(
            asyncio.run(EmbeddedMLLM().ask(verifier_role("judge"), fields, [image])).answer.verdict
        )

    assert verdict("Are there exactly two red circles?") == "no"
    assert verdict("Is there exactly one green star?") == "yes"


def test_the_eye_is_right_about_rendered_scenes() -> None:
    asked, right = measure(scenes=60, seed=7)
    questions = sum(n for sort, n in asked.items() if sort != "scene")
    wrong = questions - sum(n for sort, n in right.items() if sort != "scene")
    assert questions > 700 and wrong <= 0.005 * questions


def test_the_eye_agrees_with_labels_made_by_looking() -> None:
    labels = read_labels()
    assert len(labels) == 300
    same, asked = agreement(labels[::15])
    assert asked > 60 and same >= 0.9 * asked
