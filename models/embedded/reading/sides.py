"""Reads sides that a clause begins with: "a house in the middle, to the left a tree"."""

from __future__ import annotations

import re

from .portions import NUMBER
from .words import ANY_THING, LIKE, refuse

THING = rf"{LIKE}{ANY_THING}\b"
BEGINS = re.compile(
    r"(?P<gap>[,;.:] ?(?:and )?|\band )(?P<side>(?:and )?to the (?:left|right))(?! of)"
    rf"(?= (?:(?:is|are|there is|there are|stands) )?(?:(?:some|{NUMBER}) {THING}))"
)


def with_sides(text: str) -> str:
    """``text`` in small letters, with "to the left of it" where a clause begins with the side.

    Raises:
        NotInWorldError: several things were named before: to the left of which?
    """
    at, named_by_side = 0, 0
    while match := BEGINS.search(text, at):
        things = len(re.findall(rf"\b{THING}", text[: match.start()])) - named_by_side
        if things > 1:
            raise refuse(f"{match['side']!r} with several things before it (say of which)")
        at, named_by_side = match.end(), named_by_side + 1
        if things:
            text = f"{text[:at]} of it{text[at:]}"
    return text
