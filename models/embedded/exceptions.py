"""Reads what some of a kind are like: "all red except one, which is blue"."""

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

ALL_BUT = re.compile(
    rf"\b{SEVERAL} {NOUNS},? all but (?:one|1)(?: of them)?{IS} (?P<rest>{LOOK}),? (?:and |but "
    rf")?(?:the )?"
    rf"(?:odd|last|other|remaining)(?: one)?(?: out)?{IS} (?P<one>{LOOK}){END}"
)


def with_exceptions(text: str) -> str:
    """``text`` in small letters, what is unlike the others named apart."""
    for pattern in (ALL_BUT_ONE, ALL_BUT):
        text = pattern.sub(one_and_others, text)
    return text


def one_and_others(match: re.Match[str]) -> str:
    """ "four orange dogs and one black dog"; the match itself where they are alike."""
    noun, left = PLURALS[match["noun"]], COUNTS[match["number"]] - 1
    others = f"{NUMBERS[left]} {match['rest']} {noun if left == 1 else match['noun']}"
    return match[0] if match["one"] == match["rest"] else f"{others} and one {match['one']} {noun}"
