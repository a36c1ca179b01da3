"""The experience collection, on a real Chroma folder."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from gems.errors import StorageError
from gems.memory.experiences import ChromaExperiences, Experience, from_metadata, to_metadata
from gems.memory.retriever import Recollection, recall
from gems.models.embedders import HashingEmbedder


def experience(prompt: str, number: int = 1, **more: object) -> Experience:
    fields: dict[str, object] = {
        "text": f"about {prompt}",
        "prompt": prompt,
        "thread": "t",
        "round": number,
        "skill": "none",
        "generator": "g",
        "failed": ("two cats", "a dog"),
        "action": "rewrite",
        "next_prompt": "cats, two of them",
        "gained": 2,
    }
    return Experience(**{**fields, **more})  # type: ignore[arg-type]


def store(tmp_path: Path, dimensions: int = 512) -> ChromaExperiences:
    return ChromaExperiences(HashingEmbedder(dimensions), tmp_path / "chroma")


def test_finds_the_experience_of_the_most_similar_prompt(tmp_path: Path) -> None:
    async def scenario() -> None:
        kept = store(tmp_path)
        await asyncio.gather(
            kept.add(experience("two cats on a sofa")),
            kept.add(experience("a red bridge at night", 2)),
            kept.add(experience("two cats on a sofa", 3, generator="other")),
        )
        first, *_ = await kept.similar("three cats on a sofa", "g", 3)
        assert first.experience == experience("two cats on a sofa")
        assert 0.3 < first.similarity < 1
        assert await kept.count() == 3

    asyncio.run(scenario())


def test_the_same_round_is_kept_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        kept = store(tmp_path)
        await kept.add(experience("a cat"))
        await kept.add(experience("a cat", gained=5))
        [found] = await kept.similar("a cat", "g", 5)
        assert found.experience.gained == 5

    asyncio.run(scenario())


def test_an_empty_collection_has_nothing_to_say(tmp_path: Path) -> None:
    assert asyncio.run(store(tmp_path).similar("a cat", "g", 3)) == []


def test_vectors_of_another_embedder_are_refused(tmp_path: Path) -> None:
    asyncio.run(store(tmp_path).add(experience("a cat")))
    with pytest.raises(StorageError, match="hashing-512.*GEMS_EMBEDDER"):
        asyncio.run(store(tmp_path, 256).similar("a cat", "g", 3))


def test_a_broken_collection_is_a_warning_to_the_run(tmp_path: Path) -> None:
    (tmp_path / "chroma").mkdir()
    (tmp_path / "chroma" / "chroma.sqlite3").write_bytes(b"no database" * 100)
    found = asyncio.run(recall(lambda: store(tmp_path), "a cat", "g", True))
    assert found.experiences == found.track_record == []
    assert "cannot be used" in found.warnings[0]


def test_several_processes_share_a_folder(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys; sys.path.insert(0, sys.argv[3]); "
        "from pathlib import Path; import test_experiences as t; "
        "kept = t.store(Path(sys.argv[1])); "
        "[asyncio.run(kept.add(t.experience('a cat', n, thread=sys.argv[2]))) for n in range(4)]"
    )
    here = str(Path(__file__).parent)
    workers = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name, here]) for name in "ab"
    ]
    assert [worker.wait(60) for worker in workers] == [0, 0]
    assert asyncio.run(store(tmp_path).count()) == 8


def test_recall_is_off_by_one_switch(tmp_path: Path) -> None:
    asyncio.run(store(tmp_path).add(experience("a cat")))
    assert asyncio.run(recall(lambda: store(tmp_path), "a cat", "g", False)) == Recollection()
    [found] = asyncio.run(recall(lambda: store(tmp_path), "a cat", "g", True)).experiences
    assert "gained: +2" in found and "failed: two cats; a dog" in found


def test_experiences_add_up_to_a_track_record_also_where_none_is_similar(tmp_path: Path) -> None:
    async def scenario() -> Recollection:
        kept = store(tmp_path)
        for number in range(60):
            await kept.add(
                experience(
                    "two cats on a sofa",
                    thread=str(number),
                    kinds=("count", "position"),
                    strategy="digits",
                    solved=number % 2 == 0,
                )
            )
        await kept.add(experience("a dog", failed=(), action="end", skill="spatial", solved=True))
        await kept.add(experience("a dog", 2, generator="other", skill="creative"))
        return await recall(lambda: kept, "quick brown foxes", "g", True)

    found = asyncio.run(scenario())
    assert found.experiences == [] and found.warnings == []
    assert sum("first picture fully right" in line for line in found.track_record) == 2
    assert "skill spatial: first picture fully right 1 of 1 times" in found.track_record
    [counted] = [line for line in found.track_record if line.startswith("after a failed count")]
    assert "digits: fully right" in counted and counted.endswith("30 of 60 times, +2.0 requirements")


def test_what_worked_is_shown_as_such(tmp_path: Path) -> None:
    asyncio.run(store(tmp_path).add(experience("a cat", 2, failed=(), action="end", solved=True)))
    [found] = asyncio.run(recall(lambda: store(tmp_path), "a cat", "g", True)).experiences
    assert found.endswith("round 2 passed everything with: cats, two of them")


def test_a_run_that_ended_with_failures_counts_against_its_skill(tmp_path: Path) -> None:
    asyncio.run(store(tmp_path).add(experience("a cat", action="end")))
    found = asyncio.run(recall(lambda: store(tmp_path), "a cat", "g", True))
    assert found.track_record == ["skill none: first picture fully right 0 of 1 times"]
    assert "round 1 ended with failures (two cats; a dog) with: cats" in found.experiences[0]


def test_an_older_collection_is_read() -> None:
    older = to_metadata(experience("a cat"))
    for name in ("kinds", "strategy", "solved"):
        del older[name]
    assert from_metadata("about a cat", older) == experience("a cat")
