"""An MLLM around another one; what it does not change is the other's."""

from __future__ import annotations

from ..capabilities import Checkable, Closeable, Health, is_steady
from .mllm import MLLM


class WrappedMLLM:
    """What every wrapper passes on; a subclass has ``ask``."""

    def __init__(self, mllm: MLLM) -> None:
        self.name = mllm.name
        self._mllm = mllm

    @property
    def steady(self) -> bool:
        """See ``Steady``."""
        return is_steady(self._mllm)

    async def check(self) -> Health:
        """See ``Checkable``; the spec of a model that cannot be checked."""
        return await self._mllm.check() if isinstance(self._mllm, Checkable) else Health(self.name)

    async def aclose(self) -> None:
        """See ``Closeable``."""
        if isinstance(self._mllm, Closeable):
            await self._mllm.aclose()
