"""The embedded MLLM: reads prompts, looks at pixels, improves prompts."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import cv2
import hypothesis.strategies as st
import numpy as np
import pytest
from gems.errors import NotInWorldError
from gems.memory.images import ImageStore, Provenance
from gems.models.embedded.eye import Seen, look
from gems.models.embedded.failures import failures_in
from gems.models.embedded.grammar import read_prompt
from gems.models.embedded.mllm import EmbeddedMLLM
from gems.models.embedded.questions import parse_question, questions_for
from gems.models.embedded.scenes import render
from gems.models.embedded.strategies import compress, is_layout, layout_prompt, refine, reword
from gems.models.embedded.world import CELLS, COLOURS, SHAPES, Item, held_out
from gems.models.judges.mllm import verifier_role
from gems.nodes.decomposer import DECOMPOSER
from gems.nodes.planner import PLANNER
from gems.training.stream import caption, kinds_of, sample_scene
from hypothesis import given, settings

WORDS = (
    "a two 3 red blue green circle circles square stars heart the it and , : above below between "
    "next to left of all ones in the middle at b2 on the left top right corner"
).split()
READS = {
    "two red circles and a blue square": ["exactly two red circles", "exactly one blue square"],
    "Draw me 2 green squares, please": ["exactly two green squares"],
    "four hearts, all of them red": ["exactly four red hearts"],
    "circles: one red, two blue": ["exactly one red circle", "exactly two blue circles"],
    "two red circles and three blue ones": ["exactly two red circles", "exactly three blue circles"],
    "two hearts, one red and one blue": ["exactly one red heart", "exactly one blue heart"],
    "red and blue circles": ["at least one red circle", "at least one blue circle"],
    "I\u2019d like five STARS on a plain white background!": ["exactly five stars"],
    "a pair of yellow diamonds": ["exactly two yellow diamonds"],
}
RELATES = {
    "three red circles and a blue square, the square below the circles": (1, "below", (0,)),
    "a green star to the left of a purple heart": (0, "left of", (1,)),
    "a red circle between two blue squares": (0, "between", (1,)),
    "a red circle between the blue square and the green star": (0, "between", (1, 2)),
    "a red circle and a blue square above it": (1, "above", (0,)),
    "under a red star there is a blue heart": (1, "below", (0,)),
    "a red circle next to a star": (0, "next to", (1,)),
    "a star over a heart": (0, "above", (1,)),
    "the square is to the left of the star: one red square and one blue star": (0, "left of", (1,)),
}
PLACED = {
    "a star in the top right corner": (0, "in the top right corner"),
    "in the middle two hearts": (0, "in the middle"),
    "a red circle at b2": (0, "at b2"),
    "a red circle on the left of the picture": (0, "on the left"),
    "two stars and a heart at the bottom": (1, "at the bottom"),
}


@pytest.mark.parametrize(("prompt", "groups"), READS.items())
def test_reads_a_newcomers_words(prompt: str, groups: list[str]) -> None:
    assert [group.words() for group in read_prompt(prompt).groups] == groups


def test_a_relation_after_and_is_about_the_same_subject() -> None:
    found = read_prompt("a blue square below a red circle and above a green star").relations
    assert [(r.subject, r.name, r.objects) for r in found] == [(0, "below", (1,)), (0, "above", (2,))]
    [found_under] = read_prompt("a red circle and under it a blue square").relations
    assert (found_under.subject, found_under.name, found_under.objects) == (1, "below", (0,))


@pytest.mark.parametrize(("prompt", "relation"), RELATES.items())
def test_reads_relations(prompt: str, relation: tuple[int, str, tuple[int, ...]]) -> None:
    [found] = read_prompt(prompt).relations
    assert (found.subject, found.name, found.objects) == relation


@pytest.mark.parametrize(("prompt", "place"), PLACED.items())
def test_reads_places(prompt: str, place: tuple[int, str]) -> None:
    assert read_prompt(prompt).places == [place]


@pytest.mark.parametrize(
    ("prompt", "named"),
    [
        ("a dragon and a cat", "'dragon', 'cat'"),
        ("seven circles", "'seven'"),
        ("no hearts", "'no'"),
        ("a white circle", "'white'"),
        ("four circles and three stars", "7 objects"),
        ("three hearts, one red and one blue", "three objects of which two"),
        ("hello", "'hello'"),
        ("a picture", "names no shape"),
        ("red", "without a shape"),
        ("a circle above", "above"),
        ("two red and blue circles", "several colours"),
        ("a circle \u2192 b", "\u2192"),
    ],
)
def test_what_it_does_not_know_is_named(prompt: str, named: str) -> None:
    with pytest.raises(NotInWorldError) as caught:
        read_prompt(prompt)
    text = str(caught.value)
    assert named in text and "purple" in text and "GEMS_MLLM" in text and "\n" not in text


@given(st.text(max_size=80))
@settings(max_examples=200, deadline=None)
def test_no_text_breaks_the_grammar(text: str) -> None:
    try:
        questions_for(read_prompt(text))
    except NotInWorldError:
        pass


@given(
    st.lists(
        st.sampled_from(WORDS),
        max_size=14,
    )
)
@settings(max_examples=300, deadline=None)
def test_no_order_of_known_words_breaks_it(words: list[str]) -> None:
    try:
        for item in questions_for(read_prompt(" ".join(words))):
            parse_question(item["question"])
    except NotInWorldError:
        pass


def picture(path: Path, items: list[Item], rng: np.random.Generator | None, jitter: int = 1) -> Path:
    big = cv2.resize(render(items, rng, jitter), (512, 512), interpolation=cv2.INTER_LANCZOS4)
    cv2.imwrite(str(path), big[..., ::-1])
    return path


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


def fields(prompt: str, *drawn: tuple[str, list[str]]) -> dict[str, Any]:
    wish = read_prompt(prompt)
    return {
        "prompt": prompt,
        "requirements": [{"number": n, **q} for n, q in enumerate(questions_for(wish), 1)],
        "attempts": [
            {
                "prompt": text,
                "failed": [{"statement": f, "kind": "count", "reason": ""} for f in failed],
            }
            for text, failed in drawn
        ],
        "recalled": [],
        "track_record": [],
    }


def test_the_refiner_changes_its_strategy_and_covers_every_requirement(tmp_path: Path) -> None:
    prompt = "two red circles and a blue square"
    wish = read_prompt(prompt)
    begun = (prompt, ["exactly one blue square"])
    said_again = refine(fields(prompt, begun), wish, [])
    assert said_again["prompt"] == "1 blue square, 2 red circles"
    first = refine(fields(prompt, begun, (said_again["prompt"], ["x"])), wish, [])
    assert is_layout(first["prompt"]) and first["action"] == "rewrite"
    for answer in (said_again, first):
        assert all(cover["quote"] in answer["prompt"] for cover in answer["covers"])
        assert len(answer["covers"]) == len(questions_for(wish))
    tried = [begun, (first["prompt"], ["exactly one blue square"])]
    second = refine(fields(prompt, *tried), wish, [])
    assert second["action"] == "resample"
    items = [Item(p.split()[1], p.split()[2], p.split()[4]) for p in first["prompt"].split(", ")]
    seen = look(picture(tmp_path / "p.png", [i for i in items if i.shape == "circle"], None))
    third = refine(fields(prompt, *tried, tried[-1]), wish, seen)
    kept = {part for part in first["prompt"].split(", ") if "circle" in part}
    parts = third["prompt"].split(", ")
    assert third["action"] == "rewrite" and kept <= set(parts) and "square" in parts[0]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Are there exactly two red circles?", ["too many"]),
        ("Are there exactly four red circles?", ["too few"]),
        ("Is there exactly one blue circle?", ["swapped"]),
        ("Is there exactly one green heart on the right?", ["wrong place"]),
        ("Is there exactly one green heart in the top right corner?", ["wrong place"]),
        ("Is every green heart above every red circle?", ["wrong side"]),
        ("Is every purple star above every red circle?", ["missing"]),
        ("Are all hearts blue?", ["wrong colour"]),
        ("Is it pretty?", ["unknown"]),
    ],
)
def test_a_failure_is_named_by_its_kind(question: str, names: list[str]) -> None:
    cells = [("red", "circle", "b1"), ("red", "circle", "b2"), ("red", "circle", "c2")]
    seen = [
        Seen(colour, shape, "abcd".index(cell[0]) + 0.5, int(cell[1]) - 0.5)
        for colour, shape, cell in [*cells, ("green", "heart", "a4")]
    ]
    assert failures_in([{"question": question}], seen) == names
    broken = [*seen, Seen(None, "circle", 3.5, 3.5)]
    assert failures_in([{"question": "Are there exactly two red circles?"}], broken) == ["malformed"]


def test_a_lesson_fits_its_limit_and_says_what_to_do() -> None:
    failed = [
        {
            "statement": "exactly two red circles",
            "question": "Are there exactly two red circles?",
            "reason": "there are three red circles",
        }
    ]
    fields = {
        "prompt": "two red circles",
        "failed": failed,
        "passed": [],
        "reasoning": "",
        "earlier": [],
    }
    lesson = compress(fields, [Seen("red", "circle", n + 0.5, 0.5) for n in range(3)])
    assert "too many" in lesson and "Next: name a cell for every object" in lesson
    assert len(lesson.split()) < 100
    laid = compress({**fields, "prompt": "a red circle at a1, a red circle at b2"}, [])
    assert "keep what is right" in laid


Row = dict[str, object]


def rows(*told: tuple[str, int, int], kind: str = "count") -> list[Row]:
    """A track record from (strategy, right, tried)."""
    return [
        {"failed": kind, "strategy": name, "right": right, "tried": tried, "gained": 0.5}
        for name, right, tried in told
    ]


def test_memory_of_what_worked_changes_the_plan() -> None:
    def plan(*record: Row) -> str:
        skills = [{"name": "spatial", "description": "places"}]
        given_ = {
            "prompt": "two red hearts",
            "skills": skills,
            "experiences": [],
            "track_record": record,
        }
        return asyncio.run(EmbeddedMLLM().ask(PLANNER, given_)).answer.skill

    def row(skill: str, right: int, tried: int) -> Row:
        return {"skill": skill, "right": right, "tried": tried}

    assert plan() == "none"
    assert plan(row("none", 3, 4)) == "none"
    assert plan(row("none", 1, 4)) == "spatial"
    assert plan(row("none", 1, 4), row("spatial", 0, 4)) == "none"
    assert plan(row("none", 3, 4), row("spatial", 19, 20)) == "spatial"


def test_memory_of_what_worked_changes_what_is_tried_first() -> None:
    prompt = "two red hearts"
    given_ = fields(prompt, (prompt, ["exactly two red hearts"]))

    def first(*record: Row) -> str:
        answer = refine({**given_, "track_record": record}, read_prompt(prompt), [])
        assert is_layout(str(answer["prompt"])) == (answer["strategy"] == "name cells")
        return str(answer["strategy"])

    assert first() == "other words"
    assert first(*rows(("other words", 0, 1))) == "name cells"
    assert first(*rows(("other words", 2, 4))) == "other words"
    assert first(*rows(("other words", 2, 4), ("name cells", 4, 5))) == "name cells"
    assert first(*rows(("other words", 2, 4), ("name cells", 0, 1))) == "other words"
    elsewhere = rows(("other words", 0, 9), kind="position")
    assert first(*elsewhere) == "name cells"
    assert first(*elsewhere, *rows(("other words", 1, 1))) == "other words"


def test_memory_of_what_worked_changes_what_is_done_about_a_layout() -> None:
    prompt, layout = "two red hearts", "a red heart at b2, a red heart at c3"
    given_ = fields(prompt, (prompt, ["x"]), (layout, ["exactly two red hearts"]))

    def then(*told: tuple[str, int, int]) -> str:
        answer = refine({**given_, "track_record": rows(*told)}, read_prompt(prompt), [])
        return str(answer["strategy"])

    assert then() == "resample"
    assert then(("resample", 1, 9), ("move", 3, 6)) == "move"


@pytest.mark.parametrize(
    ("prompt", "failed", "said"),
    [
        ("a star in the top right corner", [], "1 star in the top right corner"),
        (
            "two red circles over a blue square",
            [],
            "2 red circles, 1 blue square, the red circles above the blue square",
        ),
        ("three hearts and a blue star", ["exactly one blue star"], "1 blue star, 3 hearts"),
    ],
)
def test_saying_it_again_keeps_everything(prompt: str, failed: list[str], said: str) -> None:
    assert reword(read_prompt(prompt), failed) == said


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
