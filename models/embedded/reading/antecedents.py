"""Reads "one" of what somebody was said to love: "my daughter loves horses, please draw a pink one"."""

from __future__ import annotations

import re

from .words import COUNTS, LIKE, NOUNS, PLURALS

THING = rf"(?:ice[ -]?creams?|{'|'.join([*NOUNS, *PLURALS])})\b"
WHO = (
    r"(?:(?:my|our|his|her|their|the) (?:\w+ )?\w+|i|we|he|she|they)"
    r"(?: (?:really|just|absolutely|also|all))?"
)
BE = r"(?:(?:is|are|am)|'[sm])"
LOVES = (
    rf"(?:loves?|likes?|adores?|{BE} (?:(?:crazy|mad|nuts|wild) about|into|obsessed with|fond of)"
    r"|favou?rite (?:animal|thing|toy|shape|food)s? (?:is|are))"
)
LOVED = re.compile(
    rf"\b{WHO} {LOVES}(?: the)? (?P<loved>{THING})(?P<between>(?:(?!{THING})[^?])*?)"
    rf"(?P<number>\b(?:(?:{'|'.join(COUNTS)}) {LIKE})?)(?P<one>\bones?)\b(?! of)"
    r"(?! (?:is|in|on|at|left|right|above|below)\b)"
)


LOVE = re.compile(
    rf"\b{WHO} {LOVES}(?: the)? {THING}(?:,? (?:and|or|&) {THING})?(?: (?:so|very) much| a lot)?"
    r"(?: ?[.!;:] ?|,? so (?=\w)|,? (?:(?:please|pls|can|could|would|draw|paint|make) ))"
)
"""What somebody loves, before a request."""


def with_antecedents(text: str) -> str:
    """``text`` in small letters, with the thing for "one" where only somebody's love has named it."""
    return LOVE.sub(left_out, LOVED.sub(named, text))


def left_out(match: re.Match[str]) -> str:
    """Nothing for somebody's love where a thing is named after it; else the match itself."""
    return "" if re.search(rf"\b{THING}", match.string[match.end() :]) else match[0]


def named(match: re.Match[str]) -> str:
    """What comes after somebody's love, with its thing, one or several."""
    noun = PLURALS.get(match["loved"], match["loved"])
    several = next(word for word, one in PLURALS.items() if one == noun)
    number = match["number"] or ("one " if match["one"] == "one" else "")
    return f"{match['between']}{number}{noun if match['one'] == 'one' else several}"
