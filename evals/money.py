"""A cap on what a whole evaluation may cost in money, held by all of its workers and its judge."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import CapError
from ..models.prices import Price, missing_price, money_text, read_prices
from ..nodes.pots import Admitted
from ..nodes.purse import HAIR
from ..settings import Settings
from .blocks import parse_line
from .caps import Caps
from .sharing import Sharing, alone

WAIT_SECONDS = 0.05
"""Until it is looked again what the calls at work came to."""
LOOP = "loop"
"""Who spends what planning, drawing and verifying cost; a judge has a name of its own."""


class Costs:
    """What a benchmark's runs and judges cost, by the operator's prices."""

    def __init__(self, settings: Settings) -> None:
        self.prices = read_prices(settings.prices)
        self._model = self.prices.calls(settings.mllm) or Price()
        self._picture = self.prices.picture(settings.generator) or 0.0

    def of(self, used: Mapping[str, Any]) -> float:
        """What a run has cost that used so much; as its MLLM's, where it began without prices."""
        if (known := used.get("cost")) is not None:
            return float(known)
        tokens = (used["mllm_calls"], used["input_tokens"], used["output_tokens"])
        return self._model.total(*tokens) + self._picture * float(used["images"])

    def check_judge(self, name: str) -> Price:
        """What a judge's calls cost.

        Raises:
            InputError: there is no price for them.
        """
        price = self.prices.calls(name.removeprefix("mllm:"))
        if price is None:
            raise missing_price(name.removeprefix("mllm:"), "a call")
        return price


class MoneyPurse:
    """Pays for the calls of one spender on a folder; see ``nodes.purse.Pays``.

    Each payment is a line of ``money.jsonl`` before its call is made, and what it cost more or less
    another one afterwards. What a call costs by its tokens shows when it is answered: as much as the
    dearest so far is set aside, and until one is known one is made at a time. So the cap is passed by
    no more than calls at work cost beyond that.

    Args:
        cap: what all spenders together may spend.
        folder: the evaluation's.
        sharing: how its workers share.
        spender: whose calls are paid.
    """

    def __init__(self, cap: float, folder: Path, sharing: Sharing, spender: str = LOOP) -> None:
        self._cap = cap
        self._sharing = sharing
        self._log = sharing.log(folder / "money.jsonl")
        self._spender = spender
        self._spent: dict[str, float] = {}
        self._dearest = 0.0
        self._at_work = 0
        self._refused = ""

    def begin(self, spent: float) -> None:
        """Notes what the spender spent in this folder while nobody counted, of ``spent`` in all."""
        with alone(self._sharing, "money"):
            self._read()
            self._note(max(0.0, spent - self._spent.get(self._spender, 0.0)))

    async def admit(self, price: float | None, kind: str = "") -> Admitted:
        """See ``Pays``; all kinds are taken to cost as much.

        Raises:
            CapError: the cap does not allow the call.
        """
        while (aside := self._take(price)) is None:
            if not self._at_work or self._refused:
                raise CapError(self._said(self._dearest if price is None else price))
            await asyncio.sleep(WAIT_SECONDS)
        self._at_work += 1
        return Admitted(kind if price is None else None, aside)

    async def settle(self, call: Admitted, money: float) -> None:
        """See ``Pays``."""
        self._at_work -= 1
        self._note(money - call.aside, 0.0 if call.kind is None else money)

    def refuse(self, why: str) -> None:
        """See ``Pays``."""
        self._refused = why

    def _take(self, price: float | None) -> float | None:
        """Sets aside what a call may cost; None: not now."""
        if price == 0:
            return 0.0
        with alone(self._sharing, "money"):
            self._read()
            aside = self._dearest if price is None else price
            # The first one tells what the others may cost.
            if self._refused or not self._fits(aside) or (not aside and self._at_work):
                return None
            self._note(aside)
        return aside

    def _fits(self, more: float) -> bool:
        spent = sum(self._spent.values())
        return spent < self._cap and spent + more <= self._cap * (1 + HAIR)

    def _said(self, needs: float) -> str:
        spent = money_text(sum(self._spent.values()))
        why = self._refused or f"the cap is {money_text(self._cap)}, and the next call may take " + (
            money_text(needs) if needs else "anything"
        )
        return (
            f"stopped at a cost of {spent}: {why}; what is paid for is kept, and the same command with "
            "a higher --max-cost goes on"
        )

    def _note(self, amount: float, call: float = 0.0) -> None:
        if amount or call:
            self._log.append(json.dumps({"spender": self._spender, "money": amount, "call": call}))

    def _read(self) -> None:
        for line in self._log.lines():
            entry = parse_line(line) or {}
            spender = entry.get("spender", "")
            self._spent[spender] = self._spent.get(spender, 0.0) + entry.get("money", 0.0)
            self._dearest = max(self._dearest, entry.get("call", 0.0))


def money_purse(caps: Caps, folder: Path, sharing: Sharing, spender: str = LOOP) -> MoneyPurse | None:
    """The purse of a spender; None where money has no cap."""
    return None if caps.cost is None else MoneyPurse(caps.cost, folder, sharing, spender)
