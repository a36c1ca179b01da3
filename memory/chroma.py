"""The experience collection in Chroma, searchable by similar prompts.

A local Chroma folder is for one process at a time, so it is opened for a moment only, under a file
lock, for whatever was asked meanwhile; many runs and many processes can share it. With a Chroma
server (``GEMS_CHROMA_URL``) the client stays open until ``aclose``.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from ..errors import StorageError
from ..models.embedders.embedder import Embedder, Pay, open_embedder, unpaid
from ..models.loop import on_model_loop
from ..settings import Settings
from .chroma_server import Refound, connect, disconnect
from .collections import Entry, Shelf
from .experiences import Experience, Recalled, read_experience
from .forks import forget_in_children
from .jobs import JobQueue

LISTS = ("failed", "kinds", "fixed", "unfixed", "broken")
"""Fields of an experience that hold several texts, which Chroma keeps as lines of one."""
TAKEN_AT_ONCE = 32
"""Entries that are taken over from another embedder's collection in one go."""
TAKE_OVER_SECONDS = 20.0
"""How long a run waits for that; it goes on beside the run."""
LOCK_SECONDS = 30.0
"""Fifteen turns of other processes: each lets go after about ``jobs.HOLD_SECONDS``."""
logger = logging.getLogger("gems.memory")


def to_metadata(experience: Experience) -> dict[str, Any]:
    """As Chroma keeps it: flat, the text aside."""
    fields = asdict(experience)
    del fields["text"]
    recipe = fields.pop("recipe")
    kept = {"recipe": json.dumps(recipe)} if recipe else {}
    return {**fields, **kept, **{name: "\n".join(fields[name]) for name in LISTS}}


def from_metadata(text: str | None, metadata: dict[str, Any] | None) -> Experience | None:
    """The reverse of ``to_metadata``; see ``read_experience`` for other versions' entries."""
    fields = metadata or {}
    lists = {name: lines_of(fields.get(name) or "") for name in LISTS}
    recipe = object_in(fields.get("recipe"))
    return read_experience({**fields, **lists, "recipe": recipe, "text": text})


def object_in(text: object) -> dict[str, Any] | None:
    """The JSON object that ``text`` is; None: it is none."""
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def lines_of(text: object) -> tuple[str, ...]:
    """The lines of ``text`` that hold something."""
    return tuple(line for line in str(text).split("\n") if line)


def read_answer(found: dict[str, Any], least: float) -> list[Recalled]:
    """What a query of one vector found, alike from the cosine ``least`` on. Entries that cannot be read
    are left out, and logged."""
    columns = (found[name][0] for name in ("ids", "documents", "metadatas", "distances"))
    recalled = []
    for key, text, metadata, distance in zip(*columns, strict=True):
        experience = from_metadata(text, metadata)
        if experience is None:
            logger.warning("the experience %s is incomplete and left out", key)
        else:
            recalled.append(Recalled(experience, 1 - distance, 1 - distance >= least))
    return recalled


class ChromaExperiences:
    """Experiences in a Chroma collection, local or on a server; see ``ExperienceStore``."""

    def __init__(
        self,
        embedder: Embedder,
        folder: Path | None,
        url: str | None = None,
        token: SecretStr | None = None,
    ) -> None:
        self._embedder = embedder
        self._folder = folder
        self._url = url
        self._token = token
        self._client: Any = None
        self._queue: JobQueue[Shelf] = JobQueue("gems-chroma", self._opened, self._translate)
        self._taking_over: asyncio.Task[None] | None = None
        forget_in_children(self)

    async def add(self, experience: Experience) -> None:
        """See ``ExperienceStore``; found by the vector of its prompt, the text only goes along."""
        vectors = await self._embedder.embed([experience.prompt])
        entry = Entry(experience.id, experience.text, to_metadata(experience))
        await self._queue.submit(lambda shelf: shelf.add([entry], vectors))

    async def similar(self, prompt: str, generator: str, limit: int) -> list[Recalled]:
        """See ``ExperienceStore``; entries that cannot be read are left out. What another embedder's
        collection holds is taken over first."""
        await on_model_loop(self._take_over())
        [vector] = await self._embedder.embed([prompt])
        least = await self._embedder.least_likeness(vector)

        def job(shelf: Shelf) -> Any:
            return shelf.collection.query(
                query_embeddings=[vector], n_results=limit, where={"generator": generator}
            )

        return read_answer(await self._queue.submit(job), least)

    async def _take_over(self) -> None:
        """Has what another embedder's collection holds taken over, and waits a while for it.

        Raises:
            GemsError: that failed; the next caller tries again.
        """
        if self._taking_over is None:
            # In a context of its own: what it takes is not the run's that happens to come first.
            work = self._take_all_over()
            self._taking_over = asyncio.create_task(work, context=Context())
        task = self._taking_over
        done, _ = await asyncio.wait({task}, timeout=TAKE_OVER_SECONDS)
        if done and (task.cancelled() or task.exception()):
            self._taking_over = None
            task.result()

    async def _take_all_over(self) -> None:
        while entries := await self._queue.submit(lambda shelf: shelf.missing(TAKEN_AT_ONCE)):
            vectors = await self._embedder.embed([entry.prompt for entry in entries])
            await self._queue.submit(partial(Shelf.add, entries=entries, vectors=vectors))

    async def count(self) -> int:
        """How many experiences there are.

        Raises:
            StorageError: the collection cannot be read.
        """
        return int(await self._queue.submit(lambda shelf: shelf.collection.count()))

    async def latest(self, limit: int) -> list[Experience]:
        """See ``Listable``: Chroma gives entries out as they were first added."""

        def job(shelf: Shelf) -> list[Entry]:
            start = max(0, shelf.collection.count() - limit)
            return list(shelf.entries(start, limit))

        entries = await self._queue.submit(job)
        found = [from_metadata(entry.text, dict(entry.metadata)) for entry in reversed(entries)]
        return [experience for experience in found if experience is not None]

    async def aclose(self) -> None:
        """See ``ExperienceStore``: the folder's lock, the database, the server's client."""
        if self._taking_over is not None:
            await on_model_loop(self._stop_taking_over())
        await self._queue.aclose()
        client, self._client = self._client, None
        if client is not None:
            disconnect(client)

    async def _stop_taking_over(self) -> None:
        """What is left is taken over when the collection is next used."""
        task, self._taking_over = self._taking_over, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})

    def forget(self) -> object:
        """See ``Forgets``: a server is spoken to over connections of one's own."""
        inherited = (self._client, self._taking_over)
        self._client = self._taking_over = None
        return inherited

    def _translate(self, exc: BaseException) -> StorageError:
        if isinstance(exc, StorageError):
            error = StorageError(str(exc))
        else:
            error = StorageError(
                f"the experience collection at {self._url or self._folder} cannot be used: "
                f"{type(exc).__name__}: {' '.join(str(exc).split())[:300]}; "
                "go on without it (--no-memory) or repair it"
            )
        error.__cause__ = exc
        return error

    @contextmanager
    def _opened(self) -> Iterator[Shelf]:
        if self._folder is None:
            self._client = self._client or connect(self._url or "", self._token)
            yield Shelf(self._client, self._embedder.name, Refound)
            return
        check_process(self._folder)
        with locked(self._folder):
            client = open_folder(self._folder)
            try:
                yield Shelf(client, self._embedder.name)
            finally:
                client.close()


_process: int | None = None
"""The process that first opened a folder."""


def check_process(folder: Path) -> None:
    """Refuses ``folder`` in a process forked from one that used a folder: Chroma's Rust part keeps
    threads that no child has, and a write there would wait for them for ever.

    Raises:
        StorageError: this is such a process.
    """
    global _process
    _process = _process or os.getpid()
    if _process != os.getpid():
        raise StorageError(
            f"the experience collection {folder} cannot be used in a process that was forked after its "
            "parent used it: start processes with spawn, or run `chroma run` and set GEMS_CHROMA_URL"
        )


def open_folder(folder: Path) -> Any:
    """A client of the Chroma database in ``folder``; close it."""
    import chromadb
    from chromadb.config import Settings as ChromaSettings

    return chromadb.PersistentClient(str(folder), settings=ChromaSettings(anonymized_telemetry=False))


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keeps other processes out of ``folder``, which is made when missing.

    Raises:
        StorageError: another process did not let go of it in ``LOCK_SECONDS``.
    """
    import filelock

    folder.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(folder / "gems.lock", timeout=LOCK_SECONDS):
            yield
    except filelock.Timeout as exc:
        raise StorageError(
            f"the experience collection {folder} has been busy for {LOCK_SECONDS:.0f} s "
            "in another process; for many processes run `chroma run` and set GEMS_CHROMA_URL"
        ) from exc


def open_experiences(settings: Settings, pay: Pay = unpaid) -> ChromaExperiences:
    """The collection the settings name; nothing is opened before it is used. ``pay``: see
    ``open_embedder``."""
    embedder = open_embedder(settings, pay)
    if settings.chroma_url:
        return ChromaExperiences(embedder, None, settings.chroma_url, settings.chroma_token)
    return ChromaExperiences(embedder, settings.root / "experiences")
