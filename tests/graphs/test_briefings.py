"""A person is asked before the first picture: what they see, and what each answer does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from gems import Session, build_graph
from gems.errors import AnswerError, UnreachableError
from gems.memory.fakes import FakeExperiences
from gems.models.fakes import FakeGenerator
from gems.settings import Settings
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command
from scripted_sessions import scripted, session_with

THREAD: Any = {"configurable": {"thread_id": "1"}}
GO = {"decision": "go_on"}
QUESTIONS = [
    {"question": "Is there a cat?", "statement": "a cat"},
    {"question": "Is the cat asleep?", "statement": "the cat is asleep", "depends_on": [1]},
]
REVISED = {
    "request": "a sleeping black cat in watercolour",
    "questions": [{"question": "Is the cat black?", "statement": "a black cat"}],
}


class Briefed:
    """A run that asks before it draws, and what it is told."""

    def __init__(self, home: Path, context: Any = None, **roles: Any) -> None:
        self.generator = FakeGenerator()
        usual = {
            "decomposer": {"questions": QUESTIONS},
            "clarifier": {"questions": ["Which colour?", "Which style?"]},
            "reviser": REVISED,
            "verifier": {"verdict": "yes"},
        }
        self.mllm = scripted(**{**usual, **roles})
        self.experiences = FakeExperiences()
        self.graph: Any = build_graph(
            settings=Settings(home=home),
            mllm=self.mllm,
            generator=self.generator,
            experiences=self.experiences,
            checkpointer=InMemorySaver(),
        )
        given: Any = {"ask": True, "seed": 1, **(context or {})}
        self.result = self.graph.invoke({"prompt": "a sleeping cat"}, THREAD, context=given)

    @property
    def asked(self) -> dict[str, Any] | None:
        waits = self.graph.get_state(THREAD).interrupts
        return waits[0].value[0] if waits else None

    @property
    def state(self) -> dict[str, Any]:
        values: dict[str, Any] = self.graph.get_state(THREAD).values
        return values

    def answer(self, said: Any) -> Any:
        self.result = self.graph.invoke(Command(resume=said), THREAD)
        return self.result


def test_before_anything_is_drawn_it_shows_requirements_and_questions(tmp_path: Path) -> None:
    run = Briefed(tmp_path)
    asked = run.asked
    assert asked is not None and not run.generator.history
    assert {"action_request", "config", "description"} <= asked.keys() and all(asked["config"].values())
    assert asked["requirements"] == [
        {"id": "q1", "statement": "a cat"},
        {"id": "q2", "statement": "the cat is asleep"},
    ]
    assert [item["id"] for item in asked["questions"]] == ["c1", "c2"]
    assert all(words in asked["description"] for words in ("Which style?", "the cat is asleep"))
    assert asked["action_request"]["args"] == {
        "c1": "", "c2": "", "q1": "a cat", "q2": "the cat is asleep", "add": "",
    }  # fmt: skip


def test_without_the_option_nobody_is_asked(tmp_path: Path) -> None:
    run = Briefed(tmp_path, {"ask": False})
    assert run.asked is None and run.result["outcome"] == "all_passed"
    assert not run.mllm.asked("clarifier")


@pytest.mark.parametrize("said", [GO, [], "", [{"type": "accept", "args": None}], [{"type": "ignore"}]])
def test_confirmed_it_draws_what_was_asked_for(tmp_path: Path, said: Any) -> None:
    run = Briefed(tmp_path)
    result = run.answer(said)
    assert result["outcome"] == "all_passed" and result["total"] == 2
    assert run.generator.history[0].prompt == "a sleeping cat"
    assert not run.mllm.asked("reviser")


@pytest.mark.parametrize(
    "said",
    [
        {"answers": {"c1": "black", "c2": "watercolour"}},
        [
            {
                "type": "edit",
                "args": {
                    "action": "draw_first_picture",
                    "args": {"c1": "black", "c2": "watercolour", "q1": "a cat", "add": ""},
                },
            }
        ],
    ],
)
def test_answers_are_drawn_looked_for_and_learned_from(tmp_path: Path, said: Any) -> None:
    run = Briefed(tmp_path)
    result = run.answer(said)
    assert run.generator.history[0].prompt == REVISED["request"]
    assert result["prompt"] == "a sleeping cat" and result["request"] == REVISED["request"]
    statements = [item["statement"] for item in run.state["requirements"]]
    assert statements == ["a cat", "the cat is asleep", "a black cat"]
    assert run.state["briefing"]["answers"] == [
        {"question": "Which colour?", "answer": "black"},
        {"question": "Which style?", "answer": "watercolour"},
    ]
    assert run.mllm.asked("reviser")[0]["said"]["answers"] == run.state["briefing"]["answers"]
    assert {kept.prompt for kept in run.experiences.kept.values()} == {REVISED["request"]}


def test_requirements_are_added_dropped_and_put_in_other_words(tmp_path: Path) -> None:
    run = Briefed(tmp_path, reviser={"request": "a big cat with a collar", "drop": [1, 2]})
    said = {"add": ["a red collar"], "drop": ["q2"], "edit": {"q1": "a big cat"}}
    result = run.answer(said)
    assert [item["statement"] for item in run.state["requirements"]] == ["a big cat", "a red collar"]
    assert [item["id"] for item in run.state["requirements"]] == ["q1", "q3"]
    assert result["total"] == 2 and run.state["briefing"]["drop"] == ["the cat is asleep"]
    looked = {fields["question"] for fields in run.mllm.asked("verifier")}
    assert looked == {"Is this so: a big cat?", "Is this so: a red collar?"}


def test_what_was_dropped_does_not_come_back_as_a_question(tmp_path: Path) -> None:
    again = {"request": "a cat", "questions": [QUESTIONS[1]]}
    run = Briefed(tmp_path, reviser=again)
    run.answer({"drop": ["q2"]})
    assert [item["statement"] for item in run.state["requirements"]] == ["a cat"]


def test_requirements_that_an_answer_makes_wrong_go(tmp_path: Path) -> None:
    awake = {
        "request": "a cat, wide awake",
        "drop": [2],
        "questions": [{"question": "Is the cat awake?", "statement": "the cat is awake"}],
    }
    run = Briefed(tmp_path, reviser=awake)
    run.answer([{"type": "response", "args": "no, it is awake"}])
    assert run.state["briefing"]["words"] == "no, it is awake"
    assert [item["id"] for item in run.state["requirements"]] == ["q1", "q3"]
    assert run.state["requirements"][1]["statement"] == "the cat is awake"


@pytest.mark.parametrize(
    "said",
    [{"answers": {"c9": "x"}}, {"drop": ["q9"]}, {"edit": {"c1": "x"}}, {"nonsense": 1}, 3,
     {"decision": "take"}, [{"type": "shout", "args": None}], {"words": "x" * 2001},
     {"add": [f"thing {n}" for n in range(60)]}],
)  # fmt: skip
def test_an_answer_that_cannot_be_used_is_one_line_and_asked_for_again(
    tmp_path: Path, said: Any
) -> None:
    run = Briefed(tmp_path)
    run.answer(said)
    asked = run.asked
    assert asked is not None and len(asked["problem"].splitlines()) == 1
    assert not run.generator.history and len(run.mllm.asked("clarifier")) == 1
    assert run.answer(GO)["outcome"] == "all_passed"


def test_a_clarifier_without_an_answer_leaves_the_requirements_to_confirm(tmp_path: Path) -> None:
    run = Briefed(tmp_path, clarifier=AnswerError("gibberish"))
    asked = run.asked
    assert asked is not None and asked["questions"] == [] and asked["requirements"]
    assert any("gibberish" in line for line in run.answer(GO)["warnings"])


def test_a_run_that_is_not_verified_asks_and_judges_nothing(tmp_path: Path) -> None:
    run = Briefed(tmp_path, {"verify": "never"})
    result = run.answer({"answers": {"c1": "black"}})
    assert result["outcome"] == "unverified" and run.generator.history[0].prompt == REVISED["request"]


def test_a_thread_that_is_used_again_asks_anew(tmp_path: Path) -> None:
    run = Briefed(tmp_path)
    run.answer({"answers": {"c1": "black"}})
    run.graph.invoke({"prompt": "a dog"}, THREAD)
    asked = run.asked
    assert asked is not None and asked["request"] == "a dog"
    run.answer(GO)
    assert run.generator.history[-1].prompt == "a dog"


def test_a_run_waits_for_days_and_is_paid_once(tmp_path: Path) -> None:
    roles: Any = {
        "clarifier": {"questions": ["Which?"]},
        "reviser": REVISED,
        "verifier": {"verdict": "yes"},
    }
    with session_with(tmp_path, mllm=scripted(**roles)) as session:
        waiting: Any = session.generate("a cat", thread_id="mine", ask=True)
        assert waiting["outcome"] == "paused" and waiting["image"] == ""
        assert waiting["pause"]["asks"][0]["value"][0]["questions"][0]["id"] == "c1"
    mllm = scripted(**roles)
    with session_with(tmp_path, mllm=mllm) as later:
        assert later.resume("mine")["outcome"] == "paused"
        ended = later.resume("mine", answer={"answers": {"c1": "the black one"}})
        assert ended["outcome"] == "all_passed"
    assert later.index.read("mine").outcome == "all_passed"
    assert not mllm.asked("clarifier") and not mllm.asked("decomposer")
    assert len(mllm.asked("reviser")) == 1


def test_the_embedded_world_asks_about_colours_and_takes_answers(tmp_path: Path) -> None:
    with Session(Settings(home=tmp_path)) as session:
        waiting: Any = session.generate(
            "a cat and a star", thread_id="mine", ask=True, seed=3, rounds=1
        )
        asked = waiting["pause"]["asks"][0]["value"][0]
        assert asked["questions"][0]["question"] == "What colour should the cat be?"
        said = {"answers": {"c1": "red", "c3": "at night"}, "add": ["a green heart"]}
        ended: Any = session.resume("mine", answer=said)
        facts = session.facts("mine")
    assert ended["request"] == "one red cat, one star, one green heart at night"
    statements = [item["statement"] for item in facts["requirements"]]
    assert "exactly one red cat" in statements and "exactly one cat" not in statements
    assert "exactly three objects in all" in statements and "a green heart" in statements
    verdicts = {item["verdict"] for item in ended["rounds"][0]["verdicts"]}
    assert verdicts <= {"pass", "fail"}


def test_what_the_embedded_world_cannot_work_in_is_asked_again(tmp_path: Path) -> None:
    with Session(Settings(home=tmp_path)) as session:
        session.generate("two cats", thread_id="mine", ask=True, seed=3, rounds=1)
        for said in (
            {"answers": {"c1": "xyzzy"}, "drop": ["q1"]}, {"add": ["an elephant"]},
            {"answers": {"c1": "red or blue"}}, {"edit": {"q1": "a mood"}},
        ):  # fmt: skip
            waiting: Any = session.resume("mine", answer=said)
            asked = waiting["pause"]["asks"][0]["value"][0]
            assert waiting["outcome"] == "paused" and "not in the embedded world" in asked["problem"]
            assert [item["id"] for item in asked["requirements"]] == ["q1", "q2"]
        waiting = session.resume("mine")
        assert waiting["pause"]["asks"][0]["value"][0]["problem"]
        said = {"answers": {"c1": "no idea", "c2": "no"}, "edit": {"q1": "three cats"}}
        ended: Any = session.resume("mine", answer=said)
    assert ended["request"] == "three cats" and ended["outcome"] != "paused"


def test_an_outage_beside_the_clarifier_keeps_what_it_asked(tmp_path: Path) -> None:
    found = {"questions": QUESTIONS}
    roles: Any = {"decomposer": [UnreachableError("nobody is there"), found], "reviser": REVISED}
    mllm = scripted(**roles, clarifier={"questions": ["Which?"]}, verifier={"verdict": "yes"})
    with session_with(tmp_path, mllm=mllm) as session:
        with pytest.raises(UnreachableError):
            session.generate("a cat", thread_id="mine", ask=True)
        assert session.resume("mine")["outcome"] == "paused"
        ended = session.resume("mine", answer={"add": ["a collar"]})
    assert ended["outcome"] == "all_passed" and ended["total"] == 4
