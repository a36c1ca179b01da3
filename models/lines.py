"""Files of one JSON object a line that grow while something runs, and outlive its kills."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..errors import StorageError, write_advice


def append_line(path: Path, line: str) -> None:
    """Adds ``line``, on a line of its own even after one that a kill cut off. In one piece, so that
    several processes of a machine can add to one file.

    Raises:
        StorageError: it cannot be written.
    """
    data = line.encode("utf-8", "replace") + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab+", buffering=0) as file:
            if file.tell():
                file.seek(-1, 2)
                data = b"\n" * (file.read(1) != b"\n") + data
            # A disk that fills up takes a part, and says so when it is given the rest.
            while data := data[file.write(data) :]:
                pass
    except OSError as exc:
        raise StorageError(
            f"cannot write {path}: {exc.strerror}; {write_advice(exc)}, or choose another place"
        ) from exc


def read_lines(path: Path) -> Sequence[str]:
    """The lines so far; a cut-off one among them is the reader's to pass over."""
    return split(path.read_bytes()) if path.is_file() else []


def split(data: bytes) -> list[str]:
    """Lines end where they were ended, not at what Unicode counts among its line ends as well."""
    return [line for line in data.decode("utf-8", "replace").split("\n") if line.strip()]


class Tail:
    """A growing file that is read on from where it was read to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read = 0

    def lines(self) -> list[str]:
        """What was added since the last call, in whole lines."""
        if not self.path.is_file():
            return []
        with self.path.open("rb") as file:
            file.seek(self._read)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        return split(whole)
