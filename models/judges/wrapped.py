"""A judge around another one, whose work goes through somebody who pays for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from .judge import Judge, Judgement, LooksAgain, Requirement

Look = Callable[[int | None], Awaitable[Judgement]]
"""Makes so many requests at most."""
Pay = Callable[[Look, int, int | None], Awaitable[Judgement]]
"""Has somebody look (a look, how many requirements, requests at most), and pays for it."""


class PaidJudge:
    """A judge whose looks are paid; see ``Judge``."""

    def __init__(self, judge: Judge, pay: Pay) -> None:
        self._judge = judge
        self._pay = pay
        self.name, self.kinds = judge.name, judge.kinds

    @property
    def at_once(self) -> int | None:
        """See ``Judge``."""
        return self._judge.at_once

    async def judge(
        self,
        picture: Path,
        requirements: Sequence[Requirement],
        *,
        max_requests: int | None = None,
    ) -> Judgement:
        """See ``Judge.judge``; also raises what paying does."""

        def look(most: int | None) -> Awaitable[Judgement]:
            return self._judge.judge(picture, requirements, max_requests=most)

        return await self._pay(look, len(requirements), max_requests)


class PaidLooker(PaidJudge):
    """One that may say something else when it looks again; see ``LooksAgain``."""

    def __init__(self, judge: LooksAgain, plain: Judge, pay: Pay) -> None:
        super().__init__(plain, pay)
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

        def again(most: int | None) -> Awaitable[Judgement]:
            return self._looker.look_again(picture, requirements, look, max_requests=most)

        return await self._pay(again, len(requirements), max_requests)


def paid_judge(judge: Judge, pay: Pay) -> Judge:
    """``judge``, paid by ``pay``, with what it can do."""
    return PaidLooker(judge, judge, pay) if isinstance(judge, LooksAgain) else PaidJudge(judge, pay)
