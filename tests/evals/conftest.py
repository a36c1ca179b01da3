"""Records as a benchmark would write them, and runs as it would get them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from gems.evals.records import Record
from gems.memory.state import QuestionVerdict, RoundResult, RunResult, Usage, VerdictValue


def make_record(arm: str, case: int, images: int, correct: bool = True, **fields: Any) -> Record:
    record = Record(
        case=f"c{case}",
        arm=arm,
        kind="count",
        level=1,
        prompt="p",
        seed=1,
        thread_id="t",
        outcome="all_passed" if correct else "max_rounds",
        correct=correct,
        passed=2 if correct else 1,
        total=2,
        images=images,
        mllm_calls=3,
        rounds=images,
        best_by_round=[2 if correct else 1] * images,
        skill=None,
        image="i.png",
    )
    return record.model_copy(update=fields)


@pytest.fixture
def record() -> Callable[..., Record]:
    """See ``make_record``."""
    return make_record


def make_result(verdicts: list[list[VerdictValue]], images: list[str]) -> RunResult:
    """A finished run with these verdicts and pictures, one a round; it gives back the best."""
    passes = [said.count("pass") for said in verdicts]
    best = passes.index(max(passes))
    rounds = [
        RoundResult(
            round=number,
            prompt="p",
            seed=1,
            image=image,
            verdicts=[QuestionVerdict(question="q", verdict=value) for value in said],
            experience=None,
        )
        for number, (said, image) in enumerate(zip(verdicts, images, strict=True), 1)
    ]
    return RunResult(
        thread_id="t",
        outcome="all_passed" if passes[best] == len(verdicts[0]) else "max_rounds",
        prompt="p",
        skill=None,
        image=images[best],
        best_round=best + 1,
        passed=passes[best],
        total=len(verdicts[0]),
        rounds=rounds,
        usage=Usage(mllm_calls=7, images=len(images), input_tokens=0, output_tokens=0, seconds=1.0),
        warnings=[],
    )


@pytest.fixture
def result() -> Callable[..., RunResult]:
    """See ``make_result``."""
    return make_result
