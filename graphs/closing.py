"""What ``with`` and ``async with`` do for everything here that is closed: they close it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Closing(ABC):
    """Closed at the end of a ``with`` or ``async with`` block, whatever ended it."""

    @abstractmethod
    def close(self) -> None:
        """Stops what is under way and waits until that has let go."""

    @abstractmethod
    async def aclose(self) -> None:
        """``close`` for callers in an event loop."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()
