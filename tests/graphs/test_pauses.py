"""Runs that wait: for a limit, for a person, for an answer."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from gems.errors import InputError
from gems.models.judges.judge import Judgement, Verdict
from langgraph.types import interrupt
from scripted_sessions import scripted, session_with, slow_generator


def test_a_run_pauses_before_the_next_round_and_goes_on(tmp_path: Path) -> None:
    mllm = scripted()
    session = session_with(tmp_path, mllm=mllm)
    events = []
    for event in session.stream("a cat", thread_id="mine", memory=False):
        events.append(event)
        if event["event"] == "verdict":
            session.pause("mine", reason="limit", message="today's money is spent")
    last = events[-1]
    assert last["event"] == "result"
    result = last["result"]
    assert (result["outcome"], len(result["rounds"]), result["best_round"]) == ("paused", 1, 1)
    assert Path(result["image"]).is_file()
    assert result.get("pause") == {
        "reason": "limit", "message": "today's money is spent", "waits_for": ["compressor"]
    }  # fmt: skip
    assert "paused" in [event["event"] for event in events]
    assert session.index.read("mine").outcome == "paused"
    again = session.resume("mine")
    assert (again["outcome"], len(again["rounds"]), "pause" in again) == ("all_passed", 2, False)
    assert len(mllm.asked("decomposer")) == 1


def test_a_breakpoint_before_a_node_pauses_for_a_person(tmp_path: Path) -> None:
    session = session_with(tmp_path, interrupt_before=["refiner"])
    result = session.generate("a cat", thread_id="mine", memory=False)
    assert result["outcome"] == "paused"
    pause = result.get("pause")
    assert pause and pause["reason"] == "person" and pause["waits_for"] == ["refiner"]
    assert session.resume("mine")["outcome"] == "all_passed"


def test_a_pause_before_the_first_picture_has_none_to_show(tmp_path: Path) -> None:
    session = session_with(tmp_path, interrupt_before=["generator"])
    result = session.generate("a cat", thread_id="mine", memory=False, out=tmp_path / "out")
    assert (result["outcome"], result["image"], result["best_round"]) == ("paused", "", 0)
    assert result["total"] == 1 and result["rounds"] == []
    assert session.resume("mine")["outcome"] == "paused"


def test_an_interrupt_is_answered(tmp_path: Path) -> None:
    def ask(fields: Any, images: Any) -> dict[str, Any]:
        return {"experience": f"a person says: {interrupt('what is wrong?')}"}

    session = session_with(tmp_path, mllm=scripted(compressor=ask))
    result = session.generate("a cat", thread_id="mine", memory=False)
    pause = result.get("pause")
    assert pause and (pause["reason"], pause["waits_for"]) == ("person", ["compressor"])
    assert [ask["value"] for ask in pause.get("asks", [])] == ["what is wrong?"]
    again = session.resume("mine", answer="it is a dog")
    assert again["outcome"] == "all_passed"
    assert again["rounds"][0]["experience"] == "a person says: it is a dog"


def test_what_was_asked_of_a_run_that_is_over_does_not_befall_the_next(tmp_path: Path) -> None:
    session = session_with(tmp_path)
    session.cancel("mine")
    session.pause("mine")
    assert session.generate("a cat", thread_id="mine", memory=False)["outcome"] == "all_passed"


class Person:
    """A judge that asks a person, one question at a time."""

    name = "person"
    kinds = None
    at_once = 1

    async def judge(
        self, picture: Path, requirements: Any, *, max_requests: int | None = None
    ) -> Judgement:
        said = interrupt({"question": requirements[0]["question"]})
        return Judgement([Verdict(value="pass" if said == "yes" else "fail", reason=str(said))])


QUESTIONS = {"questions": [{"question": f"Is there thing {n}?"} for n in (1, 2, 3)]}


def test_several_questions_to_a_person_take_one_answer_or_one_each(tmp_path: Path) -> None:
    for name in ("one", "each"):
        mllm = scripted(decomposer=QUESTIONS)
        session = session_with(tmp_path / name, mllm=mllm, judges=[Person()])
        result = session.generate("a cat", thread_id="mine", memory=False, rounds=1)
        asks = result.get("pause", {}).get("asks", [])
        assert [ask["value"]["question"] for ask in asks] == [
            item["question"] for item in QUESTIONS["questions"]
        ]
        answers = {ask["id"]: "no" if "2" in str(ask["value"]) else "yes" for ask in asks}
        again = session.resume("mine", answer="yes" if name == "one" else answers)
        assert (again["outcome"], again["passed"]) == (
            ("all_passed", 3) if name == "one" else ("max_rounds", 2)
        )


def test_an_answer_that_is_an_empty_object_is_an_answer(tmp_path: Path) -> None:
    def ask(fields: Any, images: Any) -> dict[str, Any]:
        return {"experience": f"said {interrupt('?')}"}

    session = session_with(tmp_path, mllm=scripted(compressor=ask))
    session.generate("a cat", thread_id="mine", memory=False)
    assert session.resume("mine", answer={})["rounds"][0]["experience"] == "said {}"


def test_a_cancelled_waiter_leaves_a_run_that_can_be_resumed_at_once(tmp_path: Path) -> None:
    session = session_with(tmp_path, generator=slow_generator(1.0))

    async def give_up_and_resume() -> str:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(
                session.agenerate("a cat", thread_id="mine", memory=False), timeout=0.5
            )
        result = await session.aresume("mine")
        return result["outcome"]

    assert asyncio.run(give_up_and_resume()) == "all_passed"


def test_a_breakpoint_at_no_node_is_refused(tmp_path: Path) -> None:
    session = session_with(tmp_path, interrupt_before=["nonsense"])
    with pytest.raises(InputError, match="no node is called 'nonsense'.*use intake, planner"):
        session.generate("a cat", memory=False)


def test_who_watches_a_resumed_run_hears_what_the_verdicts_are_about(tmp_path: Path) -> None:
    session = session_with(tmp_path, interrupt_before=["refiner"])
    session.generate("a cat", thread_id="mine", memory=False)
    events = list(session.resume_stream("mine"))
    assert [event["event"] for event in events[:2]] == ["started", "requirements"]
