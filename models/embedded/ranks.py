"""Reads what is said of a few of a kind, one by one: "two cars, the left one red, the other blue"."""

from __future__ import annotations

import re
from itertools import pairwise

from .words import COLOUR, COUNTS, NOUNS, PLURALS, SIZE, refuse

ORDERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "left of": (("left", "middle", "right"), ("first", "second", "third", "last")),
    "above": (("top", "middle", "bottom"),),
}
"""Relations of one to the next, and in which ranks those are then said to stand."""
SAME = {
    "leftmost": "left",
    "rightmost": "right",
    "centre": "middle",
    "center": "middle",
    "upper": "top",
    "highest": "top",
    "lower": "bottom",
    "lowest": "bottom",
}
RANK = (
    r"(?:left|right|top|bottom|upper|lower|middle|centre|center|first|second|third|last|other|highest|"
    r"lowest)(?:[ -]?(?:hand|most))?"
)
LINE = (
    r"(?P<line>,? (?:(?:in|as) an? (?:(?P<vertical>vertical )|horizontal )?(?:row|line)"
    r"|(?P<column>in a column|"
    r"stacked(?: on top of each other)?|one (?:above|below|under) the other|above each other)|side by "
    r"side|(?:next to|beside) (?:each other|one another)))?"
)
KIND = rf"(?:(?:{SIZE}|{COLOUR})(?: |(?![a-z])))+"
IS = r"(?: (?:is|are|should be|must be|being|in|colou?red|has to be|(?:is )?painted))?"
RANKED = (
    rf"(?:(?:the |one )?(?P<rank>{RANK})(?: (?:one|side|{'|'.join(NOUNS)}))?{IS}:? (?P<kind>{KIND})"
    rf"|(?:the |an? |one )?(?P<kind2>{KIND})(?:one )?(?:in|on|at|to)(?: the)? (?P<rank2>{RANK}))"
)
PART = re.compile(RANKED)
PLACED = re.compile(rf"(?:{KIND})(?:one )?(?:in|on|at|to)(?: the)? {RANK}")
PLAIN = re.sub(r"\?P<\w+>", "?:", RANKED)
GAP = r"(?: ?[,;:.] ?| )(?:(?:and|but|with|where|while|then) )*"
LIST = re.compile(
    rf"(?<![\w-])(?P<number>two|three|2|3) (?P<like>(?:(?:{COLOUR}|{SIZE}) "
    rf")*)(?P<noun>{'|'.join(PLURALS)})"
    rf"{LINE}{GAP}(?P<parts>{PLAIN}(?:{GAP}{PLAIN})+)(?= *(?:$|[.;!?]|,? and (?:an?|one|two|the) ))"
)
OPEN = re.compile(
    r"[^.;!?]*\b(?:row|column|line|left to right|side by side)\b[^.;!?]*"
    r"(?P<said>\bthe (?:first|second|third|last))\b(?! (?:row|column|line|one$))"
)


def without_ranks(text: str) -> str:
    """``text`` in small letters, with an order for what stands left, in the middle or right of a few.

    Raises:
        NotInWorldError: "the first" of several in a row, of which nobody can tell what it is like.
    """
    found = LIST.sub(in_order, text)
    if open_one := OPEN.search(found):
        raise refuse(
            f"{open_one['said']!r} of several in a row (say what each is like, from left to right)"
        )
    return found


def in_order(match: re.Match[str]) -> str:
    """The list of those in a match with their order; the match itself where that is open."""
    number, parts = COUNTS[match["number"]], ranked(match["parts"])
    if not is_lined(match) and (PLACED.search(match["parts"]) or "first" in parts):
        return match[0]
    for relation, rows in ORDERS.items():
        for row in rows:
            ranks = [rank for rank in row if rank in parts]
            if len(ranks) == len(parts) == number and is_free(match):
                return listed(match, [parts[rank] for rank in ranks], relation)
    return match[0]


def ranked(text: str) -> dict[str, str]:
    """What is said of each rank, where "the other" is what the named one leaves."""
    found = dict[str, str]()
    for part in PART.finditer(text):
        said = re.sub(r"[ -]?hand$", "", part["rank"] or part["rank2"])
        rank = SAME.get(said, said.removesuffix("most").rstrip(" -"))
        found[rank] = (part["kind"] or part["kind2"]).strip()
    if "other" in found and len(found) == 2:
        named = next(rank for rank in found if rank != "other")
        sides = next(
            (row for rows in ORDERS.values() for row in rows if named in {row[0], row[-1]}), None
        )
        if sides:
            found[sides[-1] if named == sides[0] else sides[0]] = found.pop("other")
    return found


def is_free(match: re.Match[str]) -> bool:
    """Whether nothing was named before in the sentence that the whole list may stand to."""
    before = re.split(r"[.;!?]", match.string[: match.start()])[-1]
    return not any(word in NOUNS or word in PLURALS for word in re.findall(r"\w+", before))


def is_lined(match: re.Match[str]) -> bool:
    """Whether those in a match are said to stand in a row or column: after their name, or before."""
    before = re.search(
        r"\b(?:row|column|line|stack|tower) (?:of|with) *$", match.string[: match.start()]
    )
    return before is not None or bool(match["line"])


def listed(match: re.Match[str], kinds: list[str], relation: str) -> str:
    """ "one red car and one blue car, the red car left of the blue car"."""
    noun = PLURALS[match["noun"]]
    names = [f"{match['like']}{kind} {noun}" for kind in kinds]
    column = bool(match["column"] or match["vertical"])
    line = f" in a {'column' if column else 'row'}" if match["line"] else ""
    relation = "above" if column else relation
    orders = [f"the {one} {relation} the {other}" for one, other in pairwise(names)]
    named = f"{', '.join(f'one {name}' for name in names[:-1])} and one {names[-1]}"
    return f"{named}{line}, {', '.join(orders)}"
