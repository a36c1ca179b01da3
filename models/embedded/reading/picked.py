"""Reads relations to one of several by where it stands: "above the middle one", "on the left cat"."""

from __future__ import annotations

import re

from ..members import BASES
from .words import ANY_NOUN, COLOUR, COUNTS, LIKE, NOUNS, PLURALS, SIZE

RANKS = {
    "left": "left(?:most)?|leftmost|first",
    "right": "right(?:most)?|rightmost|last",
    "top": "top(?:most)?|upper(?:most)?|highest",
    "bottom": "bottom(?:most)?|lower(?:most)?|lowest",
    "middle": "middle|cent(?:er|re)|central|second",
}
RANK = "|".join(f"(?P<{name}>{said})" for name, said in RANKS.items())
RELATIONS = {
    "above": r"above|over|on top of|atop|on(?= the)",
    "below": r"below|beneath|under|underneath",
    "left of": r"(?:(?:to|on) the )?left(?: side)? of",
    "right of": r"(?:(?:to|on) the )?right(?: side)? of",
    "next to": r"next to|beside|near",
}
RELATION = "|".join(
    f"(?P<r{at}>(?:directly |right |just )?(?:{said}))" for at, said in enumerate(RELATIONS.values())
)
SEVERAL = re.compile(
    rf"\b(?P<number>{'|'.join(word for word, count in COUNTS.items() if 1 < count < 5)}) "
    rf"(?:of )?(?P<like>{LIKE})(?P<noun>{'|'.join(PLURALS)})\b"
)
PICKED = re.compile(
    rf"\b(?:{RELATION}) the (?:{RANK}) (?P<one>one|{'|'.join(NOUNS)})(?! (?:half|side|corner|row))\b"
)
MIXED = re.compile(rf"(?:,|,? and) (?:an?|one) {LIKE}{ANY_NOUN} in (?:a|one) ")
"""What makes several part of a row of other things, too."""
UPRIGHT = re.compile(r"\b(?:column|stack|tower|vertical)\b")
HAS = re.compile(
    rf"\bthe (?P<rank>{'|'.join(RANKS.values())}) (?P<one>one|{'|'.join(NOUNS)}) (?:has|having|with) "
    rf"(?P<thing>(?:an?|one) {LIKE}{ANY_NOUN}) "
    r"(?:(?P<above>on top(?: of it)?|above(?: it)?|over it|on it|on its (?:head|roof))"
    r"|(?P<below>(?:below|under|underneath|beneath)(?: it)?)|(?P<beside>next to it|beside it))(?!\w)"
)


UNLIKE = re.compile(
    rf"\b(?:(?:a )?row of )?(?:three|3) (?P<like>{LIKE})(?P<noun>{'|'.join(PLURALS)})"
    r"(?: in a (?:row|line)| side by side| next to each other)?[,.;]? (?:(?:and|with|but|where|only) )*"
    r"(?:just |only )?the (?:(?:middle|cent(?:er|re)) one|one in the (?:middle|cent(?:er|re)))"
    rf"(?: (?:is|being|should be|must be|in))? (?P<look>{COLOUR}|{SIZE})(?= *(?:[.;!?]|$))"
)
"""What only the middle one of three is like."""
AMID = re.compile(
    rf"\b(?P<row>(?:a )?row of )?(?:three|3) (?P<like>{LIKE})(?P<noun>{'|'.join(PLURALS)})"
    r"(?(row)| (?:in a (?:row|line)|side by side|next to each other))"
    rf"(?:,| with|, with|,? of which|, where) an? (?P<look>{COLOUR}|{SIZE}) one in the "
    r"(?:middle|cent(?:er|re))(?= *(?:[.;!?]|$))"
)
"""One of three in a row, in its middle."""


def with_picked(text: str) -> str:
    """``text`` in small letters, with "above the middle of the hearts" for one of several that is meant
    by where it stands. Where nobody can tell of which, the words stay and are refused."""
    text = AMID.sub(flanked, UNLIKE.sub(flanked, HAS.sub(turned, text)))
    return PICKED.sub(of_several, text)


def flanked(match: re.Match[str]) -> str:
    """ "one green ghost, two ghosts on both sides of it"; the match itself where all have such a look
    already."""
    noun = PLURALS[match["noun"]]
    if re.search(COLOUR if re.search(COLOUR, match["look"]) else SIZE, match["like"]):
        return match[0]
    one = f"{match['look']} {match['like']}{noun}"
    return f"one {one}, two {match['like']}{match['noun']} on both sides of the {one}"


def turned(match: re.Match[str]) -> str:
    """ "a bird above the middle one"."""
    where = "above" if match["above"] else "below" if match["below"] else "next to"
    return f"{match['thing']} {where} the {match['rank']} {match['one']}"


def is_one_of(noun: str, several: re.Match[str]) -> bool:
    """Whether a noun, or "one", can mean one of several."""
    return noun == "one" or NOUNS[PLURALS[several["noun"]]] == NOUNS[noun]


def of_several(match: re.Match[str]) -> str:
    """The relation in a match to one of those that are several in what comes before."""
    noun, before, found = match["one"], "", list[re.Match[str]]()
    for before in reversed(re.split(r"[.;!?]", match.string[: match.start()])):
        found = [several for several in SEVERAL.finditer(before) if is_one_of(noun, several)]
        if found:
            break
    said = match.groupdict()
    rank = next(name for name in RANKS if said[name])
    if len(found) != 1 or MIXED.match(before, found[0].end()):
        return match[0]
    if rank == "middle" and COUNTS[found[0]["number"]] != 3:
        return match[0]
    if match[rank] in {"first", "last"} and UPRIGHT.search(before):
        return match[0]
    base = next(name for at, name in enumerate(BASES) if said[f"r{at}"])
    if base == f"{rank} of":  # what is left of the left one is left of them all
        return f"{base} the {found[0]['like']}{found[0]['noun']}"
    return f"{base} the {rank} of the {found[0]['like']}{found[0]['noun']}"
