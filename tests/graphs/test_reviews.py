"""A person looks at judged rounds: when they are asked, and what each answer does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from gems import build_graph
from gems.memory.fakes import FakeExperiences
from gems.models.fakes import FakeGenerator
from gems.settings import Settings
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command
from scripted_sessions import scripted, session_with

THREAD: Any = {"configurable": {"thread_id": "1"}}
FIRST_FAILS = [{"verdict": "no", "reason": "a dog"}, {"verdict": "yes", "reason": "a cat"}]


class Reviewed:
    """A run that waits for a person, and what it is told."""

    def __init__(self, home: Path, review: str = "every_round", **roles: Any) -> None:
        self.generator = FakeGenerator()
        self.mllm = scripted(**{"verifier": FIRST_FAILS, **roles})
        self.experiences = FakeExperiences()
        self.graph: Any = build_graph(
            settings=Settings(home=home),
            mllm=self.mllm,
            generator=self.generator,
            experiences=self.experiences,
            checkpointer=InMemorySaver(),
        )
        context: Any = {"review": review, "seed": 1, "rounds": 4}
        self.result = self.graph.invoke({"prompt": "a cat"}, THREAD, context=context)

    @property
    def asked(self) -> dict[str, Any] | None:
        waits = self.graph.get_state(THREAD).interrupts
        return waits[0].value[0] if waits else None

    def answer(self, said: Any) -> Any:
        self.result = self.graph.invoke(Command(resume=said), THREAD)
        return self.result


def test_it_shows_the_round_and_what_comes_next_as_inboxes_read_it(tmp_path: Path) -> None:
    run = Reviewed(tmp_path)
    asked = run.asked
    assert asked is not None and {"action_request", "config", "description"} <= asked.keys()
    assert asked["action_request"] == {"action": "draw_next_round", "args": {"prompt": "a cat, a cat"}}
    assert all(asked["config"].values()) and asked["picture"] in asked["description"]
    assert asked["verdicts"] == [
        {"id": "q1", "statement": "a cat", "verdict": "fail", "reason": "a dog"}
    ]
    assert Path(asked["picture"]).is_file()


@pytest.mark.parametrize(("review", "times"), [("never", 0), ("on_failure", 1), ("every_round", 2)])
def test_a_person_is_asked_as_often_as_wished(tmp_path: Path, review: str, times: int) -> None:
    run = Reviewed(tmp_path, review)
    for _ in range(times):
        assert run.asked is not None
        run.answer({"decision": "go_on"})
    assert run.asked is None and run.result["outcome"] == "all_passed"
    assert len(run.generator.history) == 2


@pytest.mark.parametrize("said", [{"decision": "take"}, {"decision": "stop"}, [{"type": "ignore"}]])
def test_taken_or_stopped_it_ends_with_the_picture_that_was_shown(tmp_path: Path, said: Any) -> None:
    run = Reviewed(tmp_path)
    shown = run.asked
    result = run.answer(said)
    wanted = "accepted" if said == {"decision": "take"} else "cancelled"
    assert result["outcome"] == wanted and shown and result["image"] == shown["picture"]
    assert len(run.generator.history) == 1


def test_a_verdict_that_a_person_corrects_counts_and_is_learned_from(tmp_path: Path) -> None:
    run = Reviewed(tmp_path)
    result = run.answer({"verdicts": {"q1": "pass"}})
    assert result["outcome"] == "all_passed" and len(run.generator.history) == 1
    assert any(kept.solved and kept.action == "end" for kept in run.experiences.kept.values())


def test_what_passed_for_the_judge_and_not_for_a_person_is_drawn_again(tmp_path: Path) -> None:
    run = Reviewed(tmp_path, verifier={"verdict": "yes"})
    run.answer({"verdicts": {"q1": "fail"}})
    assert run.asked is not None and run.asked["next_prompt"] == "a cat, a cat"
    run.answer([{"type": "accept"}])
    assert len(run.generator.history) == 2


def test_an_added_requirement_is_asked_of_the_picture_that_is_there(tmp_path: Path) -> None:
    run = Reviewed(tmp_path)
    run.answer({"add": ["a red collar"]})
    asked = run.asked
    assert asked is not None and [v["id"] for v in asked["verdicts"]] == ["q1", "q2"]
    assert asked["verdicts"][1]["statement"] == "a red collar"
    assert any("a red collar" in str(fields) for fields in run.mllm.asked("verifier"))
    assert len(run.generator.history) == 1
    assert run.answer({"decision": "go_on"})["total"] == 2


def test_a_dropped_requirement_counts_no_more(tmp_path: Path) -> None:
    questions = [
        {"question": "Is there a cat?", "statement": "a cat"},
        {"question": "Is it red?", "statement": "a red cat", "depends_on": 1},
    ]
    run = Reviewed(tmp_path, decomposer={"questions": questions}, verifier={"verdict": "no"})
    run.answer({"drop": ["q1"]})
    asked = run.asked
    assert asked is not None and [v["id"] for v in asked["verdicts"]] == ["q2"]


@pytest.mark.parametrize("said", [{"wrong": "no tail"}, [{"type": "response", "args": "no tail"}]])
def test_what_a_person_says_is_wrong_is_put_right_and_looked_for(tmp_path: Path, said: Any) -> None:
    run = Reviewed(tmp_path)
    run.answer(said)
    asked = run.asked
    assert asked is not None and asked["verdicts"][1]["reason"] == "no tail"
    assert "no tail" in str(run.mllm.asked("refiner")[-1])
    assert "no tail" in str(run.mllm.asked("compressor")[-1])
    run.answer({"decision": "go_on"})
    assert any("no tail" in str(fields) for fields in run.mllm.asked("verifier"))


@pytest.mark.parametrize(
    "said",
    [
        {"prompt": "a cat with a tail"},
        [
            {
                "type": "edit",
                "args": {"action": "draw_next_round", "args": {"prompt": "a cat with a tail"}},
            }
        ],
    ],
)
def test_an_edited_prompt_is_drawn_word_for_word(tmp_path: Path, said: Any) -> None:
    run = Reviewed(tmp_path)
    run.answer(said)
    assert run.generator.history[-1].prompt == "a cat with a tail"
    assert len(run.generator.history) == 2


@pytest.mark.parametrize(
    "said",
    [{"verdicts": {"q9": "pass"}}, {"drop": ["q9"]}, {"nonsense": 1}, {"decision": "perhaps"}, 3,
     {"verdicts": {"q1": "maybe"}}, [{"type": "shout", "args": None}]],
)  # fmt: skip
def test_an_answer_that_cannot_be_used_is_one_line_and_asked_for_again(
    tmp_path: Path, said: Any
) -> None:
    run = Reviewed(tmp_path)
    run.answer(said)
    asked = run.asked
    assert asked is not None and len(asked["problem"].splitlines()) == 1
    assert asked["problem"] in asked["description"]
    assert run.answer({"decision": "take"})["outcome"] == "accepted"


def test_a_session_pauses_for_a_person_and_takes_the_answer(tmp_path: Path) -> None:
    with session_with(tmp_path, mllm=scripted(verifier=FIRST_FAILS)) as session:
        result: Any = session.generate("a cat", thread_id="mine", review="on_failure")
        assert result["outcome"] == "paused" and result["pause"]["asks"][0]["value"][0]["round"] == 1
        assert session.report("mine").get("pause") == result["pause"]
        ended = session.resume("mine", answer={"verdicts": {"q1": "pass"}})
        assert ended["outcome"] == "all_passed" and ended["best_round"] == 1
        assert "pause" not in session.report("mine")
