"""Forks wait until native code is between two steps.

A child of ``os.fork`` inherits the locks that other threads held, and nobody in it opens them. Python's
own are made anew; those inside tokenizers, torch and onnxruntime cannot be reached. So whoever calls
into such a library from a thread of its own says so, and a fork waits for a gap.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

FORK_SECONDS = 3.0
"""How long a fork waits for a gap. After that it happens anyway, as it would without this file: one
step of a large model may take minutes, and its device does not survive a fork at all."""


class ForkGate:
    """Who is inside native code, and whether a fork waits for them."""

    def __init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """In the child: nobody is inside, and the lock is the parent's."""
        self._changed = threading.Condition()
        self._inside: Counter[int] = Counter()
        self._forks = 0

    @contextmanager
    def held_off(self) -> Iterator[None]:
        """No other thread forks within, but in the gaps (``gap``) and after FORK_SECONDS."""
        thread = threading.get_ident()
        with self._changed:
            self._changed.wait_for(lambda: not self._forks or self._inside[thread])
            self._inside[thread] += 1
        try:
            yield
        finally:
            # In a child that was forked within, the books were begun anew.
            with self._changed:
                self._inside[thread] -= 1
                self._inside += Counter()
                self._changed.notify_all()

    def gap(self) -> None:
        """Lets a waiting fork happen now; returns at once where none waits."""
        thread = threading.get_ident()
        with self._changed:
            if self._forks and (depth := self._inside.pop(thread, 0)):
                self._changed.notify_all()
                self._changed.wait_for(lambda: not self._forks)
                self._inside[thread] = depth

    def before_fork(self) -> None:
        """Waits for a gap, and keeps the gate shut until ``after_fork``."""
        thread = threading.get_ident()
        self._changed.acquire()
        self._forks += 1
        self._changed.wait_for(lambda: not self._inside.keys() - {thread}, FORK_SECONDS)

    def after_fork(self) -> None:
        """In the parent: opens the gate."""
        self._forks -= 1
        self._changed.notify_all()
        self._changed.release()


gate = ForkGate()
"""The process's own."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=lambda: gate.before_fork(),
        after_in_parent=lambda: gate.after_fork(),
        after_in_child=lambda: gate.begin_anew(),
    )
