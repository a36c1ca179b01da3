"""The embedded MLLM's way of reading what it is given."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import cv2
import pytest
from gems.memory.track_record import track_record
from gems.models.embedded.mllm import EmbeddedMLLM
from gems.models.embedded.questions import questions_for
from gems.models.embedded.reading.grammar import read_prompt
from gems.models.embedded.scenes import render
from gems.models.embedded.strategies import refine, skill_chances, strategy_chances
from gems.models.embedded.world import Item
from gems.models.judges.mllm import verifier_all_role
from sample_experiences import experience

QUESTIONS = ["Is there exactly one red circle?", "Is there exactly one blue star?"]


def judged(tmp_path: Path, questions: Any) -> list[tuple[int, str]]:
    path = tmp_path / "picture.png"
    rgb = render([Item("red", "circle", "b2")])
    cv2.imwrite(str(path), rgb[..., ::-1])
    reply = asyncio.run(
        EmbeddedMLLM().ask(verifier_all_role("judge"), {"questions": questions}, [path])
    )
    return [(item.number, item.verdict) for item in reply.answer.verdicts]


def test_questions_are_read_as_rows(tmp_path: Path) -> None:
    rows = [{"number": number, "question": text} for number, text in enumerate(QUESTIONS, 1)]
    assert judged(tmp_path, rows) == [(1, "yes"), (2, "no")]
    assert judged(tmp_path, rows[1:]) == [(2, "no")]


def test_chances_follow_from_a_track_record() -> None:
    kept = [
        experience(
            "a cat", n, kinds=(kind,), strategy=strategy, solved=solved, gained=0, skill="a: b, c"
        )
        for n, (kind, strategy, solved) in enumerate(
            [
                ("count", "name cells", True),
                ("count", "name cells", True),
                ("count", "move: it, (now)", False),
                ("colour", "name cells", False),
            ],
            1,
        )
    ]
    record = track_record(kept)
    assert skill_chances(record) == {"a: b, c": 1 / 3}
    assert strategy_chances(record, {"count"}) == {"name positions": 3 / 4, "move": 1 / 3}
    assert strategy_chances(record, {"colour"}) == {"name positions": 1 / 3}
    assert strategy_chances(record, {"text"}) == {"name positions": 3 / 5, "move": 1 / 3}
    assert strategy_chances([], {"count"}) == skill_chances([]) == {}


@pytest.mark.parametrize(
    ("lesson", "strategy"),
    [
        (
            "In plain words: too few. Next: name a cell for every object. Right: nothing.",
            "name positions",
        ),
        (
            "In plain words: misspelt. Next: name a cell for every letter. Right: nothing.",
            "other words",
        ),
        ("Bananas are yellow and the tram is late.", "other words"),
    ],
)
def test_the_refiner_reads_what_experiences_say_of_its_failure(lesson: str, strategy: str) -> None:
    wish = read_prompt("two red cats")
    [count, total] = questions_for(wish)
    requirements = [
        {"number": n, "question": q["question"], "statement": q["statement"]}
        for n, q in enumerate((count, total), 1)
    ]
    told = {"request": "three red cats", "skill": "", "round": 1, "failed": [], "action": "rewrite"}
    told |= {"strategy": "name positions", "next_prompt": "", "gained": 2, "lesson": lesson}
    fields = {
        "prompt": "two red cats",
        "requirements": requirements,
        "attempts": [{"prompt": "two red cats", "failed": [{**count, "reason": ""}], "passed": []}],
        "track_record": [],
        "recalled": [told],
    }
    assert refine(fields, wish, None)["strategy"] == strategy
