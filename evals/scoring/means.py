"""The mean that all scores are made of."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...errors import InputError


def mean(values: Sequence[float]) -> float:
    """The arithmetic mean.

    Raises:
        InputError: there is nothing to take it of.
    """
    if not values:
        raise InputError("there is nothing to score: no prompt of this run has what a score needs")
    return math.fsum(values) / len(values)


def mean_or_none(values: Sequence[float]) -> float | None:
    """The arithmetic mean; None of nothing."""
    return mean(values) if values else None
