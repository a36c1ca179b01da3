"""Models whose calls are paid: asked for beforehand, counted afterwards, by the operator's prices.

What a killed task was answered is taken from its notes before anything here is asked, so that nothing
is paid or counted twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import BackendError, Cost
from ..models.chat.mllm import MLLM, AnswerT, Reply, Role
from ..models.chat.wrapped import WrappedMLLM
from ..models.embedders.embedder import Pay, Request, unpaid
from ..models.judges.judge import Judge, Judgement
from ..models.judges.wrapped import Look, paid_judge
from ..models.pictures.generator import Draw, Generator, OnStep, Picture
from ..models.pictures.wrapped import WrappedGenerator
from ..models.prices import Price, Prices
from .pots import Admitted
from .purse import Pays, payer


class Bill:
    """One call: paid for while it is entered, as an asynchronous context manager.

    Args:
        price: what it costs; None: that shows when it is answered.
        by: who pays; None: who does for the task at work.
        kind: of calls that cost about the same.

    Attributes:
        money: what it came to, which whoever makes the call notes here.

    Raises on entering:
        BudgetError: the call is not to be made; of another payer, what that one raises.
    """

    def __init__(self, price: float | None, by: Pays | None = None, kind: str = "") -> None:
        self._price = price
        self._kind = kind
        self._payer = by or payer()
        self._call: Admitted | None = None
        self.money = 0.0

    async def __aenter__(self) -> Bill:
        self._call = await self._payer.admit(self._price, self._kind)
        return self

    async def __aexit__(self, *failure: object) -> None:
        if self._call is not None:
            await self._payer.settle(self._call, self.money)

    def priced(self, cost: Cost, price: Price, name: str) -> Cost:
        """``cost`` with its money, for a call that was answered; unknown where the server does not say
        how many tokens that took."""
        if cost.requests and price.by_tokens and not cost.input_tokens:
            self._payer.refuse(
                f"{name} does not say how many tokens it used, so that what it costs is not known: "
                "give it a price a call, or leave out the cap on money"
            )
            return replace(cost, money=None)
        self.money = price.of(cost)
        return replace(cost, money=self.money)

    def failed(self, exc: BackendError, price: Price) -> None:
        """Notes in an error what it cost all the same."""
        self.money = price.of(exc.cost)
        exc.cost = replace(exc.cost, money=self.money)


def beforehand(price: Price) -> float | None:
    """What a call costs, where that is known before it is answered."""
    return None if price.by_tokens or price.call else 0.0


class PricedMLLM(WrappedMLLM):
    """An MLLM whose replies say what they cost; see ``MLLM``, and ``Bill`` for ``by``."""

    def __init__(self, mllm: MLLM, price: Price, by: Pays | None = None) -> None:
        super().__init__(mllm)
        self._price = price
        self._by = by

    async def ask(
        self,
        role: Role[AnswerT],
        fields: Mapping[str, Any],
        images: Sequence[Path] = (),
        *,
        max_requests: int | None = None,
    ) -> Reply[AnswerT]:
        """See ``MLLM.ask``.

        Raises:
            BudgetError: there is nothing left to pay it with.
        """
        kind = f"{self.name} {'sees' if images else 'reads'}"
        async with Bill(beforehand(self._price), self._by, kind) as bill:
            try:
                reply = await self._mllm.ask(role, fields, images, max_requests=max_requests)
            except BackendError as exc:
                bill.failed(exc, self._price)
                raise
            return replace(reply, cost=bill.priced(reply.cost, self._price, self.name))


class PricedGenerator(WrappedGenerator):
    """A generator whose pictures are paid; see ``Generator``, and ``Bill`` for ``by``."""

    def __init__(self, generator: Generator, price: float, by: Pays | None = None) -> None:
        super().__init__(generator)
        self._price = price
        self._by = by

    async def draw(self, draws: Sequence[Draw], on_step: OnStep | None = None) -> list[Picture]:
        """See ``Generator.draw``; what fails costs nothing.

        Raises:
            BudgetError: there is too little left to pay all of them with.
        """
        async with Bill(len(draws) * self._price, self._by) as bill:
            pictures = await self._generator.draw(draws, on_step)
            bill.money = len(pictures) * self._price
        return pictures


def priced_mllm(mllm: MLLM, prices: Prices, by: Pays | None = None) -> MLLM:
    """``mllm``, paid for where it has a price; ``by``: see ``Bill``."""
    price = prices.calls(mllm.name)
    return mllm if price is None else PricedMLLM(mllm, price, by)


def priced_generator(generator: Generator, prices: Prices, by: Pays | None = None) -> Generator:
    """``generator``, paid for where it has a price; ``by``: see ``Bill``."""
    price = prices.picture(generator.name)
    return generator if price is None else PricedGenerator(generator, price, by)


def priced_judge(judge: Judge, prices: Prices, by: Pays | None = None) -> Judge:
    """``judge``, paid for where it, or the MLLM that it is, has a price; ``by``: see ``Bill``."""
    price = prices.calls(judge.name.removeprefix("mllm:"))
    if price is None:
        return judge

    async def pay(look: Look, asked: int, most: int | None) -> Judgement:
        async with Bill(beforehand(price), by, judge.name) as bill:
            try:
                judgement = await look(most)
            except BackendError as exc:
                bill.failed(exc, price)
                raise
            return replace(judgement, cost=bill.priced(judgement.cost, price, judge.name))

    return paid_judge(judge, pay)


def paid_embeddings(name: str, prices: Prices) -> Pay:
    """Who makes the requests of the embedder of that name: whoever's task asks pays for them, where it
    has a price."""
    price = prices.calls(name)
    if price is None:
        return unpaid

    async def pay(request: Request) -> list[list[float]]:
        async with Bill(beforehand(price), kind=f"{name} embeds") as bill:
            try:
                vectors, cost = await request()
            except BackendError as exc:
                bill.failed(exc, price)
                raise
            payer().note_beside(bill.priced(cost, price, name))
        return vectors

    return pay
