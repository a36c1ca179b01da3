"""The experience collection in Chroma, searchable by similar prompts.

A local Chroma folder is for one process at a time, so it is opened for a moment only, under a file
lock, for whatever was asked meanwhile; many runs and many processes can share it. With a Chroma
server (``GEMS_CHROMA_URL``) the client stays open until ``aclose``.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from ..errors import StorageError
from ..models.embedders import Embedder, open_embedder
from ..settings import Settings
from .chroma_server import Refound, connect, disconnect
from .experiences import Experience, Recalled, read_experience
from .forks import forget_in_children
from .jobs import JobQueue

COLLECTION = "gems-experiences"
HNSW = {
    "space": "cosine",
    "max_neighbors": 64,
    "ef_construction": 400,
    "ef_search": 400,
    "sync_threshold": 50,
}
"""Of a collection that is made; one that is there keeps its own. Chroma's defaults lose entries among
many near-equal vectors, and repeated prompts are exactly that."""
LOCK_SECONDS = 30.0
"""Fifteen turns of other processes: each lets go after about ``jobs.HOLD_SECONDS``."""
logger = logging.getLogger("gems.memory")


def to_metadata(experience: Experience) -> dict[str, Any]:
    """As Chroma keeps it: flat, the text aside."""
    fields = asdict(experience)
    del fields["text"]
    return {
        **fields,
        "failed": "\n".join(experience.failed),
        "kinds": "\n".join(experience.kinds),
    }


def from_metadata(text: str | None, metadata: dict[str, Any] | None) -> Experience | None:
    """The reverse of ``to_metadata``; see ``read_experience`` for other versions' entries."""
    fields = metadata or {}
    lists = {name: lines_of(fields.get(name) or "") for name in ("failed", "kinds")}
    return read_experience({**fields, **lists, "text": text})


def lines_of(text: object) -> tuple[str, ...]:
    """The lines of ``text`` that hold something."""
    return tuple(line for line in str(text).split("\n") if line)


def read_answer(found: dict[str, Any]) -> list[Recalled]:
    """What a query of one vector found. Entries that cannot be read are left out, and logged."""
    columns = (found[name][0] for name in ("ids", "documents", "metadatas", "distances"))
    recalled = []
    for key, text, metadata, distance in zip(*columns, strict=True):
        experience = from_metadata(text, metadata)
        if experience is None:
            logger.warning("the experience %s is incomplete and left out", key)
        else:
            recalled.append(Recalled(experience, 1 - distance))
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
        self._queue = JobQueue("gems-chroma", self._opened, self._translate)
        forget_in_children(self)

    async def add(self, experience: Experience) -> None:
        """See ``ExperienceStore``; found by the vector of its prompt, the text only goes along."""
        [vector] = await self._embedder.embed([experience.prompt])

        def job(collection: Any) -> None:
            collection.upsert(
                ids=[experience.id],
                embeddings=[vector],
                documents=[experience.text],
                metadatas=[to_metadata(experience)],
            )

        await self._queue.submit(job)

    async def similar(self, prompt: str, generator: str, limit: int) -> list[Recalled]:
        """See ``ExperienceStore``; entries that cannot be read are left out."""
        [vector] = await self._embedder.embed([prompt])

        def job(collection: Any) -> Any:
            return collection.query(
                query_embeddings=[vector], n_results=limit, where={"generator": generator}
            )

        return read_answer(await self._queue.submit(job))

    async def count(self) -> int:
        """How many experiences there are.

        Raises:
            StorageError: the collection cannot be read.
        """
        return int(await self._queue.submit(lambda collection: collection.count()))

    async def aclose(self) -> None:
        """See ``ExperienceStore``: the folder's lock, the database, the server's client."""
        await self._queue.aclose()
        client, self._client = self._client, None
        if client is not None:
            disconnect(client)

    def forget(self) -> object:
        """See ``Forgets``: a server is spoken to over connections of one's own."""
        inherited, self._client = self._client, None
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
    def _opened(self) -> Iterator[Any]:
        if self._folder is None:
            self._client = self._client or connect(self._url or "", self._token)
            yield Refound(partial(self._collection, self._client))
            return
        check_process(self._folder)
        with locked(self._folder):
            client = open_folder(self._folder)
            try:
                yield self._collection(client)
            finally:
                client.close()

    def _collection(self, client: Any) -> Any:
        """The collection, made where there is none; Chroma leaves one that is there as it is.

        Raises:
            StorageError: another embedder made its vectors.
        """
        collection = client.get_or_create_collection(
            COLLECTION,
            embedding_function=None,
            configuration={"hnsw": HNSW},
            metadata={"embedder": self._embedder.name},
        )
        made_by = (collection.metadata or {}).get("embedder")
        if made_by != self._embedder.name:
            raise StorageError(
                f"the experiences were stored with the embedder {made_by!r}, and the settings name "
                f"{self._embedder.name!r}: set GEMS_EMBEDDER back, or use another GEMS_HOME"
            )
        return collection


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


def open_experiences(settings: Settings) -> ChromaExperiences:
    """The collection the settings name; nothing is opened before it is used."""
    embedder = open_embedder(settings)
    if settings.chroma_url:
        return ChromaExperiences(embedder, None, settings.chroma_url, settings.chroma_token)
    return ChromaExperiences(embedder, settings.root / "experiences")
