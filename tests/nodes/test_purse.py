"""Calls side by side that are paid from one cap, and from one account by many runs."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from gems.errors import BudgetError, Cost
from gems.models.prices import Price
from gems.nodes import purse as purses
from gems.nodes.pots import Pot
from gems.nodes.priced import beforehand
from gems.nodes.purse import Payer, Purse, Purses

CALL = 0.2


class Month:
    """An account that takes a moment to look into, as a database does."""

    name = "month"

    def __init__(self, cap: float) -> None:
        self.cap, self.charged = cap, 0.0
        self._lock = threading.Lock()

    def left(self) -> float:
        left = self.cap - self.charged
        time.sleep(0.002)
        return left

    def refusal(self) -> str:
        return "the month is spent"

    def charge(self, money: float) -> None:
        time.sleep(0.002)
        with self._lock:
            self.charged += money


async def call(
    payer: Payer, kind: str = "reads", money: float = CALL, price: float | None = None
) -> None:
    """One call as ``Bill`` makes it."""
    admitted = await payer.admit(price, kind)
    try:
        await asyncio.sleep(0.01)
    finally:
        await payer.settle(admitted, money)


async def many(payers: list[Payer], calls: int) -> int:
    """How many of so many calls of each at once were refused."""
    made = [call(payer) for payer in payers for _ in range(calls)]
    results = await asyncio.gather(*made, return_exceptions=True)
    assert all(result is None or isinstance(result, BudgetError) for result in results)
    return sum(result is not None for result in results)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purses, "WAIT_SECONDS", 0.005)


def runs(account: Month, number: int) -> list[Payer]:
    """Runs of one process."""
    of = Purses()
    pot = of.pot(account.name)
    return [Payer(of.new(), None, account, capped=True, pot=pot) for _ in range(number)]


@pytest.mark.parametrize("cap", [0.1, 0.95, 1.0, 3.1])
def test_runs_of_one_process_exceed_what_their_key_may_spend_by_one_call(cap: float) -> None:
    account = Month(cap)
    refused = asyncio.run(many(runs(account, 8), 5))
    assert cap - CALL < account.charged < cap + CALL
    assert refused == 40 - round(account.charged / CALL)


@pytest.mark.parametrize("cap", [0.1, 1.0, 3.1])
def test_runs_of_several_processes_exceed_it_by_one_call_each(cap: float) -> None:
    account = Month(cap)
    asyncio.run(many([*runs(account, 3), *runs(account, 3)], 10))
    assert cap <= account.charged < cap + 6 * CALL


def test_far_from_the_cap_calls_are_side_by_side() -> None:
    async def most_at_once() -> int:
        of, account = Purses(), Month(1000.0)
        purse = of.new()
        payer = Payer(purse, 1000.0, account, capped=True, pot=of.pot(account.name))
        await call(payer)
        calls = [asyncio.ensure_future(call(payer)) for _ in range(6)]
        most = 0
        while not all(task.done() for task in calls):
            most = max(most, purse.at_work)
            await asyncio.sleep(0)
        return most

    assert asyncio.run(most_at_once()) == 6


def test_what_nobody_knows_the_price_of_is_asked_once_first() -> None:
    """Else thirty questions at once would all fit into the last cent."""

    async def spent() -> float:
        purse = Purse()
        await many([Payer(purse, 0.1, capped=True)], 30)
        return purse.spent

    assert asyncio.run(spent()) == CALL


def test_the_first_call_of_a_kind_may_fail_and_the_next_finds_out() -> None:
    async def spent() -> float:
        purse = Purse()
        payer = Payer(purse, 0.5, capped=True)
        await asyncio.gather(call(payer, money=0.0), *(call(payer, money=0.2) for _ in range(2)))
        with pytest.raises(BudgetError):
            await many_until_refused(payer)
        return purse.spent

    async def many_until_refused(payer: Payer) -> None:
        for _ in range(9):
            await call(payer)

    assert asyncio.run(spent()) == pytest.approx(0.6)


def test_what_is_set_aside_stays_so_until_it_is_charged() -> None:
    async def seen() -> list[float]:
        account, pot, looks = Month(5.0), Pot(), list[float]()
        payer = Payer(Purse(), None, account, capped=True, pot=pot)
        admitted = await payer.admit(2.0)
        settling = asyncio.ensure_future(payer.settle(admitted, 2.0))
        while not settling.done():
            looks.append(account.charged + pot.aside)
            await asyncio.sleep(0)
        return looks

    assert min(asyncio.run(seen())) >= 2.0


@pytest.mark.parametrize(
    ("price", "free"),
    [
        (Price(input=0, output=0), True),
        (Price(call=0), True),
        (Price(input=0, output=1), False),
        (Price(call=0.1), False),
    ],
)
def test_what_is_free_never_waits(price: Price, free: bool) -> None:
    assert (beforehand(price) == 0.0) is free
    assert price.of(Cost(requests=3, input_tokens=5)) == pytest.approx(0.3 if price.call else 0.0)
