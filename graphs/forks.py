"""Another way from a round of a run, as a run of its own."""

from __future__ import annotations

import time
from collections.abc import Mapping

from ..memory.runs import RunRecord, Runs
from ..models.loop import run_blocking
from .execution import Executor

AFRESH: dict[str, object] = {
    **dict.fromkeys(("outcome", "image", "passed", "total", "out", "rating")),
    "afresh": False,
}
"""What an entry says of a run that has not ended."""


class Forks:
    """What a session has for forks."""

    index: Runs
    _executor: Executor

    def fork(
        self,
        thread_id: str,
        after: int,
        *,
        prompt: str | None = None,
        verdicts: Mapping[str, str] | None = None,
        name: str | None = None,
    ) -> str:
        """Goes another way from a round of a run, as a run of its own; ``resume`` it.

        Args:
            thread_id: the run.
            after: the round that the two share last, from 1.
            prompt: what the next round draws, word for word; without one the refiner writes it.
            verdicts: corrections of that round's picture first, ``{"q3": "pass"}``.
            name: of the new run; made from the old one's when not given.

        Returns:
            The new run's thread id.

        Raises:
            RunError: there is no such run.
            InputError: it has no such round or requirement, or the name is taken.
        """
        source = self.index.read(thread_id)

        def enter() -> RunRecord:
            new = {"thread_id": name or f"{thread_id}-fork", "created": time.time(), **AFRESH}
            return self.index.claim(source.model_copy(update=new), exact=name is not None)

        work = self._executor.fork(source, after, prompt, verdicts or {}, enter)
        return run_blocking(work)
