"""The folders that results are copied to, tried before anything is drawn."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from ..errors import StorageError, write_advice


def make_folder(folder: Path) -> Path:
    """``folder``, absolute, made when missing and tried for writing.

    Raises:
        StorageError: nothing can be written there.
    """
    try:
        folder = folder.expanduser().absolute()
    except RuntimeError as exc:
        raise StorageError(f"there is no home of {folder.parts[0]!r}: choose another --out") from exc
    probe = folder / f".gems-{secrets.token_hex(4)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as exc:
        raise StorageError(
            f"cannot write to the folder {folder}: {exc.strerror}; choose another with --out"
        ) from exc
    return folder


def copy_file(source: Path, target: Path) -> None:
    """Copies a picture.

    Raises:
        StorageError: it cannot be read or written.
    """
    try:
        # Where a run ends may be another machine than where its folder was made.
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    except OSError as exc:
        raise StorageError(
            f"the picture lies at {source}, copying it to {target} failed: {exc.strerror}; "
            f"copy it yourself, or {write_advice(exc)} and resume the run"
        ) from exc
