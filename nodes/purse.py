"""Who pays for a run's calls: what the run may cost, and the account of whoever began it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextvars import ContextVar
from typing import Protocol
from weakref import WeakValueDictionary

from ..errors import BudgetError, Cost
from ..models.prices import money_text
from .pots import Admitted, CallCosts, Pot

WAIT_SECONDS = 0.1
"""Until it is looked again what the calls at work came to."""
HAIR = 1e-9
"""Of a cap; sums of prices are off by less."""
NEAR = 100
"""Calls at work in other processes that charge the same account, at most: where it has no room for as
many, each run makes one call at a time."""


class Account(Protocol):
    """What somebody may spend in all their runs. May be used from any thread; every method may block,
    and raises StorageError where what was spent cannot be read or noted."""

    @property
    def name(self) -> str:
        """What tells it from others."""
        ...

    def left(self) -> float | None:
        """What is left of it; None: it has no cap."""
        ...

    def refusal(self) -> str:
        """What is told to whoever asks for more than is left, in one line."""
        ...

    def charge(self, money: float) -> None:
        """Notes that so much was spent."""
        ...


class Purse(Pot):
    """What a run has spent so far, calls that are not in its state yet among it.

    Attributes:
        spent: money.
        costs: what calls are taken to cost.
    """

    def __init__(self, spent: float = 0.0, costs: CallCosts | None = None) -> None:
        super().__init__()
        self.spent = spent
        self.costs = costs or CallCosts()


class Purses:
    """The purses of the runs at work in this process, of which the tasks of one step share one; and
    what the calls of all of them set aside, by account."""

    def __init__(self) -> None:
        self._purses: WeakValueDictionary[str, Purse] = WeakValueDictionary()
        self._pots: dict[str, Pot] = {}
        self._costs = CallCosts()

    def new(self) -> Purse:
        """The purse of a run that begins."""
        return Purse(0.0, self._costs)

    def of(self, run: str, spent: float, noted: Callable[[], float]) -> Purse:
        """The purse of ``run``. May block.

        Args:
            run: what its tasks have in common.
            spent: by its state.
            noted: what the answers cost that were noted of it, some of which its state may lack.
        """
        purse = self._purses.get(run)
        if purse is None:
            purse = Purse(max(spent, noted()), self._costs)
            # Another task of the step may have made one meanwhile.
            purse = self._purses.setdefault(run, purse)
        purse.spent = max(purse.spent, spent)
        return purse

    def pot(self, account: str) -> Pot:
        """What is set aside of an account."""
        return self._pots.setdefault(account, Pot())


class Pays(Protocol):
    """Who pays for calls, or refuses to."""

    async def admit(self, price: float | None, kind: str = "") -> Admitted:
        """Lets a call be made, and sets aside what it may cost until ``settle`` is told of it.

        Args:
            price: what the call costs; None: that shows when it is answered.
            kind: of calls that cost about the same.

        Raises where the call is not to be made.
        """
        ...

    async def settle(self, call: Admitted, money: float) -> None:
        """Notes what came of an admitted call."""
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
        pot: what all runs of this process set aside of the account.

    Attributes:
        refused: why a call was not made, in one line; empty: all of them were.
        beside: what calls cost that no answer of a role brings along, as embeddings.
    """

    def __init__(
        self,
        purse: Purse,
        cap: float | None = None,
        account: Account | None = None,
        *,
        capped: bool = False,
        pot: Pot | None = None,
    ) -> None:
        self._purse = purse
        self._cap = cap
        self._account = account
        self._capped = capped
        self._pot = pot or Pot()
        self.refused = ""
        self.beside = Cost()

    async def admit(self, price: float | None, kind: str = "") -> Admitted:
        """See ``Pays``; waits, where the calls at work may use up a cap, until it is known whether they
        do.

        Raises:
            BudgetError: the call is not to be made.
        """
        expected = price
        while price != 0:
            left = await self._check(price or 0.0)
            expected = self._purse.costs.expected(kind) if price is None else price
            if self._may_begin(expected, left):
                break
            await asyncio.sleep(WAIT_SECONDS)
        call = Admitted(kind if price is None else None, expected or 0.0)
        if call.kind is not None:
            self._purse.costs.begin(call.kind)
        for pot in (self._purse, self._pot):
            pot.set_aside(call.aside)
        return call

    async def settle(self, call: Admitted, money: float) -> None:
        """See ``Pays``; what was set aside stays so until the account is charged.

        Raises:
            StorageError: it cannot be noted.
        """
        try:
            if money and self._account is not None:
                await asyncio.to_thread(self._account.charge, money)
        finally:
            self._purse.spent += money
            if call.kind is not None:
                self._purse.costs.end(call.kind, money)
            for pot in (self._purse, self._pot):
                pot.settle(call.aside)

    def _may_begin(self, expected: float | None, left: float | None) -> bool:
        """Whether a call fits beside those at work into what is left of the cap and of the account.

        Args:
            expected: what it may cost; None: what the first of its kind costs is being found out.
            left: of the account; None: it has no cap.
        """
        if self._cap is None and left is None:
            return True
        if expected is None or not self._purse.has_room(self._left(), expected):
            return False
        if left is None:
            return True
        alone = not self._purse.at_work
        return self._pot.has_room(left, expected) and (alone or left >= NEAR * expected)

    def note_beside(self, cost: Cost) -> None:
        """Notes what a call cost of which its task says nothing."""
        self.beside += cost

    def refuse(self, why: str) -> None:
        """Has nothing be paid any more, where money is capped."""
        if self._capped:
            self.refused = why

    def affordable(self, price: float | None, wanted: int) -> int:
        """How many of ``wanted`` things can be paid, at least one: that one is refused, not left out.
        May block."""
        bounds = [] if self._cap is None else [self._left() - self._purse.aside]
        if self._account is not None and (left := self._account.left()) is not None:
            bounds.append(left - self._pot.aside)
        if not price or not bounds:
            return wanted
        return max(1, min(wanted, math.floor(min(bounds) / price * (1 + HAIR))))

    async def check(self) -> None:
        """Checks that anything at all may be paid.

        Raises:
            BudgetError: it may not.
        """
        await self._check(0.0)

    async def _check(self, price: float) -> float | None:
        """Checks that ``price`` may be paid; 0: that anything may.

        Returns:
            What is left of the account; None: it has no cap.

        Raises:
            BudgetError: it may not.
        """
        left = None
        if not self.refused and (self._is_spent() or price > self._left()):
            self.refused = spent_text(self._purse.spent, self._cap or 0.0, price)
        if not self.refused and self._account is not None:
            left = await self._left_of(self._account)
            if left is not None and (left <= 0 or left * (1 + HAIR) < price):
                self.refused = await asyncio.to_thread(self._account.refusal)
        if self.refused:
            raise BudgetError(self.refused)
        return left

    async def _left_of(self, account: Account) -> float | None:
        """What is left of the account, read while no call of this process was charged to it."""
        while True:
            settled = self._pot.settled
            left = await asyncio.to_thread(account.left)
            if left is None or self._pot.settled == settled:
                return left

    def _left(self) -> float:
        """What is left of the run's cap, calls at work aside; without one, everything."""
        return math.inf if self._cap is None else self._cap * (1 + HAIR) - self._purse.spent

    def _is_spent(self) -> bool:
        return self._cap is not None and self._purse.spent >= self._cap


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
