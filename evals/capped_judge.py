"""Judges of other packages, whose requests are paid from a purse. An MLLM pays for its own."""

from __future__ import annotations

from ..errors import BackendError
from ..models.judges.judge import Judge, Judgement
from ..models.judges.wrapped import Look, paid_judge
from .caps import Purse


def capped_judge(judge: Judge, purse: Purse, requests: int) -> Judge:
    """``judge``, paid from ``purse``, with what it can do; ``requests``: what one requirement may take.

    Its calls also raise CapError where nothing is left to pay them with.
    """

    async def pay(look: Look, asked: int, most: int | None) -> Judgement:
        wanted = min(asked * requests, most or asked * requests)
        paid = await purse.pay("mllm_calls", 1, max(1, wanted))
        used = 0
        try:
            judgement = await look(paid)
            used = judgement.cost.requests
        except BackendError as exc:
            used = exc.cost.requests
            raise
        finally:
            purse.settle("mllm_calls", paid, used)
        return judgement

    return paid_judge(judge, pay)
