"""A generator around another one; what it does not change is the other's."""

from __future__ import annotations

from ..capabilities import is_apart
from .card import Card
from .generator import Generator


class WrappedGenerator:
    """What every wrapper passes on; a subclass has ``draw``."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator

    @property
    def name(self) -> str:
        """See ``Generator``."""
        return self._generator.name

    @property
    def card(self) -> Card:
        """See ``Generator``."""
        return self._generator.card

    @property
    def apart(self) -> bool:
        """See ``Apart``."""
        return is_apart(self._generator)
