"""Files of one JSON object a line that grow while something runs, and outlive its kills."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..errors import StorageError, write_advice


def append_line(path: Path, line: str) -> None:
    """Adds ``line``, on a line of its own even after one that a kill cut off.

    Raises:
        StorageError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab+") as file:
            cut_off = False
            if file.tell():
                file.seek(-1, 2)
                cut_off = file.read(1) != b"\n"
            file.write(("\n" * cut_off + line + "\n").encode("utf-8", "replace"))
    except OSError as exc:
        raise StorageError(
            f"cannot write {path}: {exc.strerror}; {write_advice(exc)}, or choose another place"
        ) from exc


def read_lines(path: Path) -> Sequence[str]:
    """The lines so far; a cut-off one among them is the reader's to pass over."""
    return path.read_text("utf-8", "replace").splitlines() if path.is_file() else []
