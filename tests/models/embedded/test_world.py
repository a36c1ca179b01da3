"""The embedded world: what the eye sees, what layouts hold, what was trained on."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path

import cv2
import hypothesis.strategies as st
import numpy as np
import pytest
from embedded_prompts import PLACED, READS, RELATES, picture
from gems.memory.images import ImageStore, Provenance
from gems.models.embedded.eye import look
from gems.models.embedded.grammar import read_prompt
from gems.models.embedded.mllm import EmbeddedMLLM
from gems.models.embedded.scenes import render
from gems.models.embedded.strategies import is_layout, layout_prompt
from gems.models.embedded.world import CELLS, COLOURS, SHAPES, Item, held_out
from gems.models.judges.mllm import verifier_role
from gems.nodes.decomposer import DECOMPOSER
from gems.training.stream import caption, kinds_of, sample_scene
from hypothesis import given, settings


def seen_in(path: Path) -> Counter[tuple[str | None, str | None, str]] | None:
    seen = look(path)
    return None if seen is None else Counter((s.colour, s.shape, s.cell) for s in seen)


def test_every_kind_is_seen_in_every_size(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    kinds = [(c, s) for c in COLOURS for s in SHAPES] * 2
    for start in range(0, len(kinds), 6):
        items = [Item(c, s, CELLS[2 * n]) for n, (c, s) in enumerate(kinds[start : start + 6])]
        found = seen_in(picture(tmp_path / "p.png", items, rng))
        assert found == Counter((i.colour, i.shape, i.cell) for i in items)


def test_random_scenes_are_read_right(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    right = 0
    for _ in range(200):
        items = sample_scene(rng)
        found = seen_in(picture(tmp_path / "p.png", items, rng, jitter=2))
        right += found == Counter((i.colour, i.shape, i.cell) for i in items)
    assert right >= 198


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


def test_a_true_picture_passes_and_a_changed_one_fails(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    for number in range(60):
        items = sample_scene(rng)
        text = caption(rng, items)
        good = picture(tmp_path / f"{number}.png", items, rng)
        assert set(answers(text, good)) == {"yes"}, (text, items)
        other = next(c for c in COLOURS if c != items[0].colour)
        for name, changed in (
            ("less", items[1:]),
            ("colour", [Item(other, items[0].shape, items[0].cell), *items[1:]]),
        ):
            if kinds_of(changed) != kinds_of(items):
                wrong = picture(tmp_path / f"{number}-{name}.png", changed, rng)
                assert "no" in answers(text, wrong), (text, changed)


def test_the_eye_reads_pixels_and_nothing_else(tmp_path: Path) -> None:
    plain = picture(tmp_path / "three green stars.png", [Item("red", "circle", "b2")], None)
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
    image = render([Item("red", "circle", "b2")], None)
    image[20:24, 16:32] = (244, 242, 236)
    image[36:44, 34:38] = (130, 60, 170)
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
    assert is_layout(text) and len(text.replace(",", "").split()) <= 31
    items = [Item(part.split()[1], part.split()[2], part.split()[4]) for part in text.split(", ")]
    assert len({item.cell for item in items}) == len(items) == wish.total


@pytest.mark.parametrize("prompt", [*READS, *RELATES, *PLACED])
def test_a_picture_of_the_layout_passes_every_question(prompt: str, tmp_path: Path) -> None:
    text = layout_prompt(read_prompt(prompt), 5)
    items = [Item(p.split()[1], p.split()[2], p.split()[4]) for p in text.split(", ")]
    assert set(answers(prompt, picture(tmp_path / "p.png", items, None))) == {"yes"}


def test_no_held_out_composition_is_in_the_training_stream() -> None:
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(3000):
        items = sample_scene(rng)
        for (colour, shape), count in kinds_of(items).items():
            assert count == 1 or not held_out(f"{colour} {shape} {count}")
    for colour in COLOURS:
        held += sum(held_out(f"{colour} {shape} {n}") for shape in SHAPES for n in range(2, 7))
    assert held > 5


def test_the_packaged_weights_are_small_and_stock() -> None:
    from gems.models.embedded.openers import WEIGHTS

    size = sum(path.stat().st_size for path in WEIGHTS.rglob("*") if path.is_file())
    assert size <= 24 * 2**20
    index = json.loads((WEIGHTS / "model_index.json").read_text())
    assert index["_class_name"] == "ZImagePipeline"
    assert all(
        part[0] in {"diffusers", "transformers"} for name, part in index.items() if name[0] != "_"
    )
