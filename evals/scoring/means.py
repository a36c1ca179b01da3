"""The means that all scores are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import add

import numpy as np

from ...errors import InputError


def total(values: Iterable[float]) -> float:
    """The sum, added up from left to right as the official scripts do under Python 3.11, so that a
    figure on the edge is rounded to the same digit; from 3.12 on ``sum`` is more exact."""
    return reduce(add, values, 0.0)


def mean(values: Sequence[float]) -> float:
    """The arithmetic mean.

    Raises:
        InputError: there is nothing to take it of.
    """
    if not values:
        raise InputError("there is nothing to score: no prompt of this run has what a score needs")
    return total(values) / len(values)


def mean_or_none(values: Sequence[float]) -> float | None:
    """The arithmetic mean; None of nothing."""
    return mean(values) if values else None


def pairwise_mean(values: Sequence[float]) -> float | None:
    """The arithmetic mean as NumPy and pandas add it up; None of nothing."""
    return float(np.mean(values)) if values else None
