"""Reads what each of several has of its own: "two snowmen, each with a hat on top"."""

from __future__ import annotations

import re
from functools import partial

from .portions import LIKE
from .words import COUNTS, NOUNS, PLURALS

NUMBER = rf"(?P<number>{'|'.join(word for word, count in COUNTS.items() if 1 < count < 5)})"
SEVERAL = rf"{NUMBER} (?:of )?(?P<like>{LIKE})(?P<noun>{'|'.join(PLURALS)})\b"
BETWEEN = (
    r"(?P<between>(?: (?:in a (?:row|column|line)|side by side|on (?:a|the) \w+|at night|by day))?)"
)
ONE = rf"(?:an?|one|its own|their own) (?P<other_like>{LIKE})(?P<other>{'|'.join(NOUNS)})\b"
EACH = (
    r"(?:each|every)(?: single)?"
    r"(?: (?:one|of (?:them|these|which)|\w+(?= (?:has|having|with)\b)))?"
)
HAS = r"(?:has(?: got)?|have|having|with|gets?)"
SIDE = {
    "above": r"on (?:the )?top(?: of (?:it|them|each))?|above(?: (?:it|them|each))?"
    r"|over (?:it|them|each)|overhead|on (?:its|their) (?:heads?|roofs?)|on it",
    "below": r"(?:below|beneath|under|underneath)(?: (?:it|them|each))?",
    "left of": r"(?:to|on) (?:the|its|their) left(?: (?:side|of it))?",
    "right of": r"(?:to|on) (?:the|its|their) right(?: (?:side|of it))?",
    "next to": r"(?:next to|beside|by|near) (?:it|them|each)|(?:at|by|on) (?:its|their) sides?"
    r"|(?= *(?:[.,;!?]|$))",
}
"""Where what each has stands, seen from it; where nothing is said, next to it."""
STANDS = {
    "above": r"above|over|on top of|on",
    "below": r"below|beneath|under|underneath",
    "left of": r"(?:to the )?left of",
    "right of": r"(?:to the )?right of",
    "next to": r"next to|beside|near",
}
OPPOSITE = {"above": "below", "left of": "right of", "next to": "next to"}
OPPOSITE |= {other: name for name, other in OPPOSITE.items()}
IN_ORDER = "|".join(f"(?P<s{at}>{said})" for at, said in enumerate(SIDE.values()))
STOOD = "|".join(f"(?P<r{at}>{said})" for at, said in enumerate(STANDS.values()))
VERB = r"(?:(?:is|are|stands?|standing|sits?|sitting|lies|lying|placed|hiding|which is|that is) )?"
THEM = (
    rf"(?:each|every)(?: (?:one|single one|of (?:them|these|the (?:{'|'.join(PLURALS)}))"
    rf"|(?:{'|'.join(NOUNS)})))?"
)
JOINED = r"(?:,| and| with| then)*"
SHARED = re.compile(rf"\beach of (?:the )?(?=(?P<several>{SEVERAL}) {HAS}\b)(?P=several) {HAS}")
WITH = re.compile(
    rf"\b{SEVERAL}{BETWEEN}{JOINED} {EACH} {HAS} {ONE}(?: {VERB}(?=\w)|(?=\W|$))(?:{IN_ORDER})(?!\w)"
)
THEN_EACH = IN_ORDER.replace("$", " each")
LAST = re.compile(
    rf"\b{SEVERAL}{BETWEEN}{JOINED} {HAS} {ONE}(?: {VERB}(?=\w)|(?= each))(?:{THEN_EACH})"
    r",? each(?! other)(?!\w)"
)
UNDER = re.compile(rf"\b{SEVERAL}{BETWEEN}{JOINED} {EACH} {VERB}(?:{STOOD}) {ONE}")
OVER = re.compile(
    rf"\b{SEVERAL}{BETWEEN}{JOINED} (?:there (?:is|should be) )?{ONE} {VERB}(?:{STOOD}) {THEM}"
    r"(?!\w| [a-z]+s\b)"
)
FOR = re.compile(
    rf"\b{SEVERAL}{BETWEEN}{JOINED} {ONE},? (?:for )?(?:each|every)(?: one)?(?: of (?:them|these))?"
    r"(?= *(?:[.,;!?]|$))(?P<s4>)"
)
"""One for each, near it."""
OWNED = re.compile(
    rf"\b(?:each|every)(?: (?:one|(?P<noun>{'|'.join(NOUNS)})))? {VERB}(?:{STOOD}) (?:its|their) own "
    rf"(?P<other_like>{LIKE})(?P<other>{'|'.join(NOUNS)})\b"
)
"""What is said of two kinds that were named before, as many of each."""
FIRST = re.compile(
    rf"\b{SEVERAL}{BETWEEN}{JOINED} (?:{STOOD}) {THEM}(?: there (?:is|should be))?,? {ONE}"
)


def with_pairings(text: str) -> str:
    """``text`` in small letters, with as many of what each of several has, and how each stands to its
    own."""
    text = SHARED.sub(r"\g<several>, each with", text)
    for pattern, turned in ((WITH, False), (LAST, False), (UNDER, True), (OVER, False), (FIRST, False)):
        text = pattern.sub(partial(paired, turned=turned), text)
    return OWNED.sub(of_named, FOR.sub(partial(paired, turned=False), text))


def of_named(match: re.Match[str]) -> str:
    """ "the frogs each above one of the leaves"; the match itself where it does not name the frogs."""
    side = next(name for at, name in enumerate(STANDS) if match[f"r{at}"])
    if match["noun"] is None:
        return match[0]
    one, other = (
        next(word for word, noun in PLURALS.items() if noun == match[name])
        for name in ("noun", "other")
    )
    return f"the {one} each {side} one of the {match['other_like']}{other}"


def paired(match: re.Match[str], *, turned: bool) -> str:
    """ "two snowmen, two hats, the snowmen each below one of the hats"; ``turned``: the match says how
    each stands to its own, and not how that stands to it."""
    said = match.groupdict()
    side = next(
        name for at, name in enumerate(SIDE) if {said.get(f"s{at}"), said.get(f"r{at}")} != {None}
    )
    relation = side if turned else OPPOSITE[side]
    one = f"{match['like']}{match['noun']}"
    several = next(word for word, noun in PLURALS.items() if noun == match["other"])
    other = f"{match['other_like']}{several}"
    if PLURALS[match["noun"]] == match["other"] and match["like"] == match["other_like"]:
        return match[0]
    return (
        f"{match['number']} {one}{match['between']}, {match['number']} {other}, "
        f"the {one} each {relation} one of the {other}"
    )
