"""Garbage collections that stay short: while one lasts, no thread of the process runs."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

LONG = 0.02
"""Processor seconds of a full collection from which on it is too long."""
ALL = 2
"""The generation of a full collection."""


@contextmanager
def short_collections() -> Iterator[None]:
    """Keeps collections short as long as the block lasts.

    A full collection looks at every object that Python knows of, most of which are the libraries' and
    stay for ever: a quarter of a second, at any moment. What outlived a long one is looked at no more.
    It goes all the same when nothing refers to it; only cycles among it, which are the work of that
    moment, do not.
    """
    began = 0.0

    def note(phase: str, info: dict[str, Any]) -> None:
        nonlocal began
        if info["generation"] != ALL:
            return
        if phase == "start":
            began = time.thread_time()
        elif time.thread_time() - began > LONG:
            gc.freeze()

    gc.callbacks.append(note)
    try:
        yield
    finally:
        gc.callbacks.remove(note)
        gc.unfreeze()
