"""Leaves out that nothing stands beside or between things where nothing else is asked for."""

from __future__ import annotations

import re

from .looks import NAMED
from .words import ANY_THING, NOUNS

END = r"(?= *(?:[.,;!?]|$))"
BETWEEN = re.compile(rf",? (?:and |with )?nothing (?:else )?(?:in )?between(?: (?:them|the two))?{END}")
BESIDE = re.compile(
    r"\b(?:with |and |has )?nothing (?:around|beside|next to|near|behind)(?: (?:it|them))?\b"
)
THING = re.compile(rf"\b{ANY_THING}\b")


def without_emptiness(text: str) -> str:
    """``text`` in small letters without what is empty beside its only thing or between two."""
    text = BETWEEN.sub(nothing_between, text)
    things = THING.findall(text)
    return BESIDE.sub("", text) if len(things) == 1 and things[0] in NOUNS else text


def nothing_between(match: re.Match[str]) -> str:
    """Nothing, where only two things are named, and where they stand, so that nothing can stand
    between them."""
    named = [m for m in NAMED.finditer(match.string) if not m["article"]]
    placed = re.search(r"\b(?:left|right|top|bottom)\b", match.string)
    return "" if len(named) == 2 and placed else match[0]
