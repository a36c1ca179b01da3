"""The experience collection: what rounds of earlier runs taught, searchable by similar prompts.

A local Chroma folder is for one process at a time, so it is opened for a moment only, under a file
lock, for whatever was asked meanwhile; many runs and many processes can share it. With a Chroma
server (``GEMS_CHROMA_URL``) the client stays open.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from ..errors import StorageError
from ..models.embedders import Embedder, open_embedder
from ..settings import Settings

COLLECTION = "gems-experiences"
WORD_LIMIT = 100
"""Words of an experience."""
LOCK_SECONDS = 30.0
LINGER_SECONDS = 0.3
"""How long an open collection waits for the next job."""
HOLD_SECONDS = 2.0
"""How long one process may keep the collection while others wait."""


@dataclass(frozen=True)
class Experience:
    """What one round taught."""

    text: str
    """The compressed experience, at most ``WORD_LIMIT`` words."""
    prompt: str
    """The user's own words; experiences are found by prompts similar to it."""
    thread: str
    round: int
    skill: str
    generator: str
    failed: tuple[str, ...]
    """Statements of the requirements that failed in this round."""
    action: str
    """What was done about it: rewrite or resample; "end" where the run ended with this round."""
    next_prompt: str
    """What the next round drew; where there was none, what this one drew."""
    gained: int
    """Requirements the next round passed more (or, negative, fewer) than this one."""
    kinds: tuple[str, ...] = ()
    """Kinds of the requirements that failed: count, position and so on."""
    strategy: str = ""
    """The refiner's name for what the next prompt did differently."""
    solved: bool = False
    """Whether every requirement passed in the next round; where there was none, in this one."""

    @property
    def id(self) -> str:
        """The same round of the same thread is one experience."""
        return f"{self.thread}/{self.round}"


@dataclass(frozen=True)
class Recalled:
    """An experience that was found, and the cosine similarity of its prompt, -1..1."""

    experience: Experience
    similarity: float


def limit_words(text: str, limit: int = WORD_LIMIT) -> str:
    """``text`` on one line, cut after ``limit`` words."""
    words = text.split()
    return " ".join(words) if len(words) <= limit else " ".join(words[:limit]) + " ..."


class ExperienceStore(Protocol):
    """Keeps experiences and finds them again."""

    async def add(self, experience: Experience) -> None:
        """Adds, or replaces the one with the same id.

        Raises:
            StorageError: the collection cannot be written.
        """
        ...

    async def similar(self, prompt: str, generator: str, limit: int) -> list[Recalled]:
        """The experiences with ``generator`` whose prompts are most similar, best first.

        Raises:
            StorageError: the collection cannot be read.
        """
        ...


def to_metadata(experience: Experience) -> dict[str, Any]:
    """As Chroma keeps it: flat, the text aside."""
    fields = asdict(experience)
    del fields["text"]
    return {
        **fields,
        "failed": "\n".join(experience.failed),
        "kinds": "\n".join(experience.kinds),
    }


def from_metadata(text: str, metadata: dict[str, Any]) -> Experience:
    """The reverse of ``to_metadata``; what an older version did not keep has its default."""
    lists = {name: lines_of(metadata.get(name, "")) for name in ("failed", "kinds")}
    return Experience(**{**metadata, **lists, "text": text})


def lines_of(text: object) -> tuple[str, ...]:
    """The lines of ``text`` that hold something."""
    return tuple(line for line in str(text).split("\n") if line)


Job = Callable[[Any], Any]


class ChromaExperiences:
    """Experiences in a Chroma collection, local or on a server."""

    def __init__(self, embedder: Embedder, folder: Path | None, url: str | None = None) -> None:
        self._embedder = embedder
        self._folder = folder
        self._url = url
        self._jobs: list[tuple[Job, Future[Any]]] = []
        self._guard = threading.Lock()
        self._asked = threading.Event()
        self._server_collection: Any = None
        self._working = False

    async def add(self, experience: Experience) -> None:
        """See ``ExperienceStore``."""
        [vector] = await self._embedder.embed([experience.prompt])

        def job(collection: Any) -> None:
            collection.upsert(
                ids=[experience.id],
                embeddings=[vector],
                documents=[experience.text],
                metadatas=[to_metadata(experience)],
            )

        await self._submit(job)

    async def similar(self, prompt: str, generator: str, limit: int) -> list[Recalled]:
        """See ``ExperienceStore``."""
        [vector] = await self._embedder.embed([prompt])

        def job(collection: Any) -> Any:
            return collection.query(
                query_embeddings=[vector], n_results=limit, where={"generator": generator}
            )

        found = await self._submit(job)
        return [
            Recalled(from_metadata(text, metadata), 1 - distance)
            for text, metadata, distance in zip(
                found["documents"][0], found["metadatas"][0], found["distances"][0], strict=True
            )
        ]

    async def count(self) -> int:
        """How many experiences there are."""
        return int(await self._submit(lambda collection: collection.count()))

    async def _submit(self, job: Job) -> Any:
        """Queues ``job``; one thread at a time works the queue off."""
        future: Future[Any] = Future()
        with self._guard:
            self._jobs.append((job, future))
            self._asked.set()
            start, self._working = not self._working, True
        if start:
            threading.Thread(target=self._work, name="gems-chroma", daemon=True).start()
        return await asyncio.wrap_future(future)

    def _work(self) -> None:
        """Opens the collection, works off all jobs, closes it; again while new ones came."""
        while jobs := self._next_jobs(finish=True):
            deadline = time.monotonic() + HOLD_SECONDS
            # Chroma raises errors of many kinds, from SQLite's to Rust panics; each belongs to the
            # callers whose jobs wait here, and nobody else would hear of it.
            try:
                with self._opened() as collection:
                    while jobs:
                        for job, future in jobs:
                            future.set_result(job(collection))
                        jobs = self._more_jobs(deadline)
            except BaseException as exc:  # noqa: BLE001
                error = exc if isinstance(exc, StorageError) else self._translate(exc)
                for _, future in jobs:
                    if not future.done():
                        future.set_exception(error)

    def _next_jobs(self, *, finish: bool = False) -> list[tuple[Job, Future[Any]]]:
        """What is asked for now. With ``finish``, finding nothing ends the thread."""
        with self._guard:
            jobs, self._jobs = self._jobs, []
            self._working = bool(jobs) or not finish
            return jobs

    def _more_jobs(self, deadline: float) -> list[tuple[Job, Future[Any]]]:
        """What is asked for within a moment: opening costs more than most jobs. Empty after
        ``deadline``, so that other processes get their turn."""
        if time.monotonic() < deadline:
            self._asked.wait(LINGER_SECONDS)
            self._asked.clear()
            return self._next_jobs()
        return []

    def _translate(self, exc: BaseException) -> StorageError:
        place = self._url or self._folder
        error = StorageError(
            f"the experience collection at {place} cannot be used: {type(exc).__name__}: "
            f"{' '.join(str(exc).split())[:300]}; go on without it (--no-memory) or repair it"
        )
        error.__cause__ = exc
        return error

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        import chromadb
        from chromadb.config import Settings as ChromaSettings

        own = ChromaSettings(anonymized_telemetry=False)
        if self._folder is None:
            if self._server_collection is None:
                parts = urlsplit(self._url or "")
                client = chromadb.HttpClient(
                    host=parts.hostname or "localhost",
                    port=parts.port or (443 if parts.scheme == "https" else 8000),
                    ssl=parts.scheme == "https",
                    settings=own,
                )
                self._server_collection = self._collection(client)
            yield self._server_collection
            return
        with self._locked():
            local: Any = chromadb.PersistentClient(str(self._folder), settings=own)
            try:
                yield self._collection(local)
            finally:
                local.close()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        import filelock

        assert self._folder is not None
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            with filelock.FileLock(self._folder / "gems.lock", timeout=LOCK_SECONDS):
                yield
        except filelock.Timeout as exc:
            raise StorageError(
                f"the experience collection {self._folder} has been busy for {LOCK_SECONDS:.0f} s "
                "in another process; for many processes run `chroma run` and set GEMS_CHROMA_URL"
            ) from exc

    def _collection(self, client: Any) -> Any:
        collection = client.get_or_create_collection(
            COLLECTION,
            embedding_function=None,
            configuration={"hnsw": {"space": "cosine"}},
            metadata={"embedder": self._embedder.name},
        )
        made_by = (collection.metadata or {}).get("embedder")
        if made_by != self._embedder.name:
            raise StorageError(
                f"the experiences were stored with the embedder {made_by!r}, and the settings name "
                f"{self._embedder.name!r}: set GEMS_EMBEDDER back, or use another GEMS_HOME"
            )
        return collection


def open_experiences(settings: Settings) -> ChromaExperiences:
    """The collection the settings name; nothing is opened before it is used."""
    embedder = open_embedder(settings)
    if settings.chroma_url:
        return ChromaExperiences(embedder, None, settings.chroma_url)
    return ChromaExperiences(embedder, settings.root / "experiences")
