"""Where one graph server keeps its threads: two that write the same list would lose each other's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import InputError
from ..memory.folders import make_folder
from ..settings import Settings

LOCK = ".in-use"


@contextmanager
def server_folder(settings: Settings, port: int) -> Iterator[Path]:
    """The folder of the home's server on ``port``, nobody else's as long as the block lasts: the home's
    own, or one with the port's number where another server was first; that one is kept to.

    Raises:
        InputError: another server has it.
        StorageError: it cannot be written to.
    """
    usual = settings.server_folder
    named = usual.with_name(f"{usual.name}-{port}")
    for folder in [named] if named.exists() else [usual, named]:
        lock = FileLock(make_folder(folder) / LOCK, timeout=0)
        with suppress(Timeout), lock:
            yield folder
            return
    raise InputError(f"another server keeps its threads in {named}: end it, or choose another --port")
