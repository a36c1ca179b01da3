"""What people think of runs."""

from __future__ import annotations

from ..errors import InputError
from ..memory.runs import Runs

MOST = 5


class Ratings:
    """What a session has for them."""

    index: Runs

    def rate(self, thread_id: str, stars: int | None) -> None:
        """Keeps with a run what a person thinks of it.

        Args:
            thread_id: the run.
            stars: 1 to 5; None: what was said is taken back.

        Raises:
            InputError: they are none.
            RunError: there is no such run, or it is under way.
        """
        if stars is not None and not 1 <= stars <= MOST:
            raise InputError(f"a rating is 1 to {MOST} stars, not {stars}")
        self.index.read(thread_id)
        with self.index.hold(thread_id):
            record = self.index.read(thread_id)
            self.index.write(record.model_copy(update={"rating": stars}))
