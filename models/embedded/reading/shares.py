"""Reads shares of a number: "half of the six apples red and the other half green"."""

from __future__ import annotations

import re

from ..world import NUMBERS
from .words import ANY_LOOK as LOOK
from .words import ANY_PLURAL, COUNTS, LIKE, PLURALS

NUMBER = rf"(?P<number>{'|'.join(word for word, count in COUNTS.items() if count > 1)})"
THINGS = rf"(?P<like>{LIKE})(?P<noun>{'|'.join(PLURALS)})\b"
IS = r"(?:,? (?:should be|must be|is|are|being|in|coloured|colored))?"
FRACTIONS = {"half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "eighth": 8}
FRACTION = rf"(?P<several>an?|one|two|three|four)? ?(?P<fraction>{'|'.join(FRACTIONS)})s?"
OTHERS = (
    r"(?:the other half|half(?: of them)?|the other (?:two|three|four|five|six)"
    r"(?: (?:thirds|quarters))?"
    r"|the (?:rest|others|remaining ones|remainder)(?: of them)?)"
)
AND = r"(?:,? (?:and|but)|[,;])"
BEFORE = re.compile(
    rf"\b{FRACTION} (?:of )?(?:the |my )?{NUMBER} {THINGS}{IS} (?P<one>{LOOK}){AND} {OTHERS}{IS} "
    rf"(?P<rest>{LOOK})(?!\w| [a-z]+s\b)"
)
AFTER = re.compile(
    rf"\b{NUMBER} {THINGS}(?P<where>[^.;!?]*?)[,;:]? (?:and |with )?(?:exactly )?{FRACTION} of "
    rf"(?:them|which|these){IS} (?P<one>{LOOK}){AND} {OTHERS}{IS} (?P<rest>{LOOK})(?!\w| [a-z]+s\b)"
)


def with_shares(text: str) -> str:
    """``text`` in small letters, with numbers for the shares of one."""
    return AFTER.sub(shared, BEFORE.sub(shared, text))


def shared(match: re.Match[str]) -> str:
    """ "four triangles, one green and three red"; the match itself where the share is no number."""
    number, parts = COUNTS[match["number"]], FRACTIONS[match["fraction"]]
    some, left = divmod(number * COUNTS.get(match["several"] or "one", 1), parts)
    where = match.groupdict().get("where") or ""
    if left or not 0 < some < number or re.search(rf"\b{ANY_PLURAL}\b", where):
        return match[0]
    things = f"{match['number']} {match['like']}{match['noun']}{where}"
    return f"{things}, {NUMBERS[some]} {match['one']} and {NUMBERS[number - some]} {match['rest']}"
