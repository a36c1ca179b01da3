"""Refuses what may be said of some of the things or of all: "three birds above a tree, all blue"."""

from __future__ import annotations

import re

from .portions import NUMBER
from .words import ANY_NOUN, ANY_PLURAL, ANY_THING, COLOUR, LIKE, PLURALS, SHADES, SIZE, refuse

LOOK = rf"(?:{COLOUR}|{SIZE}|{'|'.join(SHADES)})"
THING = rf"{ANY_THING}\b"
SINGLE = rf"\b(?:an?|one|the) {LIKE}{ANY_NOUN}\b"
EACH_ONE = re.compile(
    r"\b(?:each|every)(?: and every)?(?: single)? one(?: of (?:them|these|those|which))?"
    rf"(?: (?:is|are|being|should be|must be|coloured|in))* "
    rf"(?={LOOK}\b|(?:at|on) the (?:left|right|top|bottom)\b(?! of))"
)
RELATION = re.compile(
    r"\b(?:above|over|below|under|beneath|underneath|beside|next to|near|between|around"
    r"|on top|to the (?:left|right) of|(?:left|right) of)\b"
)
ALL = re.compile(
    rf"\b(?:all|both)(?: of (?:them|these|those|which))?(?: (?:is|are|being|should be|in))* "
    rf"{LOOK}\b(?! (?:and )?{LIKE}{THING})"
)
CORNERS = re.compile(
    rf"(?:,|\band) (?:an?|one) {LIKE}{ANY_NOUN}[,.;:]? (?:with )?(?:just |exactly )?"
    r"(?:one|each)(?: of (?:them|these))? (?:in|at|per|for) "
    r"(?:(?:each|every|all|the|a)\b[^.;!?]*)?corners?\b"
)
"""A list that ends in one thing, "one in each corner"."""
SOME = re.compile(rf"\b(?:some|a few|several) of (?:the|my|those|these) {LIKE}{THING}")
SEVERAL = re.compile(rf"\b{NUMBER} (?P<several>{'|'.join(word for word in PLURALS)})\b")


def refuse_doubts(text: str) -> str:
    """``text`` in small letters, with "all" for "each one".

    Raises:
        NotInWorldError: it says of a list, or of several and one, what may be about the last alone.
    """
    text = EACH_ONE.sub("all ", text)
    if CORNERS.search(text):
        raise refuse("'one in each corner' after a list (say what is in which corner)")
    if some := SOME.search(text):
        raise refuse(f"{some[0]!r} (say how many there are, and of what)")
    for said in ALL.finditer(text):
        if is_related(sentence_before(text[: said.start()])):
            raise refuse(f"{said[0]!r} after things above or beside others (say the look of each)")
    for several in SEVERAL.finditer(text):
        refuse_one_more(several)
    return text


def sentence_before(text: str) -> str:
    """The last sentence of ``text`` that names a thing."""
    said = [part for part in re.split(r"[.;!?]", text) if re.search(rf"\b{THING}", part)]
    return said[-1] if said else ""


def is_related(sentence: str) -> bool:
    """Whether a sentence relates several things and a single one."""
    several = re.search(rf"\b{ANY_PLURAL}\b", sentence)
    return bool(RELATION.search(sentence) and several and re.search(SINGLE, sentence))


def refuse_one_more(several: re.Match[str]) -> None:
    """ "two cats and two dogs, one black cat": is there a third cat?

    Raises:
        NotInWorldError: there may be.
    """
    noun, after = PLURALS[several["several"]], several.string[several.end() :]
    one = re.search(
        rf"[.,;:!?] ?(?:and |with |but )?(?:(?:the )?one {LIKE}{noun}\b"
        rf"|an? {LIKE}{noun} (?:is|are|should|must|stands?|sits?)\b)",
        after,
    )
    if one and re.search(rf"\b{THING}", after[: one.start()]):
        raise refuse(f"'one {noun}' after several (say how many there are in all)")
