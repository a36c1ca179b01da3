"""Judges of other packages, whose requests are paid from a purse. An MLLM pays for its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from ..errors import BackendError
from ..models.judges.judge import Judge, Judgement, LooksAgain, Requirement
from .caps import Purse

Look = Callable[[int], Awaitable[Judgement]]
"""Makes so many requests at most."""


class CappedJudge:
    """A judge whose requests are paid; see ``Judge``.

    Args:
        judge: the judge.
        purse: who pays.
        requests: what one requirement may take.
    """

    def __init__(self, judge: Judge, purse: Purse, requests: int) -> None:
        self._judge = judge
        self._purse = purse
        self._requests = requests
        self.name, self.kinds, self.at_once = judge.name, judge.kinds, judge.at_once

    async def judge(
        self,
        picture: Path,
        requirements: Sequence[Requirement],
        *,
        max_requests: int | None = None,
    ) -> Judgement:
        """See ``Judge.judge``.

        Raises:
            CapError: nothing is left to pay it with.
        """

        def look(most: int) -> Awaitable[Judgement]:
            return self._judge.judge(picture, requirements, max_requests=most)

        return await self._pay(look, len(requirements), max_requests)

    async def _pay(self, look: Look, asked: int, most: int | None) -> Judgement:
        wanted = min(asked * self._requests, most or asked * self._requests)
        paid = await self._purse.pay("mllm_calls", 1, max(1, wanted))
        used = 0
        try:
            judgement = await look(paid)
            used = judgement.cost.requests
        except BackendError as exc:
            used = exc.cost.requests
            raise
        finally:
            self._purse.settle("mllm_calls", paid, used)
        return judgement


class CappedLooker(CappedJudge):
    """One that may say something else when it looks again; see ``LooksAgain``."""

    def __init__(self, judge: LooksAgain, plain: Judge, purse: Purse, requests: int) -> None:
        super().__init__(plain, purse, requests)
        self._looker = judge

    @property
    def steady(self) -> bool:
        """See ``LooksAgain``."""
        return self._looker.steady

    async def look_again(
        self,
        picture: Path,
        requirements: Sequence[Requirement],
        look: int,
        *,
        max_requests: int | None = None,
    ) -> Judgement:
        """See ``LooksAgain.look_again``; errors as of ``judge``."""

        def again(most: int) -> Awaitable[Judgement]:
            return self._looker.look_again(picture, requirements, look, max_requests=most)

        return await self._pay(again, len(requirements), max_requests)


def capped_judge(judge: Judge, purse: Purse, requests: int) -> Judge:
    """``judge``, paid from ``purse``, with what it can do."""
    if isinstance(judge, LooksAgain):
        return CappedLooker(judge, judge, purse, requests)
    return CappedJudge(judge, purse, requests)
