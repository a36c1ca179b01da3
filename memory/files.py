"""Files that are whole or not there."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ..errors import StorageError, write_advice


def write_file(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Writes ``path`` whole or not at all, its folder made when missing.

    Raises:
        StorageError: the folder cannot be written to or the disk is full.
    """
    name = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".partial-")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        # A temporary file is readable by its owner alone.
        Path(name).chmod(mode)
        Path(name).replace(path)
    except OSError as exc:
        if name is not None:
            Path(name).unlink(missing_ok=True)
        reason = exc.strerror or str(exc)
        raise StorageError(
            f"cannot write {path}: {reason}; {write_advice(exc)} or choose another folder "
            "(GEMS_HOME, --out)"
        ) from exc
