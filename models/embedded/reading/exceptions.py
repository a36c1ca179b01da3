"""Reads what some are like and others are not: "all red except one, which is blue", "in any colour but
black", "nothing blue: a cat and a dog"."""

from __future__ import annotations

import re

from ..world import NUMBERS
from .words import ANY_LOOK, COLOUR, COUNTS, NOUNS, PLURALS, SIZE

SEVERAL = r"(?P<number>two|three|four|five|six|seven|eight|[2-8])"
NOUN = rf"(?P<noun>{'|'.join(PLURALS)})"
LOOK = rf"(?:{ANY_LOOK}(?: (?={COLOUR}|{SIZE}))?)+"
IS = r"(?: (?:is|are|should be|must be|being|in|coloured|colored))?"
END = r"(?= *(?:[.,;!?]|$))"
BUT = r",? (?:except|but|besides)(?: for)? (?:one|1),?(?: (?:which|that|who))?"
ALL_BUT_ONE = re.compile(
    rf"\b{SEVERAL} {NOUN},? (?:they are |which are )?all(?: of them)? (?P<rest>{LOOK}){BUT}"
    rf"{IS} (?P<one>{LOOK}){END}"
)

ALL_BUT = re.compile(
    rf"\b{SEVERAL} {NOUN},? all but (?:one|1)(?: of them)?{IS} (?P<rest>{LOOK}),? (?:and |but "
    rf")?(?:the )?"
    rf"(?:odd|last|other|remaining)(?: one)?(?: out)?{IS} (?P<one>{LOOK}){END}"
)
NOT_SO = re.compile(
    rf"\b(?:no|not|nothing|without|none)(?: any(?:thing)?)? (?P<look>{COLOUR})"
    r"(?: (?:things?|objects?|ones))?(?:,? please)? ?: ?"
)
"""What nothing is to be like, ahead of what there is."""
ANY_BUT = re.compile(
    rf"\b(?:an?|one) (?P<noun>{'|'.join(NOUNS)}) (?:in|of) any colou?r,? "
    rf"(?:but|except|besides|other than)(?: for| in)? (?P<look>{COLOUR}){END}"
)


def with_exceptions(text: str) -> str:
    """``text`` in small letters, what is unlike the others named apart."""
    for pattern in (ALL_BUT_ONE, ALL_BUT):
        text = pattern.sub(one_and_others, text)
    text = NOT_SO.sub(r"no \g<look> objects. ", text)
    return ANY_BUT.sub(r"a \g<noun>, no \g<look> \g<noun>", text)


def one_and_others(match: re.Match[str]) -> str:
    """ "four orange dogs and one black dog"; the match itself where they are alike."""
    noun, left = PLURALS[match["noun"]], COUNTS[match["number"]] - 1
    others = f"{NUMBERS[left]} {match['rest']} {noun if left == 1 else match['noun']}"
    return match[0] if match["one"] == match["rest"] else f"{others} and one {match['one']} {noun}"
