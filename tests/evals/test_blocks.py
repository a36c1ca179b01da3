"""What a prompt of a benchmark may remember: what the blocks before its own learned."""

from __future__ import annotations

import asyncio
from pathlib import Path

from gems.evals.blocks import BlockExperiences
from gems.evals.sharing import FileLog
from gems.memory.experiences import Experience, Recalled


class Kept:
    """An experience store that keeps what it is given."""

    def __init__(self) -> None:
        self.added: list[str] = []

    async def add(self, experience: Experience) -> None:
        self.added.append(experience.id)

    async def similar(self, prompt: str, generator: str, limit: int) -> list[Recalled]:
        return []

    async def aclose(self) -> None:
        return None


def experience(thread: str) -> Experience:
    return Experience("t", "p", thread, 1, "none", "fake", ("x",), "rewrite", "q", 1)


def test_experiences_show_a_block_later_in_a_fixed_order_also_after_a_kill(tmp_path: Path) -> None:
    async def scenario() -> None:
        log, first = tmp_path / "log.jsonl", Kept()
        store = BlockExperiences(first, FileLog(log))
        await store.begin(0)
        await store.add(experience("b"))
        await store.add(experience("a"))
        assert first.added == []
        await store.begin(1)
        assert first.added == ["a/1", "b/1"]
        await store.add(experience("c"))
        with log.open("a") as file:
            file.write('{"block": 1, "exp')
        await store.add(experience("d"))
        second = Kept()
        again = BlockExperiences(second, FileLog(log))
        await again.begin(1)
        assert second.added == ["a/1", "b/1"]
        await again.begin(2)
        assert second.added == ["a/1", "b/1", "c/1", "d/1"]

    asyncio.run(scenario())
