"""Reads comparisons: "a fish bigger than a plane", "a cat and a dog. The dog is bigger than
the cat"."""

from __future__ import annotations

import re

from .words import NOUNS, PLURALS, refuse

THING = f"(?:ice creams?|{'|'.join([*NOUNS, *PLURALS])})"
COMPARED = re.compile(
    rf"(?i)\b(?:an?|the) (?P<one>{THING}) (?:(?:that |which )?(?:is|was|were|should be|being) )?"
    rf"(?:much |a bit |a little )?(?P<how>bigger|larger|smaller) than (?:an?|the) (?P<other>{THING})\b"
)
GAP = re.compile(r"[,;.]? ?(?:(?:and|with|but|where|so|make) ?)*$")


def with_sizes(text: str) -> str:
    """``text`` with a big and a small thing for one that is bigger than another.

    Raises:
        NotInWorldError: things named before are compared that are several, or have looks of their own.
    """
    while match := COMPARED.search(text):
        text = compared(text, match)
    return text


def compared(text: str, match: re.Match[str]) -> str:
    """``text`` without a comparison, the sizes before what it compares."""
    sizes = ("small", "big") if match["how"].lower() == "smaller" else ("big", "small")
    things = [f"{size} {match[name]}" for size, name in zip(sizes, ("one", "other"), strict=True)]
    before, after = text[: match.start()], text[match.end() :]
    if not any(re.search(rf"(?i)\b{match[name]}", before) for name in ("one", "other")):
        return f"{before}a {things[0]} and a {things[1]}{after}"
    before = GAP.sub("", before)
    for name, thing in zip(("one", "other"), things, strict=True):
        named = [*re.finditer(rf"(?i)\b{match[name]}s?\b", before)]
        bare = [*re.finditer(rf"(?i)\b(?:an?|one) (?={match[name]}\b)", before)]
        if len(named) != 1 or len(bare) != 1:
            raise refuse(f"{match[0]!r} of things named before (say 'big' and 'small' before each)")
        before = f"{before[: bare[0].start()]}one {thing}{before[named[0].end() :]}"
    return before + after
