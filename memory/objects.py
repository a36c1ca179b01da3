"""Bytes under names: the protocol, and files in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from ..errors import StorageError, write_advice
from .files import write_file


class Objects(Protocol):
    """Bytes under names with slashes, ``ab/cd.png``; each is whole or not there. May be used from any
    thread; every method may block, and raises StorageError where the store cannot be used."""

    @property
    def where(self) -> str:
        """For people to read."""
        ...

    def put(self, key: str, data: bytes) -> None:
        """Stores ``data``; what has the name already is the same."""
        ...

    def get(self, key: str) -> bytes | None:
        """What is stored; None: nothing."""
        ...

    def has(self, key: str) -> bool:
        """Whether something is stored."""
        ...

    def remove(self, key: str) -> None:
        """Deletes what is stored, if anything."""
        ...

    def below(self, folder: str) -> list[str]:
        """The names, without it, of what is stored directly below ``folder/``, in order."""
        ...


class FolderObjects:
    """Files below ``root``."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def where(self) -> str:
        """See ``Objects``."""
        return str(self._root)

    def put(self, key: str, data: bytes) -> None:
        """See ``Objects``."""
        if not self.has(key):
            write_file(self._root / key, data)

    def get(self, key: str) -> bytes | None:
        """See ``Objects``."""
        try:
            return (self._root / key).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as exc:
            raise StorageError(f"cannot read {self._root / key}: {exc.strerror}") from exc

    def has(self, key: str) -> bool:
        """See ``Objects``."""
        return (self._root / key).is_file()

    def remove(self, key: str) -> None:
        """See ``Objects``. A folder that is left empty goes as well."""
        path = self._root / key
        try:
            path.unlink(missing_ok=True)
        except OSError as exc:
            raise StorageError(f"cannot delete {path}: {exc.strerror}; {write_advice(exc)}") from exc
        try:
            path.parent.rmdir()
        except OSError:
            return

    def below(self, folder: str) -> list[str]:
        """See ``Objects``."""
        try:
            names = [path.name for path in (self._root / folder).iterdir() if path.is_file()]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as exc:
            raise StorageError(f"cannot read {self._root / folder}: {exc.strerror}") from exc
        # A file that is being written is not there yet.
        return sorted(name for name in names if not name.startswith(".partial-"))
