"""Refuses looks of which nobody can tell what they are of: "three squares, red on top", "the dog is
next to the cat and brown"."""

from __future__ import annotations

import re

from .words import STOPS, Token, refuse

LETTERS = {
    "count": "c",
    "colour": "k",
    "size": "k",
    "noun": "n",
    "plural": "p",
    "ones": "o",
    "and": "&",
    "the": "t",
    "is": "i",
    "relation": "r",
    "place": "l",
    "on top": "l",
    "with": "w",
    "comma": ",",
    "colon": ":",
    **dict.fromkeys(("it", "them", "that"), "m"),
}
"""One letter a sort of token, so that a regular expression reads a row of them; others are ``x``, and
``.`` ends a sentence."""
END = r"(?=[,.:&]|$)"
UNSURE: list[tuple[re.Pattern[str], str]] = [
    (
        re.compile(rf"(?:(?<!k)[np]&[tc]*|(?:^|[,.:])t[np],t|[,.:][np],)[np](?P<look>k)k*{END}"),
        "after several things (say the look of each before it)",
    ),
    (
        re.compile(rf"r[tck]*[npm](?:,&?|&)m?i?(?P<look>k)k*{END}"),
        "after a relation (say the look of each thing before it)",
    ),
    (
        re.compile(rf"p[^npcot.]*[,.:&w](?P<look>k)k*l{END}"),
        "with a place, after several (say how many of them are so)",
    ),
    (
        re.compile(rf"p[^npcot.]*[,.:&w]l(?P<look>k)k*{END}"),
        "with a place, after several (say how many of them are so)",
    ),
    (
        re.compile(rf"p[^np.]*[,.:&w]t?(?:co?|o)(?:xm)?l,?[ix]*(?P<look>k)k*{END}"),
        "after a place of some (say how many are so before the place)",
    ),
]
"""Rows of tokens that could mean several things, and what to say of the look in them."""


def refuse_unsure(tokens: list[Token]) -> list[Token]:
    """``tokens`` themselves.

    Raises:
        NotInWorldError: nobody can tell what a colour or size in them is of.
    """
    letters = "".join(letter(token) for token in tokens)
    for pattern, why in UNSURE:
        if found := pattern.search(letters):
            raise refuse(f"{tokens[found.start('look')].value!r} {why}")
    return tokens


def letter(token: Token) -> str:
    """The letter of a token's sort."""
    ends = token.sort == "comma" and token.value in STOPS
    return "." if ends else LETTERS.get(token.sort, "x")
