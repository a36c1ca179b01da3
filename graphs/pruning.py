"""Runs that go with everything that is theirs: pictures, checkpoints, their entry in the index."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver

from ..errors import InputError, RunError
from ..memory.checkpoints import SharedCheckpointer, pictures_of, storing
from ..memory.images import ImageStore
from ..memory.paid import PaidAnswers
from ..memory.runs import RunRecord, Runs
from ..models.loop import run_blocking
from ..nodes.dependencies import Dependencies
from .holding import held
from .inputs import config_for

DAY = 86400.0
UNFINISHED = (None, "paused")
"""Outcomes of runs that can be gone on with."""


@dataclass
class Pruned:
    """What went, or would go."""

    runs: list[str] = field(default_factory=list)
    """Thread ids."""
    pictures: int = 0
    unfinished: int = 0
    """Old runs that stay because they wait for somebody, or were stopped and can be resumed."""
    under_way: int = 0
    """Old runs that stay because somebody is at them."""


class Prunes:
    """What a session has for deleting runs."""

    index: Runs
    deps: Dependencies
    _checkpointer: SharedCheckpointer

    def prune(self, days: float, *, unfinished: bool = False, dry_run: bool = False) -> Pruned:
        """Deletes the runs at which nothing happened for ``days``, with their pictures, checkpoints and
        entries. A picture that another thread uses stays; what was learned stays; so does what somebody
        is at.

        Args:
            days: how many, or a fraction.
            unfinished: runs as well that wait for a person, or were stopped and can be resumed.
            dry_run: delete nothing, and say what would go.

        Raises:
            InputError: ``days`` is no length of time.
            StorageError: something cannot be read or deleted; asked again, it goes on there.
        """
        if not 0 <= days < float("inf"):
            raise InputError(f"{days:g} is no number of days to keep runs for")
        return run_blocking(self._prune(days, unfinished, dry_run))

    def delete(self, thread_id: str) -> int:
        """Deletes a run with its pictures, checkpoints and entry, whatever its age. Returns how many
        pictures went; those that another thread uses stay.

        Raises:
            RunError: there is no such run, or it is under way.
            StorageError: something cannot be deleted; asked again, it goes on there.
        """
        return run_blocking(self._delete(self.index.read(thread_id)))

    async def _prune(self, days: float, unfinished: bool, dry: bool) -> Pruned:
        moment, pruned = time.time() - days * DAY, Pruned()
        found = await asyncio.to_thread(self.index.untouched_since, moment)
        async with storing("the runs"), self._checkpointer.use() as saver:
            old = [record for record in found if await last_step(saver, record) < moment]
            going = [r for r in old if unfinished or r.outcome not in UNFINISHED]
            pruned.unfinished = len(old) - len(going)
            removal = self._removal(saver, going)
            for record in going:
                try:
                    await removal.of(record, dry)
                    pruned.runs.append(record.thread_id)
                except RunError:
                    pruned.under_way += 1
        pruned.pictures = len(removal.pictures)
        if not dry:
            await asyncio.to_thread(self.deps.images.forget_copies, moment)
        return pruned

    async def _delete(self, record: RunRecord) -> int:
        async with storing("the run"), self._checkpointer.use() as saver:
            removal = self._removal(saver, [record])
            await removal.of(record, False)
        return len(removal.pictures)

    def _removal(self, saver: BaseCheckpointSaver[Any], going: Sequence[RunRecord]) -> Removal:
        return Removal(self.index, self.deps.images, self.deps.paid, saver, going)


class Removal:
    """Runs that go together.

    Args:
        runs: the index.
        images: their pictures.
        paid: what their steps were answered.
        saver: their checkpoints.
        going: the runs.

    Attributes:
        pictures: the hashes of those that went, or would go.
    """

    def __init__(
        self,
        runs: Runs,
        images: ImageStore,
        paid: PaidAnswers,
        saver: BaseCheckpointSaver[Any],
        going: Iterable[RunRecord],
    ) -> None:
        self._runs = runs
        self._images = images
        self._paid = paid
        self._saver = saver
        self._going = {record.thread_id for record in going}
        self._referring: dict[str, set[str]] | None = None
        self.pictures: set[str] = set()

    async def of(self, record: RunRecord, dry: bool) -> None:
        """Deletes one of the runs, or looks what would go. Pictures go first and the entry last: cut
        off in between, it is there to be deleted again.

        Raises:
            RunError: it is under way.
        """
        thread = record.thread_id
        async with held(self._runs, thread):
            for sha256 in await pictures_of(self._saver, config_for(record)):
                if dry:
                    goes = not await self._others_of(sha256)
                else:
                    goes = await self._discard(sha256, thread)
                if goes:
                    self.pictures.add(sha256)
            if not dry:
                await self._saver.adelete_thread(thread)
                await asyncio.to_thread(self._paid.drop, thread)
                await asyncio.to_thread(self._runs.drop, thread)

    async def _discard(self, sha256: str, thread: str) -> bool:
        """Ends a run's use of a picture; whether that was the last."""
        for other in await self._others_of(sha256):
            await asyncio.to_thread(self._images.uses.add, sha256, other)
        return await asyncio.to_thread(self._images.discard, sha256, thread)

    async def _others_of(self, sha256: str) -> set[str]:
        """The threads that stay and use a picture. Where an earlier version noted no uses, the
        runs that stay are asked."""
        if users := set(await asyncio.to_thread(self._images.uses.of, sha256)):
            return users - self._going
        if self._referring is None:
            self._referring = {}
            for record in await asyncio.to_thread(self._runs.all):
                if record.thread_id not in self._going:
                    for found in await pictures_of(self._saver, config_for(record)):
                        self._referring.setdefault(found, set()).add(record.thread_id)
        return self._referring.get(sha256, set())


async def last_step(saver: BaseCheckpointSaver[Any], record: RunRecord) -> float:
    """When something last happened in a run, in seconds since the epoch; 0 for one that never began."""
    found = await saver.aget_tuple(config_for(record))
    return datetime.fromisoformat(found.checkpoint["ts"]).timestamp() if found else 0.0
