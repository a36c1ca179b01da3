"""Reads numbers that several things share, and "another" of a thing: "cats and dogs, two of each"."""

from __future__ import annotations

import re

from ..synonyms import plural
from .words import ANY_PLURAL, ANY_THING, COLOUR, COUNTS, LIKE, NOUNS, SIZE

NUMBER = rf"(?:{'|'.join(COUNTS)})"
PLURAL = rf"{LIKE}{ANY_PLURAL}\b"
THING = rf"{LIKE}{ANY_THING}\b"
LIST = rf"{THING}(?:, {THING})*,? and {THING}|{THING}(?:, {THING})+"
CORNER = r"(?:top|bottom|upper|lower)[ -](?:left|right)(?:[ -]hand)?(?: corner)?"
SIDE = r"(?:top|bottom|left|right|upper|lower)(?:[ -]hand)?(?: side| half)?|middle|center|centre"
PLACE = rf"(?:at|in|on) the (?:{CORNER}|{SIDE})"
ENDS = r"(?= ?(?:[.,;!?]|$))"
PLACED = rf"(?: {PLACE})?"
AFTER = re.compile(
    rf"\b(?:only )?(?:as many )?(?P<list>{PLURAL}{PLACED} (?:and|as)(?: only)? {PLURAL}{PLACED})[,:;]? "
    rf"(?P<number>{NUMBER})(?: of)?(?: them)? each{ENDS}"
)
BEFORE = re.compile(rf"\b(?P<number>{NUMBER})(?: of)? each(?: of)?:? (?P<list>{LIST}){ENDS}")
ANOTHER = re.compile(
    rf"\b(?P<article>an?|one) (?P<thing>{THING}) (?P<here>{PLACE})(?P<gap>,? and|,) "
    rf"(?:another|one|an? second)(?: one)? (?P<there>{PLACE})"
)

BARE = re.compile(
    rf"(?:^|(?<=[.!?] ))(?P<noun>{'|'.join(NOUNS)}) ?[!:.,] (?=(?:one|two|three|four|[2-4]) {LIKE}ones?"
    r"\b)"
)
"""What is counted right afterwards: "Cat! Two big ones"."""


def with_portions(text: str) -> str:
    """``text`` in small letters, with the number before each thing that it is about, and things for
    "another"."""
    text = BARE.sub(lambda m: f"{plural(m['noun'])}: ", text)
    text = AFTER.sub(numbered, text)
    text = BEFORE.sub(numbered, text)
    return ANOTHER.sub(
        lambda m: (
            f"{m['article']} {m['thing']} {m['here']}{m['gap']} {m['article']} {m['thing']} "
            f"{m['there']}"
        ),
        text,
    )


def numbered(match: re.Match[str]) -> str:
    """The list in a match with its number before each thing; the match itself where a colour or size at
    its beginning may be about all of it: "red cats and dogs, two of each"."""
    things = re.findall(f"({THING})({PLACED})", match["list"])
    told = [bool(re.match(rf"{COLOUR}|{SIZE}", thing)) for thing, _ in things]
    if told[0] and not all(told):
        return match[0]
    return ", ".join(f"{match['number']} {thing}{place}" for thing, place in things)
