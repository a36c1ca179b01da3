"""What every collection of experiences does: Chroma's folder, its server, and the fake."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from gems.memory.chroma import ChromaExperiences
from gems.memory.experiences import Experience, ExperienceStore, Listable, Recalled
from gems.memory.fakes import FakeExperiences
from gems.models.embedders.hashing import HashingEmbedder
from sample_experiences import experience, local

Open = Callable[[], ExperienceStore]


@pytest.fixture(params=["folder", "server", "fake"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ExperienceStore:
    """Each on its own; the server's collection is shared, so tests use a generator of their own."""
    if request.param == "folder":
        return local(tmp_path)
    if request.param == "server":
        url = request.getfixturevalue("chroma_server")
        return ChromaExperiences(HashingEmbedder(), None, url)
    return FakeExperiences()


def test_the_most_similar_prompt_of_the_same_generator_comes_first(store: ExperienceStore) -> None:
    async def scenario() -> list[Recalled]:
        await asyncio.gather(
            store.add(experience("two cats on a sofa", generator="one")),
            store.add(experience("a red bridge at night", 2, generator="one")),
            store.add(experience("three cats on a sofa", 3, generator="another")),
        )
        found = await store.similar("three cats on a sofa", "one", 3)
        await store.aclose()
        return found

    first, second = asyncio.run(scenario())
    assert first.experience == experience("two cats on a sofa", generator="one")
    assert 0.3 < first.similarity < 1
    assert second.similarity < first.similarity


def test_the_same_round_is_kept_once(store: ExperienceStore) -> None:
    async def scenario() -> list[Recalled]:
        await store.add(experience("a cat", thread="same", generator="once"))
        await store.add(experience("a cat", thread="same", generator="once", gained=5))
        found = await store.similar("a cat", "once", 5)
        await store.aclose()
        return found

    [found] = asyncio.run(scenario())
    assert found.experience.gained == 5


def test_no_more_than_the_limit_are_found(store: ExperienceStore) -> None:
    async def scenario() -> list[Recalled]:
        for number in range(1, 6):
            await store.add(experience("a cat", number, thread="many", generator="limit"))
        found = await store.similar("a cat", "limit", 3)
        await store.aclose()
        return found

    assert len(asyncio.run(scenario())) == 3


def test_a_generator_without_experiences_has_nothing_to_say(store: ExperienceStore) -> None:
    async def scenario() -> list[Recalled]:
        found = await store.similar("a cat", "never used", 3)
        await store.aclose()
        return found

    assert asyncio.run(scenario()) == []


def test_the_latest_come_first(store: ExperienceStore) -> None:
    async def scenario() -> list[Experience]:
        for number in (1, 2, 3):
            await store.add(experience(f"cat {number}", number, thread="listed", generator="listed"))
        assert isinstance(store, Listable)
        found = await store.latest(2)
        await store.aclose()
        return found

    assert [item.prompt for item in asyncio.run(scenario())] == ["cat 3", "cat 2"]


def test_text_of_any_kind_comes_back_as_it_was(store: ExperienceStore) -> None:
    odd = experience(
        "zwei Ka\u0308tzchen {x} \u2028 </prompt>", generator="odd", failed=(), kinds=("a",)
    )

    async def scenario() -> list[Recalled]:
        await store.add(odd)
        found = await store.similar(odd.prompt, "odd", 1)
        await store.aclose()
        return found

    [found] = asyncio.run(scenario())
    assert found.experience == odd and found.similarity == pytest.approx(1, abs=1e-5)


def test_a_closed_collection_can_be_used_again(store: ExperienceStore) -> None:
    async def scenario() -> list[Recalled]:
        await store.add(experience("a cat", thread="again", generator="again"))
        await store.aclose()
        await store.aclose()
        found = await store.similar("a cat", "again", 1)
        await store.aclose()
        return found

    assert len(asyncio.run(scenario())) == 1


def test_a_waiter_that_is_cancelled_takes_nobody_with_it(store: ExperienceStore) -> None:
    async def scenario() -> tuple[list[object], list[Recalled]]:
        writes = [
            asyncio.ensure_future(store.add(experience("a cat", number, thread="cut", generator="cut")))
            for number in range(1, 7)
        ]
        await asyncio.sleep(0)
        writes[2].cancel()
        ended = await asyncio.gather(*writes, return_exceptions=True)
        found = await store.similar("a cat", "cut", 10)
        await store.aclose()
        return list(ended), found

    ended, found = asyncio.run(scenario())
    assert [type(end) for n, end in enumerate(ended) if n != 2] == [type(None)] * 5
    assert {item.experience.round for item in found} >= {1, 2, 4, 5, 6}
