"""Scores come from a judge and the case's own requirements; from the run's verdicts only where there
is nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from gems.errors import InputError, StorageError, UnreachableError
from gems.evals import scorers
from gems.evals.cases import Case, Suite, load_suite
from gems.evals.scorers import (
    JudgeScorer,
    Score,
    VerifierScorer,
    choose_scorer,
    stated_requirements,
    tally,
)
from gems.memory.state import RunResult
from gems.models.embedded.scenes import render
from gems.models.embedded.world import Item
from gems.models.judges.judge import Judgement, Requirement, Verdict, VerdictValue
from gems.settings import Settings
from PIL import Image

STATED = {
    "requirements": [
        {"question": "Is there a cat?", "statement": "a cat", "kind": "object"},
        {"question": "Is the cat asleep?", "depends_on": 1},
        {"question": "Does a sign say NO DOGS?", "kind": "text"},
    ]
}
CASE = Case(id="a", prompt="a cat asleep by a sign", metadata=STATED)
BARE = Case(id="b", prompt="a dragon")


class TableJudge:
    """Says what its table says of a requirement's question; others pass."""

    name = "table"
    kinds = None
    at_once = None

    def __init__(self, **table: VerdictValue) -> None:
        self.table = table
        self.asked: list[tuple[Path, list[str]]] = []

    async def judge(
        self, picture: Path, requirements: Sequence[Requirement], *, max_requests: int | None = None
    ) -> Judgement:
        self.asked.append((picture, [item["question"] for item in requirements]))
        return Judgement(
            [Verdict(value=self.table.get(item["id"], "pass"), reason="") for item in requirements]
        )


class AwayJudge(TableJudge):
    """Cannot be reached."""

    async def judge(self, *given: Any, **more: Any) -> Judgement:
        raise UnreachableError("the judge is away")


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    Image.new("RGB", (8, 8)).save(path)
    return path


def score_by(judge: TableJudge, picture: Path) -> Score:
    return asyncio.run(JudgeScorer(judge, stated_requirements).score(CASE, picture))


def test_the_judge_is_asked_what_the_case_states(picture: Path) -> None:
    judge = TableJudge()
    assert score_by(judge, picture) == Score(3, 3)
    questions = ["Is there a cat?", "Is the cat asleep?", "Does a sign say NO DOGS?"]
    assert judge.asked == [(picture, questions)]
    assert [item["statement"] for item in stated_requirements(CASE)][:2] == [
        "a cat",
        "Is the cat asleep?",
    ]


def test_what_depends_on_a_failed_requirement_is_void(picture: Path) -> None:
    assert score_by(TableJudge(q1="fail"), picture) == Score(1, 3)


def test_what_cannot_be_judged_is_neither_passed_nor_unsaid(picture: Path) -> None:
    found = score_by(TableJudge(q3="not_judged"), picture)
    assert found == Score(2, 3, 1) and not found.correct


def test_a_requirement_is_void_with_its_grandparent_too() -> None:
    chain = [
        Requirement(id=f"q{n}", question="", statement="", kind="other", parent=parent)
        for n, parent in ((1, None), (2, "q1"), (3, "q2"))
    ]
    values: list[VerdictValue] = ["fail", "pass", "pass"]
    assert tally(chain, [Verdict(value=value, reason="") for value in values]) == Score(0, 3)


def test_no_requirements_are_not_all_requirements_met() -> None:
    assert not tally([], []).correct


def test_a_judge_that_is_away_gives_no_score(picture: Path) -> None:
    with pytest.raises(UnreachableError):
        score_by(AwayJudge(), picture)


def test_a_picture_that_is_gone_is_no_failed_picture(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="gone"):
        score_by(TableJudge(), tmp_path / "nothing.png")


def test_the_embedded_eye_scores_the_pictures_of_its_world(tmp_path: Path) -> None:
    suite = Suite("mine", (Case(id="a", prompt="a red circle and a blue star"),))
    scorer = choose_scorer(suite, Settings())
    assert scorer is not None and scorer.name == "embedded"
    scores = []
    for name, colour in (("right", "blue"), ("wrong", "green")):
        scene = render([Item("red", "circle", "a1"), Item(colour, "star", "c3")])
        path = tmp_path / f"{name}.png"
        Image.fromarray(scene).resize((512, 512), Image.Resampling.LANCZOS).save(path)
        scores.append(asyncio.run(scorer.score(suite.cases[0], path)))
    assert scores == [Score(3, 3), Score(2, 3)]


@pytest.mark.parametrize("name", ["shapes", "shapes-small"])
def test_the_packaged_suites_have_an_independent_scorer(name: str) -> None:
    scorer = choose_scorer(load_suite(name), Settings())
    assert scorer is not None and scorer.name == "embedded"
    assert choose_scorer(load_suite(name), Settings(generator="openai:x")) is None


def test_nobody_scores_what_nobody_can_judge() -> None:
    assert choose_scorer(Suite("mine", (BARE,)), Settings()) is None
    assert choose_scorer(Suite("mine", (CASE,)), Settings()) is None
    assert choose_scorer(Suite("mine", (BARE,)), Settings(judge="table")) is None


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The specs that were opened; each opens a ``TableJudge``."""
    specs: list[str] = []

    def open_judge(spec: str, settings: Settings) -> TableJudge:
        specs.append(spec)
        return TableJudge()

    monkeypatch.setattr(scorers, "open_judge", open_judge)
    return specs


def test_the_judge_of_the_settings_scores_cases_that_state_requirements(opened: list[str]) -> None:
    stated = Case(id="r", prompt="a red circle", metadata=STATED)
    scorer = choose_scorer(Suite("mine", (CASE, stated)), Settings(judge="mllm:openai:big"))
    assert scorer is not None and scorer.name == "table" and opened == ["mllm:openai:big"]


def test_a_suite_that_states_requirements_for_some_cases_only_is_refused(opened: list[str]) -> None:
    with pytest.raises(InputError, match="1 of 2 cases of mine.*GEMS_JUDGE"):
        choose_scorer(Suite("mine", (CASE, BARE)), Settings(judge="table"))


def test_the_runs_own_verdicts_are_read_by_picture(result: Callable[..., RunResult]) -> None:
    run = result([["pass", "fail"], ["pass", "not_judged"], ["pass", "pass"]], ["x", "x", "y"])
    scorer = VerifierScorer(run)
    assert scorer.name == "verifier"
    assert [asyncio.run(scorer.score(BARE, Path(p))) for p in ("x", "y")] == [Score(1, 2), Score(2, 2)]
