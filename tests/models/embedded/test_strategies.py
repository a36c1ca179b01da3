"""The embedded refiner: failures by kind, lessons, and strategies chosen by what worked."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from embedded_prompts import items_of, picture
from gems.models.embedded.eye import Scene, Seen, look
from gems.models.embedded.failures import EMPTY, failures_in
from gems.models.embedded.mllm import EmbeddedMLLM
from gems.models.embedded.questions import questions_for
from gems.models.embedded.reading.grammar import read_prompt
from gems.models.embedded.strategies import compress, is_layout, refine, reword
from gems.nodes.planner import PLANNER
from gems.nodes.skill_writer import SKILL_WRITER


def fields(prompt: str, *drawn: tuple[str, list[str]]) -> dict[str, Any]:
    wish = read_prompt(prompt)
    return {
        "prompt": prompt,
        "requirements": [
            {"number": n, "statement": q["statement"]} for n, q in enumerate(questions_for(wish), 1)
        ],
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
    said_again = refine(fields(prompt, begun), wish, EMPTY)
    assert said_again["prompt"] == "1 blue square, 2 red circles"
    first = refine(fields(prompt, begun, (said_again["prompt"], ["x"])), wish, EMPTY)
    assert is_layout(first["prompt"]) and first["action"] == "rewrite"
    for answer in (said_again, first):
        assert all(cover["quote"] in answer["prompt"] for cover in answer["covers"])
        assert len(answer["covers"]) == len(questions_for(wish))
    tried = [begun, (first["prompt"], ["exactly one blue square"])]
    second = refine(fields(prompt, *tried), wish, EMPTY)
    assert second["action"] == "resample"
    items = items_of(first["prompt"])
    scene = look(picture(tmp_path / "p.png", [i for i in items if i.kind == "circle"]))
    third = refine(fields(prompt, *tried, tried[-1]), wish, scene)
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
        ("Is the picture at night?", ["wrong ground"]),
        ("Is there exactly one small green heart?", ["wrong size"]),
        ('Is there exactly one word "HI"?', ["misspelt"]),
    ],
)
def test_a_failure_is_named_by_its_kind(question: str, names: list[str]) -> None:
    cells = [("red", "circle", "b1"), ("red", "circle", "b2"), ("red", "circle", "c2")]
    cells += [("blue", "H", "a3"), ("blue", "O", "b3")]
    seen = [
        Seen(colour, shape, "big", cell) for colour, shape, cell in [*cells, ("green", "heart", "a4")]
    ]
    assert failures_in([{"question": question}], Scene("plain", tuple(seen))) == names
    broken = Scene("plain", (*seen, Seen(None, "circle", "big", "d4")))
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
    lesson = compress(
        fields, Scene("plain", tuple(Seen("red", "circle", "big", f"{c}1") for c in "abc"))
    )
    assert "too many" in lesson and "Next: name a cell for every object" in lesson
    assert len(lesson.split()) < 100
    laid = compress({**fields, "prompt": "a red circle at a1, a red circle at b2"}, EMPTY)
    assert "keep what is right" in laid


Row = dict[str, object]


def rows(*told: tuple[str, int, int], kind: str = "count") -> list[Row]:
    """A track record from (strategy, fixed, tried)."""
    return [
        {"failed": kind, "strategy": name, "fixed": fixed, "tried": tried, "broke": 0}
        for name, fixed, tried in told
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
        answer = refine({**given_, "track_record": record}, read_prompt(prompt), EMPTY)
        assert is_layout(str(answer["prompt"])) == (answer["strategy"] == "name positions")
        return str(answer["strategy"])

    assert first() == "other words"
    assert first(*rows(("other words", 0, 1))) == "name positions"
    assert first(*rows(("other words", 2, 4))) == "other words"
    assert first(*rows(("other words", 2, 4), ("name positions", 4, 5))) == "name positions"
    assert first(*rows(("other words", 2, 4), ("name positions", 0, 1))) == "other words"
    elsewhere = rows(("other words", 0, 9), kind="position")
    assert first(*elsewhere) == "name positions"
    assert first(*elsewhere, *rows(("other words", 1, 1))) == "other words"


def test_what_a_strategy_broke_counts_against_it() -> None:
    prompt = "two red hearts"
    given_ = fields(prompt, (prompt, ["exactly two red hearts"]))
    [row] = rows(("other words", 3, 4))
    answers = [
        refine({**given_, "track_record": [{**row, "broke": broke}]}, read_prompt(prompt), EMPTY)
        for broke in (0, 6)
    ]
    assert [answer["strategy"] for answer in answers] == ["other words", "name positions"]


def test_what_worked_for_similar_requests_is_the_form_of_the_first_prompt() -> None:
    def write(*recalled: Row, skill: str = "") -> str:
        given_ = {
            "prompt": "two red hearts",
            "skill": skill,
            "generator": {},
            "facts": [],
            "recalled": list(recalled),
            "generator_lessons": [],
        }
        return asyncio.run(EmbeddedMLLM().ask(SKILL_WRITER, given_)).answer.prompt

    layout, plain = "a red circle at b2", "one red circle"
    right = {"outcome": "passed everything"}
    assert write() == write({"prompt": layout, "outcome": "ended with failures"}) == "two red hearts"
    assert is_layout(write({**right, "prompt": layout}))
    assert is_layout(write({"next_prompt": layout, "then_passed_everything": True}))
    assert write({**right, "prompt": plain}, {**right, "prompt": layout}) == "two red hearts"


def test_memory_of_what_worked_changes_what_is_done_about_a_layout() -> None:
    prompt, layout = "two red hearts", "a red heart at b2, a red heart at c3"
    given_ = fields(prompt, (prompt, ["x"]), (layout, ["exactly two red hearts"]))

    def then(*told: tuple[str, int, int]) -> str:
        answer = refine({**given_, "track_record": rows(*told)}, read_prompt(prompt), EMPTY)
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
