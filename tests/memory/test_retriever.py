"""What memory tells the roles about a prompt."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from gems.errors import StorageError
from gems.memory.fakes import FakeExperiences
from gems.memory.retriever import LIMIT, Recollection, recall
from sample_experiences import experience, local


def recalled(*kept: object, prompt: str = "a cat", wanted: bool = True) -> Recollection:
    store = FakeExperiences()

    async def scenario() -> Recollection:
        for item in kept:
            await store.add(item)  # type: ignore[arg-type]
        return await recall(lambda: store, prompt, "g", wanted)

    return asyncio.run(scenario())


def test_recall_is_off_by_one_switch() -> None:
    assert recalled(experience("a cat"), wanted=False) == Recollection()


def test_a_round_that_another_followed_is_shown_with_what_it_brought() -> None:
    found = recalled(experience("a cat", strategy="digits"), experience("a cat!", 2))
    assert found.experiences[0] == {
        "request": "a cat",
        "skill": "none",
        "round": 1,
        "failed": ["two cats", "a dog"],
        "action": "rewrite",
        "strategy": "digits",
        "next_prompt": "cats, two of them",
        "gained": 2,
        "lesson": "about a cat",
    }
    assert "strategy" not in found.experiences[1]
    assert json.loads(json.dumps(found.experiences)) == found.experiences


def test_what_worked_is_shown_as_such() -> None:
    [found] = recalled(experience("a cat", 2, failed=(), action="end", solved=True)).experiences
    assert found == {
        "request": "a cat",
        "skill": "none",
        "round": 2,
        "failed": [],
        "outcome": "passed everything",
        "prompt": "cats, two of them",
    }


def test_a_run_that_ended_with_failures_counts_against_its_skill() -> None:
    found = recalled(experience("a cat", action="end"))
    assert found.track_record == [{"skill": "none", "right": 0, "tried": 1}]
    [row] = found.experiences
    assert row["outcome"] == "ended with failures"  # type: ignore[typeddict-item]
    assert row["failed"] == ["two cats", "a dog"]


def test_only_the_most_similar_requests_are_examples_and_all_count() -> None:
    kept = [experience("a cat" + " a cat" * n, thread=str(n)) for n in range(LIMIT + 2)]
    found = recalled(*kept, experience("quick brown foxes", thread="far"))
    assert len(found.experiences) == LIMIT
    assert found.track_record == [{"skill": "none", "right": 0, "tried": LIMIT + 3}]


def test_a_request_has_one_example_the_most_telling() -> None:
    kept = [
        experience("a cat", 1, gained=0, thread="a"),
        experience("A  cat", 2, gained=3, thread="b"),
        experience("a cat", 3, gained=1, solved=True, thread="c"),
        experience("a cat", 4, gained=2, thread="d"),
    ]
    [row] = recalled(*kept).experiences
    assert row["round"] == 3


def test_a_run_is_not_shown_what_it_tried_itself() -> None:
    async def scenario() -> Recollection:
        store = FakeExperiences()
        await store.add(experience("a cat", thread="mine"))
        await store.add(experience("a cat", thread="other", skill="spatial"))
        return await recall(lambda: store, "a cat", "g", True, "mine")

    found = asyncio.run(scenario())
    assert [row["skill"] for row in found.experiences] == ["spatial"]
    assert found.track_record == [{"skill": "spatial", "right": 0, "tried": 1}]


def test_a_store_that_cannot_be_read_is_a_warning_to_the_run() -> None:
    store = FakeExperiences()
    store.broken = StorageError("the disk is gone")
    found = asyncio.run(recall(lambda: store, "a cat", "g", True))
    assert found == Recollection(warnings=["memory: the disk is gone"])


def test_a_broken_collection_is_a_warning_to_the_run(tmp_path: Path) -> None:
    (tmp_path / "chroma").mkdir()
    (tmp_path / "chroma" / "chroma.sqlite3").write_bytes(b"no database" * 100)
    found = asyncio.run(recall(lambda: local(tmp_path), "a cat", "g", True))
    assert found.experiences == [] and found.track_record == []
    assert "cannot be used" in found.warnings[0]
