"""Who pays for a run's calls: what the run may cost, and the account of whoever began it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextvars import ContextVar
from typing import Protocol
from weakref import WeakValueDictionary

from ..errors import BudgetError
from ..models.prices import money_text

WAIT_SECONDS = 0.1
"""Until it is looked again what the calls at work came to."""
HAIR = 1e-9
"""Of a cap; sums of prices are off by less."""


class Account(Protocol):
    """What somebody may spend in all their runs. May be used from any thread; every method may block,
    and raises StorageError where what was spent cannot be read or noted."""

    def left(self) -> float | None:
        """What is left of it; None: it has no cap."""
        ...

    def refusal(self) -> str:
        """What is told to whoever asks for more than is left, in one line."""
        ...

    def charge(self, money: float) -> None:
        """Notes that so much was spent."""
        ...


class Purse:
    """What a run has spent so far, calls that are not in its state yet among it.

    Attributes:
        spent: money.
        at_work: how many calls are.
        aside: what they are taken to cost.
        dearest: what the dearest call has cost.
    """

    def __init__(self, spent: float = 0.0, dearest: float = 0.0) -> None:
        self.spent = spent
        self.at_work = 0
        self.aside = 0.0
        self.dearest = dearest


class Purses:
    """The purses of the runs at work in this process; the tasks of one step share one."""

    def __init__(self) -> None:
        self._purses: WeakValueDictionary[str, Purse] = WeakValueDictionary()

    def of(self, run: str, spent: float, noted: Callable[[], tuple[float, float]]) -> Purse:
        """The purse of ``run``. May block.

        Args:
            run: what its tasks have in common.
            spent: by its state.
            noted: what the answers cost that were noted of it, some of which its state may lack, and
                the dearest call.
        """
        purse = self._purses.get(run)
        if purse is None:
            known, dearest = noted()
            purse = Purse(max(spent, known), dearest)
            # Another task of the step may have made one meanwhile.
            purse = self._purses.setdefault(run, purse)
        purse.spent = max(purse.spent, spent)
        return purse


class Pays(Protocol):
    """Who pays for calls, or refuses to."""

    async def admit(self, price: float | None) -> float:
        """What is set aside for a call, until ``settle``; ``price``: what it costs, None where that
        shows when it is answered. Raises where the call is not to be made."""
        ...

    async def settle(self, aside: float, money: float, *, call: bool = False) -> None:
        """Notes what came of an admitted call; ``call``: the next ones may cost as much."""
        ...

    def refuse(self, why: str) -> None:
        """Has nothing be paid any more, where money is capped."""
        ...


class Payer:
    """Pays for the calls of one task, or refuses to; see ``Pays``.

    Args:
        purse: the run's.
        cap: what the run may cost; None: any.
        account: of whoever began it; None: nobody's.
        capped: whether run or account have a cap.

    Attributes:
        refused: why a call was not made, in one line; empty: all of them were.
    """

    def __init__(
        self,
        purse: Purse,
        cap: float | None = None,
        account: Account | None = None,
        *,
        capped: bool = False,
    ) -> None:
        self._purse = purse
        self._cap = cap
        self._account = account
        self._capped = capped
        self.refused = ""

    async def admit(self, price: float | None) -> float:
        """Waits, where the calls at work may use up the cap, until it is known whether they do.

        Args:
            price: what the call costs; None: that shows when it is answered.

        Returns:
            What is set aside for it; ``settle`` takes it back.

        Raises:
            BudgetError: the call is not to be made.
        """
        purse, expected = self._purse, self._purse.dearest if price is None else price
        while price != 0:
            await self._check(price or 0.0)
            if self._cap is None or not purse.at_work or self._fits(purse.aside + expected):
                break
            await asyncio.sleep(WAIT_SECONDS)
        purse.at_work += 1
        purse.aside += expected
        return expected

    async def settle(self, aside: float, money: float, *, call: bool = False) -> None:
        """Notes what came of an admitted call; ``call``: the next ones may cost as much.

        Raises:
            StorageError: it cannot be noted.
        """
        purse = self._purse
        purse.at_work -= 1
        purse.aside -= aside
        purse.spent += money
        purse.dearest = max(purse.dearest, money if call else 0.0)
        if money and self._account is not None:
            await asyncio.to_thread(self._account.charge, money)

    def refuse(self, why: str) -> None:
        """Has nothing be paid any more, where money is capped."""
        if self._capped:
            self.refused = why

    def affordable(self, price: float | None, wanted: int) -> int:
        """How many of ``wanted`` things can be paid, at least one: that one is refused, not left out.
        May block."""
        bounds = [] if self._cap is None else [self._cap - self._purse.spent - self._purse.aside]
        if self._account is not None and (left := self._account.left()) is not None:
            bounds.append(left)
        if not price or not bounds:
            return wanted
        return max(1, min(wanted, math.floor(min(bounds) / price * (1 + HAIR))))

    async def check(self) -> None:
        """Checks that anything at all may be paid.

        Raises:
            BudgetError: it may not.
        """
        await self._check(0.0)

    async def _check(self, price: float) -> None:
        if not self.refused and (self._is_spent() or not self._fits(price)):
            self.refused = spent_text(self._purse.spent, self._cap or 0.0, price)
        if not self.refused and self._account is not None:
            left = await asyncio.to_thread(self._account.left)
            if left is not None and (left <= 0 or left * (1 + HAIR) < price):
                self.refused = await asyncio.to_thread(self._account.refusal)
        if self.refused:
            raise BudgetError(self.refused)

    def _is_spent(self) -> bool:
        return self._cap is not None and self._purse.spent >= self._cap

    def _fits(self, more: float) -> bool:
        return self._cap is None or self._purse.spent + more <= self._cap * (1 + HAIR)


PAYER: ContextVar[Payer | None] = ContextVar("PAYER", default=None)
"""Of the task at work; None: nobody counts."""


def spent_text(spent: float, cap: float, price: float = 0.0) -> str:
    """Why a run pays nothing any more, in one line; ``price``: what it would pay next."""
    needs = f", and what comes next takes {money_text(price)}" if price else ""
    of = f"the run has cost {money_text(spent)} of max_cost = {money_text(cap)}"
    return f"{of}{needs}: a higher one lets it go on"


def payer() -> Payer:
    """Who pays for the task at work; outside of a run nobody does."""
    return PAYER.get() or Payer(Purse())
