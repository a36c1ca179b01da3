"""Refuses what nobody can tell the meaning of: parts of several kinds, things that are only told of."""

from __future__ import annotations

import re

from .portions import NUMBER
from .words import ANY_LOOK, ANY_PLURAL, LIKE, NOUNS, PLURALS, refuse

THING = rf"(?:ice[ -]?creams?|{'|'.join([*NOUNS, *PLURALS])})\b"
PARTS = re.compile(
    rf"\b(?P<likes>{LIKE})(?P<noun>{'|'.join(PLURALS)})(?P<where>[^.;:!?]*?),? "
    r"(?:(?:and|with|but|only|just) )*"
    rf"(?:(?:half|{NUMBER}|a few|some)(?: of (?:them|these|those|which))|half)"
    rf"(?= (?:(?:is|are|should be|in|being) )*{ANY_LOOK}\b)"
)
"""What only some of several are like."""
MORE = re.compile(rf"\b{ANY_PLURAL} and (?:a|an|two|three|four|[2-4]) {ANY_LOOK} ones?\b")
"""More of a kind of which no number was said."""
COUNTED = re.compile(rf"\b(?:{NUMBER}|pair|couple|row|column|the|all|of)(?: of)? (?:{ANY_LOOK} )*$")
SEVERAL = re.compile(rf"\b{ANY_PLURAL}\b")
DENIED = re.compile(
    rf"\bwithout (?:any |an? )?{LIKE}{THING} and (?:an? )?{LIKE}{THING}(?= *(?:[.,;!?]|$))"
)
"""A denial that may go on after "and"."""
RANKED = re.compile(
    rf"\bthe (?:first|second|third|fourth|last) one,?(?: (?:is|being|should be|in))* {ANY_LOOK}\b"
)
TOLD = re.compile(
    r"(?:^|[.;!?:] ?|\b(?:but|and|so|well|hi|hello),? )"
    r"(?:i|we|he|she|they|(?:my|our|his|her) \w+)(?:'ve)?"
    rf" (?:really |only |just )?(?:have|has|had|own|owns|got)(?: got)? [^.;!?]*?{THING}"
)
"""What people say that they have."""
ASKED = re.compile(
    r"\b(?:draw|paint|make|show|picture|drawing|want|wants|like|need|sketch|create|please)\b[^.;!?]*?"
    rf"\b(?:{THING}|ones?\b)"
)
KEPT = re.compile(
    rf"\b(?:my|our|his|her|their) (?P<noun>{'|'.join(NOUNS)}) (?:is|are) [^.;!?]*[.;!?].*"
    rf"\b(?:an?|one) {LIKE}(?P=noun)\b"
)


def refuse_told(text: str) -> str:
    """``text`` in small letters itself, before courtesies are left out.

    Raises:
        NotInWorldError: somebody has one thing and asks for another: is the first to be drawn?
    """
    for told in TOLD.finditer(text):
        before = text[: told.start()]
        if ASKED.search(text, told.end()) or (
            told[0].lstrip().startswith("but") and ASKED.search(before)
        ):
            raise refuse("what somebody has beside what is asked for (say only what to draw)")
    if KEPT.search(text):
        raise refuse("'my' thing and another one (say only what to draw)")
    return text


def refuse_open_parts(text: str) -> str:
    """``text`` in small letters itself.

    Raises:
        NotInWorldError: "two cats and two dogs, half of them black", "some stars, two of them red".
    """
    for parts in PARTS.finditer(text):
        before = re.split(r"[.;:!?]", text[: parts.start()])[-1]
        if not COUNTED.search(before):
            raise refuse(f"some of the {parts['noun']} (say how many there are in all)")
        if SEVERAL.search(before) or re.search(THING, parts["where"]):
            raise refuse("'of them', of several kinds (say how many of each)")
    refuse_ranked(text)
    if denied := DENIED.search(text):
        raise refuse(f"{denied[0]!r}: is there to be the other? (say 'no' before each, or how many)")
    for more in MORE.finditer(text):
        if not COUNTED.search(text[: more.start()]):
            raise refuse(f"{more[0]!r} (say how many there are in all)")
    return text


def refuse_ranked(text: str) -> None:
    """Refuses "two cars and two trucks, the second one is pink".

    Raises:
        NotInWorldError: it says so.
    """
    for ranked in RANKED.finditer(text):
        before = re.split(r"[.;!?]", text[: ranked.start()])[-1]
        if len(SEVERAL.findall(before)) > 1:
            raise refuse(f"{ranked[0]!r} of several kinds (say how many of each)")
