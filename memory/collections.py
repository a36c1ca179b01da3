"""The collections in a Chroma database: one an embedder, and what only another embedder's still holds.

Vectors of different embedders do not compare. So each embedder has a collection of its own, and takes
over from the others, by the prompts that are stored, what it has not got. Nothing is moved or deleted:
a killed take-over goes on where it was, two processes at it do the same work, and whoever sets the
embedder back finds what was there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
PAGE = 1000
"""Entries that are looked at in one query."""


@dataclass(frozen=True)
class Entry:
    """An experience as Chroma keeps it."""

    id: str
    text: str
    metadata: Mapping[str, Any]

    @property
    def prompt(self) -> str:
        """What it is found by."""
        return str(self.metadata.get("prompt") or "")


class Shelf:
    """The collections in an open database, for one embedder.

    Args:
        client: of Chroma's.
        embedder: its name.
        held: makes what stands for the embedder's own collection of what finds it; itself by default.
    """

    def __init__(
        self, client: Any, embedder: str, held: Callable[[Callable[[], Any]], Any] = lambda find: find()
    ) -> None:
        self._client = client
        self._embedder = embedder
        self._name = COLLECTION
        self.collection = held(self._find)

    def _find(self) -> Any:
        """The embedder's own collection, made where there is none."""
        found = self._get_or_create(COLLECTION)
        if made_by(found) != self._embedder:
            mark = hashlib.blake2b(self._embedder.encode(), digest_size=4).hexdigest()
            found = self._get_or_create(f"{COLLECTION}-{mark}")
        self._name = found.name
        return found

    def _get_or_create(self, name: str) -> Any:
        return self._client.get_or_create_collection(
            name,
            embedding_function=None,
            configuration={"hnsw": HNSW},
            metadata={"embedder": self._embedder},
        )

    def add(self, entries: Sequence[Entry], vectors: Sequence[Sequence[float]]) -> None:
        """Adds entries, or replaces those with the same ids."""
        self.collection.upsert(
            ids=[entry.id for entry in entries],
            embeddings=[list(vector) for vector in vectors],
            documents=[entry.text for entry in entries],
            metadatas=[dict(entry.metadata) for entry in entries],
        )

    def entries(self, start: int, most: int) -> Iterator[Entry]:
        """Up to ``most`` entries of this embedder's, from the one at ``start`` on."""
        ids = self.collection.get(include=[], limit=most, offset=start)["ids"]
        return read_entries(self.collection, ids)

    def missing(self, most: int) -> list[Entry]:
        """Up to ``most`` entries that only other embedders' collections hold."""
        found: dict[str, Entry] = {}
        for other in self._others():
            for entry in self._only_in(other):
                found.setdefault(entry.id, entry)
                if len(found) >= most:
                    return list(found.values())
        return list(found.values())

    def _others(self) -> list[Any]:
        listed = self._client.list_collections()
        return [c for c in listed if c.name.startswith(COLLECTION) and c.name != self._name]

    def _only_in(self, other: Any) -> Iterator[Entry]:
        """The entries of another collection that this one lacks and that can be found by a prompt."""
        for start in range(0, other.count(), PAGE):
            ids = other.get(include=[], limit=PAGE, offset=start)["ids"]
            have = set(self.collection.get(ids=ids, include=[])["ids"]) if ids else set()
            lacking = [id_ for id_ in ids if id_ not in have]
            for entry in read_entries(other, lacking):
                if entry.prompt:
                    yield entry


def read_entries(collection: Any, ids: Sequence[str]) -> Iterator[Entry]:
    """The entries with these ids, as they are read: a page at a time."""
    for start in range(0, len(ids), PAGE // 10):
        page = list(ids[start : start + PAGE // 10])
        got = collection.get(ids=page, include=["documents", "metadatas"])
        for id_, text, metadata in zip(got["ids"], got["documents"], got["metadatas"], strict=True):
            yield Entry(id_, text or "", metadata or {})


def made_by(collection: Any) -> str | None:
    """The name of the embedder whose vectors a collection holds."""
    name = (collection.metadata or {}).get("embedder")
    return name if isinstance(name, str) else None
