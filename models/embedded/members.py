"""Relations to one of several: "each below its own hat", "above the middle of the hearts"."""

from __future__ import annotations

import re

BASES = ("above", "below", "left of", "right of", "next to")
OWN = " its own"
RANKS = ("left", "right", "top", "bottom", "middle")
SINGLED = re.compile(rf"(?P<base>{'|'.join(BASES)})(?:{OWN}| the (?P<rank>{'|'.join(RANKS)}) of)")
"""The names of such relations: one object for each subject, or the one that stands there."""
SINGLES = "|".join(f"{base}(?:{OWN}| the (?:{'|'.join(RANKS)}) of)" for base in BASES)


def base_of(name: str) -> str:
    """The plain relation in a relation's name."""
    found = SINGLED.fullmatch(name)
    return found["base"] if found else name


def is_shared_out(name: str) -> bool:
    """Whether every subject has an object of its own."""
    return name.endswith(OWN)


def rank_of(name: str) -> str | None:
    """Which of the objects is meant; None: not one by where it stands."""
    found = SINGLED.fullmatch(name)
    return found["rank"] if found else None


def is_singled(name: str) -> bool:
    """Whether a relation is to one of several."""
    return SINGLED.fullmatch(name) is not None
