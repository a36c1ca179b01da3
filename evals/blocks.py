"""Experiences that become visible block by block, so that a benchmark does not depend on timing."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import Any

from ..memory.experiences import Experience, ExperienceStore, Recalled, read_experience
from .sharing import Log


class BlockExperiences:
    """An ``ExperienceStore`` in front of another one.

    Prompts of one block run side by side and end in any order. What they learn is kept in a file and
    reaches the collection when the next block begins, in a fixed order: so what a prompt can recall
    depends on the blocks before its own and on nothing else, also after a kill.
    """

    def __init__(self, store: ExperienceStore, log: Log) -> None:
        self._store = store
        self._log = log
        self._learned: dict[int, dict[str, Experience]] = {}
        self._block = 0
        self._stored = 0

    async def begin(self, block: int) -> None:
        """Makes what the blocks before ``block``, counted from 0, learned visible.

        Raises:
            StorageError: the collection cannot be written.
        """
        self._block = block
        learned = await asyncio.to_thread(self._read)
        for number in range(self._stored, block):
            for key in sorted(learned.get(number, {})):
                await self._store.add(learned[number][key])
        self._stored = max(self._stored, block)

    async def add(self, experience: Experience) -> None:
        """See ``ExperienceStore``; visible from the next block on."""
        line = json.dumps({"block": self._block, "experience": asdict(experience)})
        await asyncio.to_thread(self._log.append, line)

    async def similar(self, prompt: str, generator: str, limit: int) -> list[Recalled]:
        """See ``ExperienceStore``; what this block has learned so far is not among them."""
        return await self._store.similar(prompt, generator, limit)

    async def aclose(self) -> None:
        """Closes the collection behind it; what the last block learned stays in the log."""
        await self._store.aclose()

    def _read(self) -> dict[int, dict[str, Experience]]:
        """What was learned by all workers, by block and id; of two with one id, the later."""
        for line in self._log.lines():
            entry = parse_line(line) or {}
            experience = read_experience(entry.get("experience"))
            if experience is not None and "block" in entry:
                self._learned.setdefault(entry["block"], {})[experience.id] = experience
        return self._learned


def parse_line(line: str) -> dict[str, Any] | None:
    """A line of a log; None for one that a kill cut off."""
    try:
        entry = json.loads(line)
    except json.JSONDecodeError:
        return None
    return entry if isinstance(entry, dict) else None
