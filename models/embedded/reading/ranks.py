"""Reads what is said of a few of a kind, one by one: "two cars, the left one red, the other blue"."""

from __future__ import annotations

import re

from .parts import Members, read_members
from .selectors import FROM, NUMBER, RANK, selected
from .sequences import Kind, counted, joined, placed, related
from .words import ANY_LOOK, ANY_PLURAL, LIKE, NOUNS, PLURALS, refuse

TOGETHER = (
    r"side by side|(?:next to|beside) (?:each other|one another)|(?:in|as) (?:an?|one) (?:single )?"
    r"(?:vertical |horizontal )?(?:row|line|column|stack)|stacked(?: on top of (?:each "
    r"other|one another))?|one (?:above|below|under|on top of) (?:the other|another)|(?:above|on top "
    r"of) each other"
)
"""Wordings of a row or column after what stands in it."""
HEAD = re.compile(
    r"\b(?P<before>(?:an? |one )?(?:row|line|column|stack|tower) (?:of|with) )?(?:an? )?"
    rf"(?P<number>{NUMBER}|pair of|couple of) (?P<like>{LIKE})"
    rf"(?P<noun>{'|'.join(PLURALS)})\b(?P<rest>[^,;:.!?()]*?(?:,? (?:{TOGETHER})[^,;:.!?()]*?)?)"
    r"(?P<gap> ?[,;:.] ?| (?=with |where |alternat|from (?:left|right|top|bottom) to ))"
)
"""Some of a kind, where they stand, and what parts them from what is said of each."""
OPEN = re.compile(
    r"[^.;!?]*\b(?:row|column|line|left to right|side by side)\b[^.;!?]*"
    r"(?P<said>\bthe (?:first|second|third|last))\b(?! (?:row|column|line|one$))"
)
AHEAD = re.compile(
    rf"\b{ANY_PLURAL}\b[^;!?]*?[,;:.] (?:and |with )?(?:"
    rf"(?:(?:{NUMBER}|an?|one) )?(?:{ANY_LOOK} )+(?:ones? )?(?P<first>first|last|foremost)"
    rf"|(?P<begins>first|last)(?: the)? (?:{NUMBER}|an?|one) (?:{ANY_LOOK} ?)+(?:ones?)?)"
    r"(?= *(?:[.,;:!?]|$|and\b))"
)
"""Some of several, by where they come."""
AMID = re.compile(
    rf"\b(?:row|column|line|stack|tower|side by side)\b[^.;!?]*, (?:and |with )?"
    rf"(?P<said>(?:an?|one|the) (?:of (?:them|these) )?(?:{ANY_LOOK} )+(?:ones? )?"
    r"(?:in|at) the (?:middle|cent(?:er|re)))(?! of)"
    r"(?= *(?:[.,;!?]|$|and\b))"
)
"""One of a row or column, in its middle."""


def without_ranks(text: str) -> str:
    """``text`` in small letters, with an order for what stands left, middle or right of a few."""
    at = 0
    while head := HEAD.search(text, at):
        at, found = head.end(), read_members(text, head)
        said = in_words(found[0], head) if found else None
        if found and said:
            members, end = found
            rest = with_names(text[end:], members)
            gap = "," if rest[:1] == " " else ""
            text, at = f"{text[: head.start()]}{said}{gap}{rest}", head.start() + len(said)
    return text


def without_open_ranks(text: str) -> str:
    """``text`` itself.

    Raises:
        NotInWorldError: "the first" of several in a row, of which nobody can tell what it is like, or
            some of several that come "first" or in its middle.
    """
    if ahead := AHEAD.search(text):
        said = ahead["first"] or ahead["begins"]
        raise refuse(f"{said!r} of several (say what each is like, from left to right)")
    if amid := AMID.search(text):
        raise refuse(f"{amid['said']!r} of a row or column (say what each is like, in order)")
    if open_one := OPEN.search(text):
        raise refuse(
            f"{open_one['said']!r} of several in a row (say what each is like, from left to right)"
        )
    return text


def in_words(members: Members, head: re.Match[str]) -> str | None:
    """How many of a few have each look and how these stand, in plain words; None: there are none."""
    rest, whole = head["rest"], head[0].removesuffix(head["gap"])
    apart = any(word in NOUNS for word in re.findall(r"\w+", rest))
    kinds = members.kinds if apart else [Kind(members.looks[at], "") for at in range(members.total)]
    orders, parts = orders_of(members), counted(kinds)
    if orders is None and members.lined and members.axis:
        orders, parts = [], placed(kinds, members.axis) or []
    if orders is None or not parts:
        return None
    told = not members.lined and members.axis and any(" between " in order for order in orders)
    line = f" in a {members.axis}" if told or (apart and head["before"]) else ""
    listed = f"{joined(parts)}{line}{rest}" if apart else f"{whole}{line}, {joined(parts)}"
    return ", ".join([listed, *orders, *members.extras])


def orders_of(members: Members) -> list[str] | None:
    """How the members of each look stand to the next; None: relations cannot say that."""
    if members.ends_open:
        first, middle, last = (kind.words() for kind in members.kinds)
        return [f"the {middle} between the {first} and the {last}"]
    return related(members.kinds, members.axis)


def with_names(text: str, members: Members) -> str:
    """``text`` with what members look like for their ranks: "above the red tree" for "the left one"."""
    noun, several = members.noun, members.plural
    others = "|".join(PLURALS.keys() - NOUNS.keys() - {several})
    other = re.search(rf"\b(?:{others})\b", text)
    end = other.start() if other else len(text)

    def named(match: re.Match[str]) -> str:
        alone = re.search(rf"\b(?:{noun}|{several})\b", match[0]) is None
        found = (
            None
            if alone and match.start() >= end
            else selected(match[0], members.total, f"{noun}|{several}")
        )
        if found is None or not found.positions or found.axis not in (None, members.axis):
            return match[0]
        kinds = {members.kinds[at] for at in found.positions}
        kind = next(iter(kinds))
        if len(kinds) > 1 or members.kinds.count(kind) != len(found.positions):
            return match[0]
        return f"the {kind.words(len(found.positions))}"

    ones = rf"(?:ones?|{several}|{noun})"
    rank = rf"(?:{FROM}|{RANK}(?: {NUMBER})?(?: {ones})|(?:{NUMBER} )?{ones} (?:on|at|in) the {RANK})"
    return re.sub(rf"\bthe {rank}\b(?! (?:row|column|corner|half|side))", named, text)
