"""Which threads use a picture, so that it goes with the last of them.

A picture is its drawer's, its forks' and copies', and those of every conversation that it was shown in.
"""

from __future__ import annotations

from urllib.parse import quote, unquote

from .objects import Objects


class Uses:
    """An empty object for each use, ``uses/SHA256/THREAD``."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def add(self, sha256: str, thread: str) -> None:
        """Notes that ``thread`` uses a picture."""
        self._objects.put(key_of_use(sha256, thread), b"")

    def drop(self, sha256: str, thread: str) -> bool:
        """Notes that it does no more. Returns whether it did."""
        key = key_of_use(sha256, thread)
        known = self._objects.has(key)
        self._objects.remove(key)
        return known

    def of(self, sha256: str) -> list[str]:
        """The threads that use a picture."""
        return [unquote(name) for name in self._objects.below(f"uses/{sha256}")]


def key_of_use(sha256: str, thread: str) -> str:
    """The name that notes a use."""
    return f"uses/{sha256}/{quote(thread, safe='')}"
