"""Writes of a checkpointer that run to their end, whoever is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver


class FinishesWrites(BaseCheckpointSaver[Any]):
    """Mixed into a checkpointer, lets every write that began run to its end.

    Where one node of a step fails, LangGraph cancels what is under way, which may be a write between
    its insertion and its commit: the result of a finished call would be lost, and SQLite's file stay
    locked for as long as anything refers to the connection.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._writing: set[asyncio.Task[Any]] = set()

    async def aput(self, *args: Any, **options: Any) -> RunnableConfig:
        """See ``BaseCheckpointSaver``; cancelling the caller does not cancel the write."""
        config: RunnableConfig = await self._finish(super().aput(*args, **options))
        return config

    async def aput_writes(self, *args: Any, **options: Any) -> None:
        """See ``BaseCheckpointSaver``; cancelling the caller does not cancel the writes."""
        await self._finish(super().aput_writes(*args, **options))

    async def _finish(self, write: Coroutine[Any, Any, Any]) -> Any:
        task = asyncio.ensure_future(write)
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        return await asyncio.shield(task)

    async def settle(self) -> None:
        """Waits for the writes whose callers were cancelled."""
        if self._writing:
            await asyncio.wait(self._writing)
