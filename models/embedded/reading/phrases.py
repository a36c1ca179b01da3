"""Word groups with one meaning: places, relations, rows, grounds."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from ..members import BASES, OWN, RANKS
from .words import COLOUR, PLURALS, SIDES, Token

PICTURE = r"(?: of (?:the )?(?:picture|image|canvas|page|scene))?"
NOT_PICTURE = r"(?! (?:the )?(?:picture|image|canvas|page|scene))"
ALONE = r"(?! of\b)"
PLURAL = "|".join(PLURALS)
"""What comes after a place of the picture, and not of a thing in it."""
ROW = r"(?:horizontal )?(?:row|line)"
COLUMN = r"(?:vertical (?:row|line)|column|tower|stack)"
NOT_IN = r"(?<!in )(?<!in a )(?<!in one )"
BACK = r"(?: background| ground| scene)?(?: with| has)?"
GROUNDS: list[tuple[str, str]] = [
    (
        r"(?:(?:in|at|by|during|under|against|on) )?(?:(?:a|an|the) )?"
        r"(?:(?:dark|starry|clear|deep|spooky|quiet|cold|warm|moonlit|lovely|beautiful|scary) )*"
        r"night(?: ?time| sky)?" + BACK + r"|in (?:the dark|darkness)|at midnight",
        "night",
    ),
    (
        r"(?:(?:in|on|against|under) )?(?:(?:a|the) )?(?:blue |clear |bright |sunny |day )*sky"
        + BACK
        + r"|(?:by|in|during)(?: the)? day(?: ?light| ?time)?"
        r"|(?:it is|it's) day|(?<=[,;.:] )day(?= *(?:[.,;!?]|$))|(?:(?:in|during) )?(?:the )?day ?time"
        r"|(?:(?:on|in) )?(?:a|the) (?:sunny|bright) day(?: with)?",
        "day",
    ),
    (
        r"(?:(?:in|on|over|against) )?(?:(?:a|the|some) )?(?:green |grassy |lush )*"
        r"(?:meadow|grass|lawn|field|pasture)" + BACK,
        "meadow",
    ),
]
PHRASES: list[tuple[str, str]] = [
    *((pattern, f"ground {name}") for pattern, name in GROUNDS),
    (
        r"(?:(?:one )?(?:in|at|on) )?(?:each|every)(?: of the)?(?: four)? corners?" + PICTURE,
        "corners",
    ),
    (r"(?:in|at|on)(?: all)?(?: of)?(?: the)?(?: four)? corners" + PICTURE, "corners"),
    (rf"each ({'|'.join(BASES)}) one of", "own relation"),
    (
        rf"({'|'.join(BASES)}) the ({'|'.join(RANKS)}) of(?= (?:them|the (?:\w+ )*?(?:{PLURAL})))\b",
        "ranked relation",
    ),
    (r"at least", "least"),
    (r"the last one", "that"),
    (r"(?:from )?(left|right) to (?:the )?(?:left|right)", "order"),
    (r"from (?:the )?(top|bottom) to (?:the )?(?:top|bottom)", "order"),
    (r"in (?:this|that|the same|the following|exactly this) order", "this order"),
    (
        r"in a grid of ((?:two|three|four) (?:rows(?: of (?:two|three|four))?|columns))",
        "grid",
    ),
    (rf"(?:an? |one )?{COLUMN} of|{NOT_IN}(?:an? |one )?{COLUMN} with", "column ahead"),
    (rf"(?:an? |one )?{ROW} of|{NOT_IN}(?:an? |one )?{ROW} with", "row ahead"),
    (
        r"in (?:an? |one |the same )?(?:single )?(?:vertical (?:row|line)|column)"
        r"|one (?:above|below|under) (?:the other|another)|lined up vertically"
        r"|stacked(?: vertically)?(?: on top of (?:each other|one another))?"
        r"|(?:on top of|above) each other",
        "column",
    ),
    (
        r"in (?:an? |one |the same )?(?:single )?(?:horizontal )?(?:row|line)|side by side|lined up"
        r"|(?:next to|beside) (?:each other|one another)",
        "row",
    ),
    (rf"(?:the other )?half(?: of (?:them|these))?(?: (?:is|are))?(?= {COLOUR})", "half"),
    (rf"the (?:rest|remaining ones|others)(?: of them)?(?: (?:is|are|in))?(?= {COLOUR})", "rest"),
    (
        r"(?:(?:at|in|on) )?(?:the )?(left|right|top|bottom|upper|lower)(?:[ -]hand)? half"
        + PICTURE
        + ALONE,
        "half place",
    ),
    (
        r"(?:in|at|on) (?:the|a|one) corner,? (?:(?:at|in|on|to) )?(?:the )?"
        r"(top|upper|bottom|lower)[ -](left|right)" + PICTURE + ALONE,
        "corner",
    ),
    (
        r"(?:in|at|on) (?:(?:a|the|one|any|some) corner|(?:one|any) of the (?:four )?corners)"
        + PICTURE
        + ALONE,
        "a corner",
    ),
    (
        r"(?:(?:at|in|on) )?(?:the )?(top|upper|bottom|lower|left|right)[ -](?:middle|cent(?:er|re))"
        + PICTURE
        + ALONE
        + r"|(?:at|in) (?:the )?(?:middle|cent(?:er|re)) (?:(?:of|at|on) )?(?:the )?"
        r"(top|bottom|left|right)"
        r"(?: (?:edge|row|side|column|border))?" + PICTURE + ALONE,
        "middle of a side",
    ),
    (
        r"(?:at|in|on|near)? ?(?:the )?(top|upper|bottom|lower)[ -](left|right)"
        r"(?:[ -](?:hand )?(?:corner|cell))?" + PICTURE + ALONE,
        "corner",
    ),
    (r"(?:to|on|at) (?:the )?(left|right)(?:[ -]hand)?(?: side)? of" + NOT_PICTURE, "side-relation"),
    (r"on each side(?: of)?", "on each side of"),
    (r"(?:(?:on|at|to) )?either sides?(?: of)?|(?:on|at|to) both sides?(?: of)?", "on both sides of"),
    (r"(left|right) of" + NOT_PICTURE, "side-relation"),
    (r"to the (left|right)(?! of)", "side-relation"),
    (
        r"(?:directly |right )?(?:on top of|above|over|atop|upon)|(?:on|at) the (?:very )?top of"
        + NOT_PICTURE,
        "above",
    ),
    (r"on (?:the )?top(?! (?:edge|row|side|border))", "on top"),
    (r"(?:directly |right )?(?:below|underneath|under|beneath)", "below"),
    (r"(?:right )?(?:next to|beside|besides|alongside|adjacent to|by the side of)", "next to"),
    (r"(?:in )?between", "between"),
    (
        r"(?:at|in|on|along|near) (?:the )?(?:very )?(left|right|top|bottom)"
        r"(?:[ -]hand)?(?: (?:side|edge|row|column|border))?" + PICTURE + ALONE,
        "side",
    ),
    (r"(?:in|at) (?:the )?(?:very |exact |dead )?(?:middle|center|centre)" + PICTURE + ALONE, "middle"),
    (r"near(?:by)?(?: (?:to|of))?|close (?:to|by)|by(?= (?:an?|the|its|it|them) )", "next to"),
    (r"(?:at|in|on) (?:cell |square )?([a-d][1-4])", "cell"),
    (
        r"(?<!the )(top|bottom)(?= *(?:[,;:.!?){\d]|$|and\b|with\b))"
        r"|(?<!the )(left|right)(?= *(?:[,;:.!?)]|$|and\b))",
        "side",
    ),
]
"""Word groups with one meaning, longer ones first."""


def relation_token(name: str, match: re.Match[str]) -> Token:
    """The token of a relation that is called as its phrase's sort."""
    return Token("relation", name)


def line_token(name: str, match: re.Match[str]) -> Token:
    """The token of a row or column; it says whether that is one for all."""
    return Token(name, "one" if re.search(r"\b(?:one|same|single)\b", match[0]) else "")


def ground_token(name: str, match: re.Match[str]) -> Token:
    """The token of a ground."""
    return Token("ground", name)


RELATED = ("above", "below", "next to", "between", "on both sides of", "on each side of")
ORDERS = {"left": "left of", "right": "right of", "top": "above", "bottom": "below"}
ROWS = {"upper": "top", "lower": "bottom"}
"""Other names of the picture's sides."""
MEANINGS: dict[str, Callable[[re.Match[str]], Token]] = {
    "corner": lambda m: Token("place", f"in the {ROWS.get(m[1], m[1])} {m[2]} corner"),
    "a corner": lambda m: Token("place", "in a corner"),
    "middle of a side": lambda m: Token(
        "place", f"in the {ROWS.get(m[1] or m[2], m[1] or m[2])} middle"
    ),
    "half place": lambda m: Token("place", f"in the {ROWS.get(m[1], m[1])} half"),
    "side": lambda m: Token("place", SIDES[next(filter(None, m.groups()))]),
    "middle": lambda m: Token("place", "in the middle"),
    "cell": lambda m: Token("place", f"at {m[1]}"),
    "side-relation": lambda m: Token("relation", f"{m[1]} of"),
    "own relation": lambda m: Token("relation", f"{m[1]}{OWN}"),
    "ranked relation": lambda m: Token("relation", f"{m[1]} the {m[2]} of"),
    "order": lambda m: Token("order", ORDERS[m[1]]),
    "this order": lambda m: Token("order"),
    "grid": lambda m: Token("grid", m[1]),
    "on top": lambda m: Token("on top", "the" if "the" in m[0] else ""),
    **{name: partial(line_token, name) for name in ("row", "column")},
    "half": lambda m: Token("count", "half"),
    "rest": lambda m: Token("count", "rest"),
    **{f"ground {name}": partial(ground_token, name) for _, name in GROUNDS},
    **{name: partial(relation_token, name) for name in RELATED},
}
"""What the token of a phrase's sort is; of sorts that are not here, the sort itself."""


def phrase_token(sort: str, match: re.Match[str]) -> Token:
    """The token that a phrase stands for, by the sort that ``PHRASES`` gives it."""
    return MEANINGS[sort](match) if sort in MEANINGS else Token(sort)
