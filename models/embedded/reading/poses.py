"""Leaves out what a thing does where its silhouette shows nothing else: "a bird flying over a tree";
what stands on another is above it."""

from __future__ import annotations

import re

from .words import ANY_NOUN, ANY_THING, COUNTS, LIKE, NOUNS, PLURALS, refuse

NATURE = {
    "flying|soaring|gliding": "bird plane rocket",
    "hovering|floating": "bird plane rocket cloud boat ghost",
    "swimming": "fish",
    "sailing|drifting|anchored|moored": "boat",
    "shining|glowing|twinkling|gleaming|beaming": "sun moon star",
    "parked": "car truck bicycle boat plane rocket",
    "growing": "tree leaf carrot apple",
    "hanging|dangling": "spider bell key umbrella leaf star moon sun cloud",
    "smiling|haunting": "ghost",
    "steaming": "cup",
}
"""What things do in their pictures, and which those are."""
PLACED = (
    r"(?:above|below|over|under|underneath|beneath|beside|between|next|near|left|right|in|on|at|by"
    r"|to the (?:left|right)|"
    r"high|and|with)\b|[,.;:!?]|$"
)
"""What may come after it: where the thing is, or the end. "Flying past" says more than that."""


def names_of(things: str) -> str:
    """All that a few of the world's things are called, as a pattern."""
    meant = set(things.split())
    words = [word for word, name in NOUNS.items() if name in meant]
    return "|".join([*words, *(word for word, noun in PLURALS.items() if noun in words)])


AFTER = [
    re.compile(rf"\b({names_of(things)}),? (?:that (?:is|are) )?(?:{does})(?= *(?:{PLACED}))")
    for does, things in NATURE.items()
]
BEFORE = [re.compile(rf"\b(?:{does}) (?=(?:{names_of(things)})\b)") for does, things in NATURE.items()]
ON = re.compile(
    r"(?P<begins>(?:^|[.,;:!?] ?|\band ))on "
    rf"(?=(?:it|them|(?:the|an?) {LIKE}{ANY_NOUN}),?"
    rf"(?: there)?(?: is| are| sits?| stands?)?,? (?:the|{'|'.join(COUNTS)}) )"
)
"""What begins a clause about something that stands on another."""
ON_A_SIDE = re.compile(
    rf"\b[oi]n the (?:left|right) {LIKE}{ANY_NOUN}(?: there)?(?: is| sits?| stands?)? "
    rf"(?:{'|'.join(COUNTS)}) {LIKE}{ANY_THING}\b"
)


def without_poses(text: str) -> str:
    """``text`` in small letters without what its things do by their nature, "above" for "on".

    Raises:
        NotInWorldError: something stands on one of two.
    """
    for pattern in AFTER:
        text = pattern.sub(r"\1", text)
    for pattern in BEFORE:
        text = pattern.sub("", text)
    if found := ON_A_SIDE.search(text):
        raise refuse(f"{found[0]!r} (say 'above', and of what)")
    return ON.sub(r"\g<begins>above ", text)
