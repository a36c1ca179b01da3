"""What comes after a finished run: "now make the sky darker"."""

from __future__ import annotations

import asyncio

from ..memory.runs import RunRecord, Runs
from ..memory.state import RunResult
from ..nodes.intake import check_prompt
from .streams import OnEvent, RunStream


class FollowUps:
    """What a session has for follow-ups."""

    index: Runs

    def follow_up(self, thread_id: str, change: str, *, on_event: OnEvent | None = None) -> RunResult:
        """Goes on from the best picture of a finished run, on the same thread and with its options:
        ``change`` is worked into its request, what is still required stays so, and a generator that
        edits changes the picture itself. The result's ``earlier`` holds the turns before. A follow-up
        that broke off before its picture gives way to this one, which a warning says.

        Args:
            thread_id: the run's name.
            change: what is to be different, in words.
            on_event: as for ``generate``.

        Raises:
            InputError: ``change`` cannot be used; nothing was started.
            RunError: there is no such run, or it has not ended.
            NotInWorldError: the embedded world cannot change that; the run is as it was.
            GemsError: as for ``generate``; ``resume`` goes on with the follow-up.
        """
        return self._wait(self._followed(thread_id, change), on_event)

    async def afollow_up(
        self, thread_id: str, change: str, *, on_event: OnEvent | None = None
    ) -> RunResult:
        """``follow_up`` for callers in an event loop. Cancelling it stops the run, to be resumed."""
        record = await asyncio.to_thread(self._followed, thread_id, change)
        return await self._await(record, on_event)

    def follow_up_stream(self, thread_id: str, change: str) -> RunStream:
        """``follow_up`` as its events; read with ``for`` or ``async for``."""
        return self._stream(self._followed(thread_id, change))

    def _followed(self, thread_id: str, change: str) -> RunRecord:
        said = check_prompt(change)
        return self.index.read(thread_id).model_copy(update={"said": said})

    def _wait(self, record: RunRecord, on_event: OnEvent | None) -> RunResult:
        raise NotImplementedError

    async def _await(self, record: RunRecord, on_event: OnEvent | None) -> RunResult:
        raise NotImplementedError

    def _stream(self, record: RunRecord) -> RunStream:
        raise NotImplementedError
