"""The judge of a task whose calls are paid from an evaluation's purse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import BackendError, Cost
from ...models.prices import Price
from ...nodes.priced import Bill, beforehand
from ...settings import Settings
from ..money import Costs, MoneyPurse
from ..sharing import Sharing
from .judging import AnswerFile, Asked
from .plan import TaskPlan


class PaidAsked:
    """Who is asked; see ``Asked``. Its calls also raise CapError where they cannot be paid."""

    def __init__(self, judge: Asked, price: Price, purse: MoneyPurse) -> None:
        self._judge = judge
        self._price = price
        self._purse = purse

    @property
    def name(self) -> str:
        """See ``Asked``."""
        return self._judge.name

    async def ask(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """See ``Asked``."""
        async with Bill(beforehand(self._price), self._purse) as bill:
            try:
                completion = await self._judge.ask(body)
            except BackendError as exc:
                bill.failed(exc, self._price)
                raise
            bill.priced(cost_of(completion), self._price, self.name)
        return completion


def cost_of(completion: Mapping[str, Any]) -> Cost:
    """What a completion took, as its server says."""
    usage = completion["usage"]
    return Cost(1, usage.get("prompt_tokens") or 0, usage.get("completion_tokens") or 0)


def paid_by(
    cap: float, judge: Asked, plan: TaskPlan, settings: Settings, sharing: Sharing
) -> PaidAsked:
    """``judge``, paid for on a task's folder, with what it cost there before.

    Raises:
        InputError: there is no price for it.
    """
    price = Costs(settings).check_judge(judge.name)
    file = AnswerFile(plan, judge.name, sharing)
    sharing.settle()
    usage = file.usage()
    purse = MoneyPurse(cap, plan.out, sharing, file.path.stem)
    purse.begin(price.total(usage["calls"], usage["input_tokens"], usage["output_tokens"]))
    return PaidAsked(judge, price, purse)
