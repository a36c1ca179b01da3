"""Caps on what a whole benchmark may spend, held by all of its workers together."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..errors import BackendError, CapError
from ..models.chat.mllm import MLLM, AnswerT, Reply, Role
from ..models.chat.wrapped import WrappedMLLM
from ..models.pictures.generator import Draw, Generator, OnStep, Picture
from ..models.pictures.wrapped import WrappedGenerator
from .blocks import parse_line
from .sharing import Sharing, alone

Kind = Literal["images", "mllm_calls"]
KINDS: tuple[Kind, ...] = ("images", "mllm_calls")
REPAIRS = 2
"""Requests that a question may take beside itself and its retries."""
WAIT_SECONDS = 0.05
"""Until it is looked again whether something was given back."""


@dataclass(frozen=True)
class Caps:
    """Upper limits over all arms; None: none."""

    images: int | None = None
    mllm_calls: int | None = None
    cost: float | None = None
    """Money, by the operator's prices; see ``MoneyPurse``."""

    def __bool__(self) -> bool:
        return (self.images, self.mllm_calls, self.cost) != (None, None, None)


NO_CAPS = Caps()


class Purse:
    """What the workers on a folder have spent. Each payment is a line of ``spent.jsonl`` before it is
    made, and what it turns out not to have cost is a line less; so no cap is ever exceeded."""

    def __init__(self, caps: Caps, folder: Path, sharing: Sharing) -> None:
        self._caps = caps
        self._sharing = sharing
        self._log = sharing.log(folder / "spent.jsonl")
        self._spent = dict.fromkeys(KINDS, 0)
        self._open = dict.fromkeys(KINDS, 0)

    def begin(self, spent: Mapping[str, int]) -> None:
        """Notes what was spent in this folder while nobody counted, of ``spent`` in all."""
        with alone(self._sharing, "spent"):
            self._read()
            for kind in KINDS:
                self._note(kind, max(0, spent[kind] - self._spent[kind]))

    async def pay(self, kind: Kind, least: int, most: int) -> int:
        """How much may be spent now, ``least`` to ``most``; waits for what this worker may get back.

        Raises:
            CapError: less than ``least`` is left.
        """
        cap: int | None = getattr(self._caps, kind)
        if cap is None:
            return most
        while (paid := self._take(kind, least, most, cap)) is None:
            if not self._open[kind]:
                option = kind.replace("_", "-")
                raise CapError(
                    f"stopped at {self._spent[kind]} {kind.replace('_', ' ')}: the cap is {cap}; what "
                    f"is paid for is kept, and the same command with a higher --max-{option} goes on"
                )
            await asyncio.sleep(WAIT_SECONDS)
        return paid

    def _take(self, kind: Kind, least: int, most: int, cap: int) -> int | None:
        with alone(self._sharing, "spent"):
            self._read()
            left = cap - self._spent[kind]
            if left < least:
                return None
            self._note(kind, min(left, most))
            self._open[kind] += 1
        return min(left, most)

    def settle(self, kind: Kind, paid: int, used: int) -> None:
        """Gives back what a payment did not use."""
        if getattr(self._caps, kind) is not None:
            self._open[kind] -= 1
            self._note(kind, used - paid)

    def _note(self, kind: Kind, amount: int) -> None:
        if amount:
            self._log.append(json.dumps({kind: amount}))

    def _read(self) -> None:
        for line in self._log.lines():
            entry = parse_line(line) or {}
            for kind in KINDS:
                self._spent[kind] += entry.get(kind, 0)


class CappedMLLM(WrappedMLLM):
    """An MLLM whose requests are paid from a purse; see ``MLLM``."""

    def __init__(self, mllm: MLLM, purse: Purse, requests: int) -> None:
        super().__init__(mllm)
        self._purse = purse
        self._requests = requests

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
            CapError: nothing is left to pay it with.
        """
        wanted = min(self._requests, max_requests or self._requests)
        paid = await self._purse.pay("mllm_calls", 1, wanted)
        used = 1
        try:
            reply = await self._mllm.ask(role, fields, images, max_requests=paid)
            used = reply.cost.requests
        except BackendError as exc:
            used = exc.cost.requests
            raise
        finally:
            self._purse.settle("mllm_calls", paid, used)
        return reply


class CappedGenerator(WrappedGenerator):
    """A generator whose pictures are paid from a purse; see ``Generator``."""

    def __init__(self, generator: Generator, purse: Purse) -> None:
        super().__init__(generator)
        self._purse = purse

    async def draw(self, draws: Sequence[Draw], on_step: OnStep | None = None) -> list[Picture]:
        """See ``Generator.draw``; all of them are paid for, or none.

        Raises:
            CapError: too little is left to pay them with.
        """
        count = len(draws)
        paid = await self._purse.pay("images", count, count)
        drawn = count
        try:
            pictures = await self._generator.draw(draws, on_step)
            drawn = len(pictures)
        except BackendError:
            drawn = 0
            raise
        finally:
            self._purse.settle("images", paid, drawn)
        return pictures
