"""What every judge promises, over each implementation."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from gems.errors import AnswerError, Cost, DeclinedError, NotInWorldError, UnreachableError
from gems.models.chat.answers import strict_schema
from gems.models.fakes import FakeJudge, FakeMLLM
from gems.models.judges.judge import Judge, Judgement, Requirement
from gems.models.judges.mllm import Look, MLLMJudge, NumberedLook
from gems.models.judges.router import JudgeRouter
from PIL import Image

TOLD = {"verifier": "look", "verifier_all": "look at all"}


def requirement(number: int, kind: str = "object") -> Requirement:
    text = f"thing {number}"
    return Requirement(
        id=f"q{number}", question=f"Is there {text}?", statement=text, kind=kind, parent=None
    )


REQUIREMENTS = [requirement(1), requirement(2, "text"), requirement(3, "count")]


def scripted(fields: Any, images: Sequence[Path]) -> dict[str, Any]:
    """Yes, no, cannot tell: by the question's number."""
    said = {"1": "yes", "2": "no", "3": "cannot_tell"}
    if "question" in fields:
        return {"verdict": said[fields["question"].split()[-1][0]], "reason": "seen"}
    return {
        "verdicts": [
            {"number": item["number"], "verdict": said[item["question"].split()[-1][0]]}
            for item in fields["questions"]
        ]
    }


def mllm_judge(together: bool = False) -> MLLMJudge:
    return MLLMJudge(FakeMLLM(verifier=scripted, verifier_all=scripted), TOLD, together=together)


JUDGES: dict[str, Callable[[], Judge]] = {
    "mllm, one by one": mllm_judge,
    "mllm, together": lambda: mllm_judge(together=True),
    "fake": lambda: FakeJudge({"q2": "fail", "q3": "not_judged"}),
    "router": lambda: JudgeRouter([FakeJudge({"q2": "fail"}, kinds=frozenset({"text"})), mllm_judge()]),
}


@pytest.fixture(params=JUDGES)
def judge(request: pytest.FixtureRequest) -> Judge:
    return JUDGES[request.param]()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    Image.new("RGB", (8, 8)).save(path)
    return path


def ask(
    judge: Judge, picture: Path, wanted: Sequence[Requirement], most: int | None = None
) -> Judgement:
    return asyncio.run(judge.judge(picture, wanted, max_requests=most))


def test_gives_one_verdict_a_requirement_in_order(judge: Judge, picture: Path) -> None:
    judgement = ask(judge, picture, REQUIREMENTS)
    assert [v["value"] for v in judgement.verdicts] == ["pass", "fail", "not_judged"]
    assert judgement.cost.requests >= 1
    json.dumps(judgement.verdicts)


def test_takes_any_number_of_requirements(judge: Judge, picture: Path) -> None:
    assert ask(judge, picture, []).verdicts == []
    assert len(ask(judge, picture, REQUIREMENTS[:1]).verdicts) == 1


def test_keeps_within_the_call_budget(judge: Judge, picture: Path) -> None:
    judgement = ask(judge, picture, REQUIREMENTS, most=1)
    assert judgement.cost.requests <= 1 and len(judgement.verdicts) == 3


def test_has_a_name_and_says_what_it_serves(judge: Judge) -> None:
    assert judge.name and (judge.kinds is None or all(judge.kinds))
    assert judge.at_once is None or judge.at_once >= 1


def test_can_be_asked_many_times_at_once_from_any_loop(judge: Judge, picture: Path) -> None:
    async def many() -> list[Judgement]:
        return await asyncio.gather(*(judge.judge(picture, REQUIREMENTS) for _ in range(5)))

    assert len({str(j.verdicts) for j in asyncio.run(many())}) == 1


def test_a_requirement_goes_to_the_first_judge_that_serves_its_kind(picture: Path) -> None:
    reader = FakeJudge({"q2": "fail"}, name="reader", kinds=frozenset({"text"}))
    other = FakeJudge(name="other")
    judgement = ask(JudgeRouter([reader, other]), picture, REQUIREMENTS)
    assert [ids for _, ids in reader.history] == [["q2"]]
    assert [ids for _, ids in other.history] == [["q1", "q3"]]
    assert [v.get("judge") for v in judgement.verdicts] == ["other", "reader", "other"]


def test_what_a_judge_leaves_undecided_goes_to_the_next(picture: Path) -> None:
    unsure = FakeJudge({"q1": "not_judged"}, name="unsure")
    sure = FakeJudge({"q1": "fail"}, name="sure")
    judgement = ask(JudgeRouter([unsure, sure]), picture, REQUIREMENTS)
    assert [v["value"] for v in judgement.verdicts] == ["fail", "pass", "pass"]
    assert sure.history == [(picture, ["q1"])]


def test_a_judge_that_fails_is_stood_in_for_and_named(picture: Path) -> None:
    broken = FakeJudge({"q1": UnreachableError("away", Cost(requests=2))}, name="broken")
    judgement = ask(JudgeRouter([broken, FakeJudge()]), picture, REQUIREMENTS)
    assert {v["value"] for v in judgement.verdicts} == {"pass"}
    assert judgement.problems == ["away"] and judgement.cost.requests == 3
    with pytest.raises(UnreachableError, match="away") as caught:
        ask(JudgeRouter([broken]), picture, REQUIREMENTS)
    assert caught.value.cost.requests == 2


def test_a_kind_nobody_serves_is_not_judged(picture: Path) -> None:
    reader = FakeJudge(kinds=frozenset({"text"}))
    router = JudgeRouter([reader])
    assert router.kinds == frozenset({"text"})
    [verdict] = ask(router, picture, [requirement(1)]).verdicts
    assert verdict["value"] == "not_judged" and "no judge" in verdict["reason"]
    assert not reader.history


def test_requirements_are_grouped_as_their_judges_want_them() -> None:
    reader = FakeJudge(kinds=frozenset({"text"}))
    wanted = [requirement(n, "text" if n % 2 else "object") for n in range(1, 6)]
    groups = JudgeRouter([reader, FakeJudge(at_once=1)]).groups(wanted)
    assert [[item["id"] for item in group] for group in groups] == [["q1", "q3", "q5"], ["q2"], ["q4"]]
    assert JudgeRouter([FakeJudge()]).groups(wanted) == [wanted]
    assert JudgeRouter([FakeJudge()]).groups([]) == []


def test_one_question_without_an_answer_leaves_the_others_judged(picture: Path) -> None:
    mllm = FakeMLLM(
        verifier=[{"verdict": "yes"}, AnswerError("prose", Cost(requests=2)), {"verdict": "no"}]
    )
    judgement = ask(MLLMJudge(mllm, TOLD), picture, REQUIREMENTS)
    assert [v["value"] for v in judgement.verdicts] == ["pass", "not_judged", "fail"]
    assert judgement.cost.requests == 4


def test_a_question_the_answer_skips_is_not_judged(picture: Path) -> None:
    mllm = FakeMLLM(verifier_all={"verdicts": [{"number": 2, "verdict": "yes"}]})
    judgement = ask(MLLMJudge(mllm, TOLD, together=True), picture, REQUIREMENTS)
    assert [v["value"] for v in judgement.verdicts] == ["not_judged", "pass", "not_judged"]


def test_questions_that_cannot_be_answered_together_are_asked_one_by_one(picture: Path) -> None:
    prose = AnswerError("prose", Cost(requests=2))
    mllm = FakeMLLM(
        verifier_all=prose, verifier=[{"verdict": "yes"}, {"verdict": "no"}, {"verdict": "yes"}]
    )
    judgement = ask(MLLMJudge(mllm, TOLD, together=True), picture, REQUIREMENTS)
    assert [v["value"] for v in judgement.verdicts] == ["pass", "fail", "pass"]
    assert judgement.cost.requests == 5
    silent = FakeMLLM(verifier_all=prose, verifier=AnswerError("prose", Cost(requests=2)))
    with pytest.raises(AnswerError) as caught:
        ask(MLLMJudge(silent, TOLD, together=True), picture, REQUIREMENTS)
    assert caught.value.cost.requests == 8


def test_who_cannot_answer_together_is_asked_one_by_one_from_then_on(picture: Path) -> None:
    unable: set[str] = set()
    prose = AnswerError("prose", Cost(requests=2))
    mllm = FakeMLLM(verifier_all=prose, verifier={"verdict": "yes"})
    first = MLLMJudge(mllm, TOLD, together=True, unable=unable)
    ask(first, picture, REQUIREMENTS)
    second = MLLMJudge(mllm, TOLD, votes=True, unable=unable)
    assert unable == {"fake"} and first.at_once == second.at_once == 1
    assert ask(second, picture, REQUIREMENTS).cost.requests == len(REQUIREMENTS)
    assert len(mllm.asked("verifier_all")) == 1


@pytest.mark.parametrize("error", [NotInWorldError("no cats here"), DeclinedError("not about cats")])
def test_one_question_that_it_will_not_hear_leaves_the_others_judged(
    picture: Path, error: Exception
) -> None:
    def one(fields: Any, images: Sequence[Path]) -> dict[str, Any]:
        if "thing 2" in fields["question"]:
            raise error
        return {"verdict": "yes"}

    unable: set[str] = set()
    judge = MLLMJudge(FakeMLLM(verifier_all=error, verifier=one), TOLD, together=True, unable=unable)
    judgement = ask(judge, picture, REQUIREMENTS)
    assert [v["value"] for v in judgement.verdicts] == ["pass", "not_judged", "pass"]
    assert not unable


def test_a_reason_comes_before_its_verdict_and_the_number_first() -> None:
    for answer, order in (
        (Look, ["reason", "verdict"]),
        (NumberedLook, ["number", "reason", "verdict"]),
    ):
        assert list(answer.model_json_schema()["properties"]) == order
        assert list(strict_schema(answer)["properties"]) == order


def test_a_judge_that_does_not_know_a_thing_is_stood_in_for(picture: Path) -> None:
    stranger = FakeJudge({"q1": NotInWorldError("no cats here")}, name="stranger")
    judgement = ask(JudgeRouter([stranger, FakeJudge()]), picture, REQUIREMENTS)
    assert {v["value"] for v in judgement.verdicts} == {"pass"}
    with pytest.raises(NotInWorldError, match="no cats here"):
        ask(JudgeRouter([stranger]), picture, REQUIREMENTS)


@pytest.mark.parametrize(
    "said",
    [
        None,
        Judgement([]),
        Judgement([{"value": "maybe", "reason": ""}] * 3),  # type: ignore[typeddict-item]
        Judgement([{"value": "pass", "reason": "", "confidence": 7.0}] * 3),
    ],
)
def test_what_is_no_judgement_is_a_judge_that_failed(picture: Path, said: Any) -> None:
    class Foreign(FakeJudge):
        async def judge(self, *args: Any, **options: Any) -> Judgement:
            return said  # type: ignore[no-any-return]

    with pytest.raises(AnswerError, match="the judge foreign gave"):
        ask(JudgeRouter([Foreign(name="foreign")]), picture, REQUIREMENTS)
    judgement = ask(JudgeRouter([Foreign(name="foreign"), FakeJudge()]), picture, REQUIREMENTS)
    assert {v["value"] for v in judgement.verdicts} == {"pass"} and len(judgement.problems) == 1
