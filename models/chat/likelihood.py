"""How likely a model found each token that it wrote, where its server tells (``logprobs``)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Token:
    """One token of an answer."""

    text: str
    likelihoods: Mapping[str, float]
    """Of it and of what else could have stood there, 0..1 each."""


def read_tokens(logprobs: Any) -> tuple[Token, ...]:
    """The tokens in a completion's ``logprobs``, as OpenAI lays them out; empty: it tells none."""
    content = logprobs.get("content") if isinstance(logprobs, Mapping) else None
    if not isinstance(content, Sequence):
        return ()
    return tuple(read_token(item) for item in content if isinstance(item, Mapping))


def read_token(item: Mapping[str, Any]) -> Token:
    """One of them; numbers that are none count as unlikely."""
    text = str(item.get("token", ""))
    others = item.get("top_logprobs")
    listed = [o for o in others if isinstance(o, Mapping)] if isinstance(others, list) else []
    found = {str(o.get("token", "")): likelihood(o.get("logprob")) for o in listed}
    return Token(text, {text: likelihood(item.get("logprob")), **found})


def likelihood(logprob: Any) -> float:
    """The probability behind its logarithm."""
    usable = isinstance(logprob, int | float) and not math.isnan(logprob)
    return math.exp(min(0.0, logprob)) if usable else 0.0
