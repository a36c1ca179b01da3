"""Reads lists of what stands in the row or column at an edge: "top row: heart, bell, bell, heart"."""

from __future__ import annotations

import re

from ..world import GRID
from .sequences import Axis, Kind, counted, joined, related, tidy
from .words import LIKE, NOUNS

ITEM = rf"(?:(?:an?|one) )?(?P<like>{LIKE})(?P<noun>{'|'.join(NOUNS)}|text_[a-z]+_)(?![\w'-])"
PLAIN_ITEM = re.sub(r"\?P<\w+>", "?:", ITEM)
EDGE = (
    r"(?:(?:in|on|at) )?(?:the )?(?:(?P<row>top|upper|bottom|lower) row"
    r"|(?P<column>left|right)(?:[ -]?(?:hand|most))? column)"
)
NEXT = rf"(?=,? (?:and )?{re.sub(r'[?]P<[a-z]+>', '?:', EDGE)})"
ORDER = r"(?:from left to right|from top to bottom|in (?:that|this) order)"
HOLDS = r"(?: (?:is|has|holds|shows|contains|reads))?"
BEGINS = r"(?:^|(?<=[.;:,!?] )|(?<=\band ))"
LISTED = re.compile(
    rf"{BEGINS}{EDGE}{HOLDS}(?P<colon>:)?,? (?:{ORDER}:? )?"
    rf"(?P<items>{PLAIN_ITEM}(?:(?:,? and |, ){PLAIN_ITEM}){{0,3}})"
    rf"(?P<order>,? {ORDER})? *(?:(?=[.;!?]|$)|{NEXT}|(?=,(?! (?:and )?{PLAIN_ITEM})))"
)
OPENED = re.compile(
    rf"{BEGINS}{EDGE}{HOLDS} ?:(?![^.;:]* (?:in|on|at) the (?:middle|center|centre|left|right)\b)"
)
SIDES = {"upper": "top", "lower": "bottom"}
PLACES = {"top": "at the top", "bottom": "at the bottom"}
PLACES |= {"left": "on the left", "right": "on the right"}
CELLS = {
    "top": ("a1", "b1", "c1", "d1"),
    "bottom": ("a4", "b4", "c4", "d4"),
    "left": ("a1", "a2", "a3", "a4"),
    "right": ("d1", "d2", "d3", "d4"),
}
ORDERS: dict[Axis, str] = {"row": " from left to right", "column": " from top to bottom"}


def with_edges(text: str) -> str:
    """``text`` in small letters, with what rows and columns at the edges hold in plain words."""
    return OPENED.sub(lambda match: f"{PLACES[side_of(match)]}:", LISTED.sub(in_words, text))


def side_of(match: re.Match[str]) -> str:
    """The side of the picture that a row or column is at."""
    return SIDES.get(match["row"] or "", match["row"] or match["column"])


def in_words(match: re.Match[str]) -> str:
    """A list in a row or column with its order; the match itself where its order cannot be said,
    or where no colon says that a list begins."""
    kinds = [Kind(tidy(m["like"]), m["noun"]) for m in re.finditer(ITEM, match["items"])]
    if not (match["colon"] or match["order"] or len({*kinds}) < len(kinds)):
        return match[0]
    side, signs = side_of(match), any("_" in kind.noun for kind in kinds)
    if len(kinds) == GRID and not signs:
        return joined(
            [f"one {kind.words()} at {cell}" for kind, cell in zip(kinds, CELLS[side], strict=True)]
        )
    axis: Axis = "row" if match["row"] else "column"
    if len({*kinds}) == len(kinds):
        listed = joined([f"a {kind.words()}" for kind in kinds])
        return f"{PLACES[side]} {listed}{ORDERS[axis] if len(kinds) > 1 else ''}"
    orders = related(kinds, axis)
    return (
        ", ".join([f"{PLACES[side]} {joined(counted(kinds))}", *orders])
        if orders is not None
        else match[0]
    )
