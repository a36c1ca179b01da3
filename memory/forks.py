"""What a forked child must not go on with: threads, held locks and open clients stay in the parent.

A child of ``os.fork`` has only the thread that forked. A queue whose worker is gone would wait for
ever, a lock that another thread held never opens, and a database that both processes use breaks.
"""

from __future__ import annotations

import os
import weakref
from typing import Protocol


class Forgets(Protocol):
    """Something that holds what is its process's own."""

    def forget(self) -> object:
        """Starts afresh in the child. Returns what the child must neither use nor close."""
        ...


_owners: weakref.WeakSet[Forgets] = weakref.WeakSet()
_inherited: list[object] = []
"""Never finalised in the child: closing the parent's database from there can damage it."""


def forget_in_children(owner: Forgets) -> None:
    """From now on, for as long as it lives, a child forked from this process has ``owner`` afresh."""
    _owners.add(owner)


def _in_child() -> None:
    _inherited.extend([owner.forget() for owner in list(_owners)])


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
