"""A finished thread goes on from its best picture."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from gems import Session, build_graph
from gems.errors import AnswerError, InputError, NotInWorldError, RunError, UnreachableError
from gems.memory.fakes import FakeExperiences
from gems.memory.ledger import pictures_in
from gems.models.fakes import FakeGenerator
from gems.models.pictures.card import Card
from gems.settings import Settings
from langgraph.checkpoint.memory import InMemorySaver
from scripted_sessions import scripted, session_with, slow_generator

THREAD: Any = {"configurable": {"thread_id": "1"}}
DARKER = {
    "request": "a cat under a dark sky",
    "prompt": "a cat, a cat, under a dark sky",
    "drop": [2],
    "questions": [{"question": "Is the sky dark?", "statement": "a dark sky"}],
}
FOUND = {
    "questions": [
        {"question": "Is there a cat?", "statement": "a cat"},
        {"question": "Is it day?", "statement": "by day"},
    ]
}
CHANGE = "now make the sky darker"


def mllm(**roles: Any) -> Any:
    verdicts = [{"verdict": "no"}, {"verdict": "yes"}]
    usual: dict[str, Any] = {"decomposer": FOUND, "reviser": DARKER, "verifier": verdicts}
    return scripted(**{**usual, **roles})


def test_it_goes_out_from_the_best_picture_its_prompt_and_its_seed(tmp_path: Path) -> None:
    model, generator = mllm(), FakeGenerator()
    with session_with(tmp_path, mllm=model, generator=generator) as session:
        first = session.generate("a cat", thread_id="mine", seed=5)
        best = generator.history[first["best_round"] - 1]
        result: Any = session.follow_up("mine", CHANGE)
        facts = session.facts("mine")
        assert session.resume("mine") == result
        assert session.report("mine").get("earlier") == result["earlier"]
        record = session.index.read("mine")
    assert result["outcome"] == "all_passed" and result["thread_id"] == "mine"
    assert result["prompt"] == CHANGE and result["request"] == DARKER["request"]
    drawn = generator.history[2]
    assert (drawn.prompt, drawn.seed, drawn.source) == (DARKER["prompt"], best.seed, None)
    assert [item["statement"] for item in facts["requirements"]] == ["a cat", "a dark sky"]
    [asked] = model.asked("reviser")
    assert asked["said"] == {"change": CHANGE} and asked["drawn"] == best.prompt
    assert len(model.asked("decomposer")) == len(model.asked("planner")) == 1
    assert (record.prompt, record.turns, record.outcome) == ("a cat", [CHANGE], "all_passed")
    [earlier] = result["earlier"]
    assert earlier["prompt"] == "a cat" and earlier["image"] == first["image"]
    assert len(earlier["rounds"]) == len(first["rounds"])
    assert all(Path(item["image"]).is_file() for item in earlier["rounds"])
    assert {Path(item["image"]).stem for item in earlier["rounds"]} <= set(pictures_in(facts))
    # What a turn costs and how long it takes is its own.
    assert result["usage"]["images"] == len(result["rounds"]) == 1
    assert facts["turns"][0]["busy"][-1][1] <= facts["busy"][0][0]


def test_a_generator_that_edits_changes_the_picture_in_every_round(tmp_path: Path) -> None:
    model = mllm(verifier=[{"verdict": "yes"}] * 2 + [{"verdict": "no"}] * 2 + [{"verdict": "yes"}])
    generator = FakeGenerator(card=Card(abilities=frozenset({"seed", "edit"})))
    kept = FakeExperiences()
    parts: Any = {"mllm": model, "generator": generator, "experiences": kept}
    with session_with(tmp_path, **parts) as session:
        first = session.generate("a cat", thread_id="mine")
        learned = len(kept.kept)
        session.follow_up("mine", CHANGE)
    sources = [draw.source and draw.source.name for draw in generator.history]
    assert sources == [None, Path(first["image"]).name, Path(first["image"]).name]
    assert (
        model.asked("reviser")[0]["draws_from"]
        and model.asked("refiner")[-1]["generator"]["draws_from"]
    )
    # How a picture is changed teaches nothing about how one is drawn.
    assert len(kept.kept) == learned


def test_in_an_event_loop_it_is_awaited(tmp_path: Path) -> None:
    async def both(session: Session) -> Any:
        await session.agenerate("a cat", thread_id="mine")
        return await session.afollow_up("mine", CHANGE)

    with session_with(tmp_path, mllm=mllm()) as session:
        assert asyncio.run(both(session))["request"] == DARKER["request"]


def test_one_turn_after_another(tmp_path: Path) -> None:
    later = {"request": "a cat under a dark sky, in the rain", "prompt": "rain"}
    with session_with(tmp_path, mllm=mllm(reviser=[DARKER, later])) as session:
        session.generate("a cat", thread_id="mine")
        session.follow_up("mine", CHANGE)
        result: Any = session.follow_up("mine", "and rain")
    assert [turn["prompt"] for turn in result["earlier"]] == ["a cat", CHANGE]
    assert [turn["request"] for turn in result["earlier"]] == ["a cat", DARKER["request"]]


def test_a_follow_up_that_cannot_go_on_is_resumed(tmp_path: Path) -> None:
    model = mllm(reviser=[UnreachableError("nobody is there"), DARKER])
    with session_with(tmp_path, mllm=model) as session:
        session.generate("a cat", thread_id="mine")
        with pytest.raises(UnreachableError):
            session.follow_up("mine", CHANGE)
        assert session.report("mine")["outcome"] is None
        result: Any = session.resume("mine")
    assert result["request"] == DARKER["request"] and len(result["earlier"]) == 1


def test_one_that_can_never_be_drawn_is_replaced(tmp_path: Path) -> None:
    model = mllm(reviser=[AnswerError("gibberish"), DARKER, DARKER])
    with session_with(tmp_path, mllm=model) as session:
        first = session.generate("a cat", thread_id="mine")
        with pytest.raises(AnswerError):
            session.follow_up("mine", "make it romantic")
        result: Any = session.follow_up("mine", CHANGE)
        assert any("make it romantic" in line for line in result["warnings"])
        result["warnings"] = session.report("mine")["warnings"]
        assert session.index.read("mine").turns == [CHANGE]
        assert result["prompt"] == CHANGE and session.resume("mine") == result
        assert [turn["image"] for turn in result["earlier"]] == [first["image"]]
        again: Any = session.follow_up("mine", CHANGE)
    assert [turn["prompt"] for turn in again["earlier"]] == ["a cat", CHANGE]


def test_one_that_was_killed_before_it_began_begins(tmp_path: Path) -> None:
    with session_with(tmp_path, mllm=mllm()) as session:
        session.generate("a cat", thread_id="mine")
        record = session.index.read("mine")
        session.index.write(record.model_copy(update={"turns": [CHANGE], "outcome": None}))
    with session_with(tmp_path, mllm=mllm()) as session:
        assert session.resume("mine")["prompt"] == CHANGE


def test_what_cannot_be_followed_up_on_is_refused(tmp_path: Path) -> None:
    with session_with(tmp_path, mllm=mllm(), generator=slow_generator(0.3)) as session:
        with pytest.raises(RunError, match="no run is called"):
            session.follow_up("nobody", CHANGE)
        stream, begun = session.stream("a cat", thread_id="mine"), threading.Event()

        def watch() -> None:
            for _ in stream:
                begun.set()

        ended = threading.Thread(target=watch)
        ended.start()
        assert begun.wait(60)
        with pytest.raises(RunError, match="under way|has not ended"):
            session.follow_up("mine", CHANGE)
        ended.join()
        with pytest.raises(InputError, match="empty"):
            session.follow_up("mine", " ")
        assert session.index.read("mine").turns == []
        assert session.follow_up("mine", CHANGE)["prompt"] == CHANGE


def test_a_person_is_asked_before_a_follow_up_as_well(tmp_path: Path) -> None:
    answered = {"request": "a cat under a stormy sky", "prompt": "storm"}
    model = mllm(reviser=[DARKER, answered], clarifier={"questions": ["How dark?"]})
    generator = FakeGenerator()
    with session_with(tmp_path, mllm=model, generator=generator) as session:
        session.generate("a cat", thread_id="mine", ask=True)
        session.resume("mine", answer={"decision": "go_on"})
        drawn = len(generator.history)
        waiting: Any = session.follow_up("mine", CHANGE)
        asked = waiting["pause"]["asks"][0]["value"][0]
        assert asked["request"] == DARKER["request"] and waiting["image"] == ""
        result = session.resume("mine", answer={"answers": {"c1": "a storm"}})
    assert generator.history[drawn].prompt == "storm"
    assert result.get("request") == answered["request"]


def test_a_fork_keeps_the_turns(tmp_path: Path) -> None:
    with session_with(tmp_path, mllm=mllm()) as session:
        session.generate("a cat", thread_id="mine")
        session.follow_up("mine", CHANGE)
        other = session.fork("mine", 1, prompt="a cat in the dark")
        result: Any = session.resume(other)
        assert result["earlier"][0]["prompt"] == "a cat"
        assert session.follow_up(other, "darker still")["outcome"] == "all_passed"


def test_by_the_graph_it_is_one_field(tmp_path: Path) -> None:
    graph: Any = build_graph(
        settings=Settings(home=tmp_path),
        mllm=mllm(),
        generator=FakeGenerator(),
        checkpointer=InMemorySaver(),
    )
    with pytest.raises(InputError, match="no picture to go on from"):
        graph.invoke({"follow_up": CHANGE}, THREAD)
    graph.invoke({"prompt": "a cat", "follow_up": ""}, THREAD)
    result = graph.invoke({"follow_up": CHANGE}, THREAD)
    assert result["request"] == DARKER["request"] and len(result["earlier"]) == 1
    again = graph.invoke({"prompt": "a dog"}, THREAD)
    assert again["request"] == "a dog" and not again["earlier"]


def test_after_one_that_broke_off_the_next_goes_out_from_the_picture_that_is_there(
    tmp_path: Path,
) -> None:
    model = mllm(reviser=[AnswerError("gibberish"), DARKER])
    graph: Any = build_graph(
        settings=Settings(home=tmp_path),
        mllm=model,
        generator=FakeGenerator(),
        checkpointer=InMemorySaver(),
    )
    first = graph.invoke({"prompt": "a cat"}, THREAD)
    with pytest.raises(AnswerError):
        graph.invoke({"follow_up": "something"}, THREAD)
    result = graph.invoke({"follow_up": CHANGE}, THREAD)
    assert [turn["image"] for turn in result["earlier"]] == [first["image"]]
    assert model.asked("reviser")[-1]["request"] == "a cat" and result["request"] == DARKER["request"]


def test_the_embedded_world_changes_what_it_knows_and_says_what_it_does_not(tmp_path: Path) -> None:
    with Session(Settings(home=tmp_path)) as session:
        first = session.generate("a red cat", thread_id="mine", seed=3, rounds=1, out=tmp_path / "out")
        result: Any = session.follow_up("mine", "now make the sky darker")
        assert result["request"] == "one red cat at night"
        # Both pictures stay where they were asked for.
        assert first["image"] == str(tmp_path / "out" / "mine.png") and Path(first["image"]).is_file()
        assert result["image"] == str(tmp_path / "out" / "mine-2.png")
        statements = [item["statement"] for item in session.facts("mine")["requirements"]]
        assert "exactly one red cat" in statements and "the picture is at night" in statements
        other: Any = session.follow_up("mine", "a blue star")
        assert other["request"] == "a blue star" and len(other["earlier"]) == 2
        with pytest.raises(NotInWorldError, match="romantic"):
            session.follow_up("mine", "make it more romantic")
        # What is refused leaves the finished run as it was.
        assert session.index.read("mine").outcome == other["outcome"]
        assert session.report("mine") == other == session.resume("mine")
        assert session.follow_up("mine", "make it night").get("request") == "one blue star at night"


def test_a_request_that_can_never_be_drawn_leaves_nothing_to_go_on_with(tmp_path: Path) -> None:
    with Session(Settings(home=tmp_path)) as session:
        with pytest.raises(NotInWorldError, match="turquoise"):
            session.generate("a turquoise cat", thread_id="mine")
        assert session.index.all() == []
        # The name is free again.
        assert session.generate("a red cat", thread_id="mine", seed=3, rounds=1)["image"]
