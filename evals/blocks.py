"""Experiences that become visible block by block, so that a benchmark does not depend on timing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..memory.experiences import Experience, ExperienceStore, Recalled, read_experience
from ..models.lines import read_lines
from .sharing import Log


class BlockExperiences:
    """An ``ExperienceStore`` in front of another one.

    Prompts of one block run side by side and end in any order. What they learn is kept in a file and
    reaches the collection when the next block begins, in a fixed order: so what a prompt can recall
    depends on the blocks before its own and on nothing else, also after a kill.

    Args:
        store: the collection.
        log: the file.
        before: what is visible from the first block on.
    """

    def __init__(self, store: ExperienceStore, log: Log, before: Sequence[Experience] = ()) -> None:
        self._store = store
        self._log = log
        self._before = list(before)
        self._learned: dict[int, dict[str, Experience]] = {}
        self._block = 0
        self._stored = 0

    async def begin(self, block: int) -> None:
        """Makes what the blocks before ``block``, counted from 0, learned visible.

        Raises:
            StorageError: the collection cannot be written.
        """
        self._block = block
        while self._before:
            await self._store.add(self._before[-1])
            self._before.pop()
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
        for block, experience in experiences_in(self._log.lines()):
            self._learned.setdefault(block, {})[experience.id] = experience
        return self._learned


def experiences_in(lines: Iterable[str]) -> list[tuple[int, Experience]]:
    """The experiences in a log, each with its block."""
    entries = [parse_line(line) or {} for line in lines]
    read = [(entry.get("block"), read_experience(entry.get("experience"))) for entry in entries]
    return [(block, found) for block, found in read if isinstance(block, int) and found is not None]


def learned_by(evaluation: Path, arm: str) -> list[Experience]:
    """What an arm of another evaluation learned, in a fixed order. Its threads are named after it:
    a prompt that both have is nobody's own.

    Args:
        evaluation: its folder.
        arm: the arm's name.

    Raises:
        InputError: there is nothing of that arm.
    """
    path = evaluation / "arms" / arm / "learned.jsonl"
    try:
        found = {experience.id: experience for _, experience in experiences_in(read_lines(path))}
    except OSError as exc:
        raise InputError(f"cannot read {path}: {exc.strerror}") from exc
    if not found:
        raise InputError(f"the arm {arm} has learned nothing in {evaluation}: name another --after")
    whose = evaluation.name
    return [replace(found[key], thread=f"{whose}/{found[key].thread}") for key in sorted(found)]


def parse_line(line: str) -> dict[str, Any] | None:
    """A line of a log; None for one that a kill cut off."""
    try:
        entry = json.loads(line)
    except json.JSONDecodeError:
        return None
    return entry if isinstance(entry, dict) else None
