"""Who counts what nodes do; a server has one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Meter(Protocol):
    """Hears of every node's work, from any thread; returns at once and raises nothing."""

    def done(self, node: str, seconds: float, update: Mapping[str, Any]) -> None:
        """A node has written ``update`` after ``seconds``."""
        ...

    def failed(self, node: str, seconds: float, error: Exception) -> None:
        """A node raised ``error``."""
        ...
