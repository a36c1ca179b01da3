"""How sure an MLLM was of its verdicts, from how likely their words were to it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..chat.likelihood import Token
from .words import read_verdict

SPOKEN = re.compile(r'"verdict"\s*:\s*"?\s*')


def certainties(tokens: Sequence[Token], count: int) -> list[float | None]:
    """For each of ``count`` verdicts in an answer, in order, how sure it is, 0..1: the share of its own
    side among yes and no where its word begins. None: that is not told."""
    text = "".join(token.text for token in tokens)
    starts = [match.end() for match in SPOKEN.finditer(text)]
    if len(starts) != count:
        return [None] * count
    return [certainty(token_at(tokens, start)) for start in starts]


def token_at(tokens: Sequence[Token], position: int) -> Token | None:
    """The token that holds the character at ``position``."""
    end = 0
    for token in tokens:
        end += len(token.text)
        if position < end:
            return token
    return None


def certainty(token: Token | None) -> float | None:
    """The share of a token's own side; None: it is on none."""
    if token is None or (side := side_of(token.text)) not in ("yes", "no"):
        return None
    sides = {"yes": 0.0, "no": 0.0}
    for text, likelihood in token.likelihoods.items():
        if (other := side_of(text)) in sides:
            sides[other] += likelihood
    total = sum(sides.values())
    return sides[side] / total if total else None


def side_of(text: str) -> str:
    """yes, no or neither, by what a token holds of a word."""
    word = re.sub(r'^.*"', "", text).strip()
    return str(read_verdict(word)) if word else ""
