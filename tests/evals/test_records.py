"""Records: a run's outcome and cost, with a scorer's figures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from gems.errors import UnreachableError
from gems.evals.arms import Arm
from gems.evals.cases import Case
from gems.evals.records import Record, RecordFile, record_of
from gems.evals.scorers import Score
from gems.memory.state import RunResult

CASE = Case(id="a", prompt="a cat", kind="k", level=3)
ARM = Arm(name="base")
OLD = (
    '{"case":"c","arm":"base","kind":"single","level":2,"prompt":"p","seed":5,"thread_id":"c",'
    '"outcome":"all_passed","correct":true,"passed":3,"total":3,"images":1,"mllm_calls":4,"rounds":1,'
    '"best_by_round":[3],"skill":null,"image":"arms/base/images/9f/9f.png"}\n'
)
MakeResult = Callable[..., RunResult]


class Table:
    """Scores pictures by their names."""

    name = "table"

    def __init__(self, **passed: int) -> None:
        self.passed = passed
        self.asked: list[str] = []

    async def score(self, case: Case, picture: Path) -> Score:
        self.asked.append(picture.stem)
        return Score(self.passed[picture.stem], 4)


def record_by(scorer: Table, result: RunResult) -> Record:
    return asyncio.run(record_of(CASE, ARM, 5, result, Path("/out"), scorer))


def test_the_figures_are_the_scorers_and_not_the_runs(result: MakeResult) -> None:
    run = result([["pass", "fail"], ["pass", "pass"]], ["/out/x.png", "/out/y.png"])
    record = record_by(Table(x=4, y=1), run)
    assert (record.scorer, record.outcome) == ("table", "all_passed")
    assert (record.correct, record.passed, record.total) == (False, 1, 4)
    assert record.best_by_round == [4, 1] and record.image == "y.png"
    assert (record.rounds, record.images, record.mllm_calls) == (2, 2, 7)
    assert (record.kind, record.level, record.seed, record.case) == ("k", 3, 5, "a")


def test_each_round_has_the_picture_that_the_run_would_have_given_back(result: MakeResult) -> None:
    verdicts = [
        ["pass", "fail"],
        ["fail", "fail"],
        ["fail", "pass"],
        ["pass", "pass"],
        ["fail", "fail"],
    ]
    run = result(verdicts, [f"/out/{name}.png" for name in "abcde"])
    scorer = Table(a=2, d=4)
    assert record_by(scorer, run).best_by_round == [2, 2, 2, 4, 4]
    assert sorted(scorer.asked) == ["a", "d"]


def test_a_run_that_nobody_judged_is_scored_all_the_same(result: MakeResult) -> None:
    record = record_by(Table(x=4), result([[]], ["/elsewhere/x.png"]))
    assert record.correct and record.best_by_round == [4] and record.image == "/elsewhere/x.png"


def test_a_picture_without_a_score_is_no_record(result: MakeResult) -> None:
    class Away(Table):
        async def score(self, case: Case, picture: Path) -> Score:
            raise UnreachableError("away")

    with pytest.raises(UnreachableError):
        record_by(Away(), result([["pass"]], ["/out/x.png"]))


def test_records_of_the_version_before_are_the_runs_own_verdicts(tmp_path: Path) -> None:
    file = RecordFile(tmp_path / "records.jsonl")
    file.path.write_text(OLD + OLD[:40])
    [record] = file.read()
    assert (record.scorer, record.correct, record.unjudged) == ("verifier", True, 0)
    file.append(record.model_copy(update={"scorer": "table"}))
    assert [record.scorer for record in file.read()] == ["table"]
