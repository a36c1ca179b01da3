"""A collection of experiences in memory, for tests and trials; see ``ExperienceStore``."""

from __future__ import annotations

from ..errors import StorageError
from ..models.embedders.embedder import Embedder
from ..models.embedders.hashing import HashingEmbedder
from .experiences import Experience, Recalled


class FakeExperiences:
    """Compares a prompt with every one that is kept. While ``broken`` is set, it raises that."""

    def __init__(self, embedder: Embedder | None = None) -> None:
        self.kept: dict[str, Experience] = {}
        """By id, the latest last."""
        self.asked: list[str] = []
        """The prompts that were looked for."""
        self.broken: StorageError | None = None
        self.closed = 0
        """How often it was closed."""
        self._embedder = embedder or HashingEmbedder()

    async def add(self, experience: Experience) -> None:
        """Keeps it under its id, in place of one with the same; or raises ``broken``."""
        self._check()
        self.kept[experience.id] = experience

    async def similar(self, prompt: str, generator: str, limit: int) -> list[Recalled]:
        """Every one that is kept is compared; or raises ``broken``."""
        self._check()
        self.asked.append(prompt)
        fitting = [item for item in self.kept.values() if item.generator == generator]
        vector, *others = await self._embedder.embed([prompt, *(item.prompt for item in fitting)])
        least = await self._embedder.least_likeness(vector)
        cosines = [sum(a * b for a, b in zip(vector, other, strict=True)) for other in others]
        found = [
            Recalled(item, cosine, cosine >= least)
            for item, cosine in zip(fitting, cosines, strict=True)
        ]
        return sorted(found, key=lambda item: -item.similarity)[:limit]

    async def latest(self, limit: int) -> list[Experience]:
        """See ``Listable``; or raises ``broken``."""
        self._check()
        return list(self.kept.values())[: -limit - 1 : -1]

    async def aclose(self) -> None:
        """Counts in ``closed``; what is kept stays."""
        self.closed += 1

    def _check(self) -> None:
        if self.broken is not None:
            raise self.broken
