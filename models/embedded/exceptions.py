"""Reads what some of a kind are like: "all red except one, which is blue", "the left column red"."""

from __future__ import annotations

import re

from .words import COLOUR, COUNTS, PLURALS, SIZE
from .world import NUMBERS

SEVERAL = r"(?P<number>two|three|four|five|six|seven|eight|[2-8])"
NOUNS = rf"(?P<noun>{'|'.join(PLURALS)})"
LOOK = rf"(?:(?:{COLOUR}|{SIZE})(?: (?={COLOUR}|{SIZE}))?)+"
IS = r"(?: (?:is|are|should be|must be|being|in|coloured|colored))?"
END = r"(?= *(?:[.,;!?]|$))"
BUT = r",? (?:except|but|besides)(?: for)? (?:one|1),?(?: (?:which|that|who))?"
ALL_BUT_ONE = re.compile(
    rf"\b{SEVERAL} {NOUNS},? (?:they are |which are )?all(?: of them)? (?P<rest>{LOOK}){BUT}"
    rf"{IS} (?P<one>{LOOK}){END}"
)
TWO_LINES = re.compile(
    rf"\btwo (?P<line>row|column)s of {SEVERAL} {NOUNS},? (?:with )?the (?P<end>left|right|top|bottom)"
    rf"(?: (?:one|row|column))?{IS} (?P<one>{LOOK}),?(?: and)? the (?:left|right|top|bottom|other)"
    rf"(?: (?:one|row|column))?{IS} (?P<rest>{LOOK}){END}"
)
ENDS = {"left": "left of", "right": "right of", "top": "above", "bottom": "below"}


def with_exceptions(text: str) -> str:
    """``text`` in small letters, what is unlike the others named apart."""
    return TWO_LINES.sub(two_lines, ALL_BUT_ONE.sub(one_and_others, text))


def one_and_others(match: re.Match[str]) -> str:
    """ "four orange dogs and one black dog"; the match itself where they are alike."""
    noun, left = PLURALS[match["noun"]], COUNTS[match["number"]] - 1
    others = f"{NUMBERS[left]} {match['rest']} {noun if left == 1 else match['noun']}"
    return match[0] if match["one"] == match["rest"] else f"{others} and one {match['one']} {noun}"


def two_lines(match: re.Match[str]) -> str:
    """ "a column of three blue circles left of a column of three yellow circles"; the match itself
    where columns stand above each other, or rows side by side."""
    line, end = match["line"], match["end"]
    if (line == "column") != (end in {"left", "right"}) or match["one"] == match["rest"]:
        return match[0]
    one, other = (
        f"a {line} of {match['number']} {match[look]} {match['noun']}" for look in ("one", "rest")
    )
    return f"{one} {ENDS[end]} {other}"
