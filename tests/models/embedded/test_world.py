"""The embedded world: what the eye sees, what layouts hold, what was trained on."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import cv2
import hypothesis.strategies as st
import numpy as np
import pytest
from embedded_prompts import PLACED, READS, RELATES, items_of, picture
from gems.memory.images import ImageStore, Provenance
from gems.models.embedded.eye import look
from gems.models.embedded.mllm import EmbeddedMLLM
from gems.models.embedded.reading.grammar import read_prompt
from gems.models.embedded.scenes import render
from gems.models.embedded.strategies import is_layout, layout_prompt
from gems.models.embedded.world import THINGS, Item
from gems.models.judges.mllm import verifier_role
from gems.nodes.decomposer import DECOMPOSER
from gems.training.captions import SORTS, sample
from hypothesis import given, settings


def seen_in(path: Path) -> Counter[tuple[str | None, str | None, str]] | None:
    scene = look(path)
    return None if scene is None else Counter((s.colour, s.kind, s.cell) for s in scene.objects)


def test_random_scenes_are_read_right(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    right = 0
    for _ in range(100):
        one = sample(rng, sort="count")
        found = seen_in(picture(tmp_path / "p.png", one.items, one.ground, rng))
        right += found == Counter((i.colour, i.kind, i.cell) for i in one.items)
    assert right >= 99


def answers(prompt: str, path: Path) -> list[str]:
    async def ask() -> list[str]:
        model = EmbeddedMLLM()
        asked = await model.ask(DECOMPOSER, {"prompt": prompt})
        replies = [
            await model.ask(verifier_role("judge"), {"question": item.question}, [path])
            for item in asked.answer.questions
        ]
        return [reply.answer.verdict for reply in replies]

    return asyncio.run(ask())


@pytest.mark.parametrize("sort", SORTS)
def test_a_true_picture_passes_and_a_changed_one_fails(tmp_path: Path, sort: str) -> None:
    rng = np.random.default_rng(2)
    for number in range(12):
        one = sample(rng, 6, sort)
        good = picture(tmp_path / f"{number}.png", one.items, one.ground, rng)
        assert set(answers(one.caption, good)) == {"yes"}, (one.caption, one.items)
        first, *rest = one.items
        other = next(kind for kind in THINGS if kind not in {i.kind for i in one.items})
        for name, changed in (("less", rest), ("kind", [replace(first, kind=other), *rest])):
            wrong = picture(tmp_path / f"{number}-{name}.png", changed, one.ground, rng)
            assert "no" in answers(one.caption, wrong), (one.caption, changed)


def test_words_are_read_in_their_rows_and_colours(tmp_path: Path) -> None:
    items = [Item("red", letter, cell) for letter, cell in zip("CAT", ("b1", "c1", "d1"), strict=True)]
    items += [Item("blue", "H", "a2"), Item("pink", "I", "b2")]
    scene = look(picture(tmp_path / "p.png", items))
    assert scene is not None
    read = [(s.kind, s.colour, s.cells[-1]) for s in scene.words]
    assert read == [("CAT", "red", "d1"), ("HI", "mixed", "b2")]


def test_the_eye_reads_pixels_and_nothing_else(tmp_path: Path) -> None:
    plain = picture(tmp_path / "three green stars.png", [Item("red", "circle", "b2")])
    store = ImageStore(tmp_path / "store")
    lie = Provenance("three green stars", 1, "g", "three-green-stars", 1)
    stored = store.path(store.put(plain.read_bytes(), lie))
    assert seen_in(stored) == seen_in(plain) == Counter([("red", "circle", "b2")])


@pytest.mark.parametrize("kind", ["missing", "text", "noise", "photo"])
def test_what_is_no_picture_of_this_world_is_not_judged(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "p.png"
    rng = np.random.default_rng(0)
    if kind == "text":
        path.write_text("no picture")
    elif kind == "noise":
        cv2.imwrite(str(path), rng.integers(0, 255, (256, 256, 3)).astype(np.uint8))
    elif kind == "photo":
        ramp = np.linspace(0, 160, 256)[:, None, None] * np.array([0.4, 0.7, 1.0])
        cv2.imwrite(str(path), np.repeat(ramp, 256, 1).astype(np.uint8))
    assert answers("a red circle", path) == ["cannot_tell", "cannot_tell"]


def test_a_malformed_object_is_a_failure(tmp_path: Path) -> None:
    image = render([Item("red", "circle", "b2")])
    image[46:50, 32:64] = (244, 242, 236)
    image[50:60, 34:62] = (130, 60, 170)
    path = tmp_path / "p.png"
    cv2.imwrite(str(path), cv2.resize(image, (512, 512))[..., ::-1])
    assert "no" in answers("a red circle", path)


def wishes() -> st.SearchStrategy[str]:
    return st.sampled_from([*READS, *RELATES, *PLACED])


@given(wishes(), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_a_layout_holds_what_was_wished(prompt: str, seed: int) -> None:
    wish = read_prompt(prompt)
    text = layout_prompt(wish, seed)
    assert is_layout(text)
    items = items_of(text)
    assert len({item.cell for item in items}) == len(items) == wish.total


@pytest.mark.parametrize("prompt", [*READS, *RELATES, *PLACED])
def test_a_picture_of_the_layout_passes_every_question(prompt: str, tmp_path: Path) -> None:
    items = items_of(layout_prompt(read_prompt(prompt), 5))
    assert set(answers(prompt, picture(tmp_path / "p.png", items))) == {"yes"}


def test_the_packaged_weights_are_small_and_stock() -> None:
    from gems.models.embedded.openers import WEIGHTS

    size = sum(path.stat().st_size for path in WEIGHTS.rglob("*") if path.is_file())
    assert size <= 24 * 2**20
    index = json.loads((WEIGHTS / "model_index.json").read_text())
    assert index["_class_name"] == "ZImagePipeline"
    assert all(
        part[0] in {"diffusers", "transformers"} for name, part in index.items() if name[0] != "_"
    )
