"""The embedded judge: what it sees, what it does not know, what it cannot read."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
from gems.errors import Cost, NotInWorldError
from gems.models.embedded.judge import EmbeddedJudge
from gems.models.embedded.scenes import render
from gems.models.embedded.world import Item
from gems.models.judges.judge import Judge, Requirement
from PIL import Image

JUDGE: Judge = EmbeddedJudge()


def requirement(question: str) -> Requirement:
    return Requirement(id="q1", question=question, statement="", kind="count", parent=None)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    scene = render([Item("red", "circle", "a1"), Item("blue", "star", "c3")])
    path = tmp_path / "scene.png"
    Image.fromarray(scene).resize((512, 512), Image.Resampling.LANCZOS).save(path)
    return path


def test_verdicts_come_in_the_order_asked_with_reasons_and_cost_nothing(picture: Path) -> None:
    asked = ["Is there exactly one green star?", "Is there exactly one red circle?"]
    judgement = asyncio.run(JUDGE.judge(picture, [requirement(text) for text in asked], max_requests=0))
    assert [verdict["value"] for verdict in judgement.verdicts] == ["fail", "pass"]
    assert judgement.verdicts[0]["reason"] == "there is no green star"
    assert judgement.cost == Cost()


def test_what_is_no_picture_of_the_world_is_not_judged(tmp_path: Path) -> None:
    broken, noise = tmp_path / "broken.png", tmp_path / "noise.png"
    broken.write_bytes(b"no picture")
    pixels = np.random.default_rng(0).integers(0, 256, (256, 256, 3), np.uint8)
    Image.fromarray(pixels).save(noise)
    for path in (broken, noise, tmp_path / "gone.png"):
        judgement = asyncio.run(
            JUDGE.judge(path, [requirement("Is there exactly one red circle?")] * 2)
        )
        assert [verdict["value"] for verdict in judgement.verdicts] == ["not_judged"] * 2
        assert judgement.verdicts[0]["reason"]


def test_a_question_about_another_world_is_an_error(picture: Path) -> None:
    with pytest.raises(NotInWorldError, match="cannot answer"):
        asyncio.run(JUDGE.judge(picture, [requirement("Is the cat asleep?")]))
