"""Reads two rows or columns of a kind, and what each is like: "two rows of three, the upper blue"."""

from __future__ import annotations

import re

from ..world import MAX_OBJECTS, NUMBERS
from .parts import GAP, IS, JOINT
from .sequences import LOOK, tidy
from .sequences import Axis as Line
from .words import ANY_LOOK, ANY_PLURAL, COUNTS, PLURALS

NUMBER = r"(?:two|three|four|[2-4])"
TOTAL = r"(?:four|six|eight|[468])"
LIKE = rf"(?P<like>(?:{ANY_LOOK} )*)"
PLAIN = rf"(?:{ANY_LOOK} )*{ANY_PLURAL}"
NOUNS = rf"(?P<noun>{'|'.join(PLURALS)})"
LINES = r"(?:two|2) (?P<line>row|column|line)s"
HEADS = [
    re.compile(
        rf"\b(?:(?P<total>{TOTAL}) )?{LIKE}{NOUNS},? (?:arranged |placed |standing |laid out |set )?"
        rf"(?:in|as|into) {LINES}(?: (?:of|with) (?P<number>{NUMBER}))?(?: each)?"
    ),
    re.compile(rf"\b(?:in )?{LINES} (?:of|with) (?P<number>{NUMBER}) {LIKE}{NOUNS}(?: each)?"),
]
MIXED = re.compile(
    rf"\b(?:in )?(?:two|2) rows of (?P<number>{NUMBER})(?: each)?[:,;.]? (?:(?:in )?the "
    rf")?(?:top|upper|first) "
    rf"(?:row|one)(?: (?:is|has|of|with))?:? (?P<one>{PLAIN})[,;.]? (?:and )?(?:(?:in )?the )?"
    rf"(?:bottom|lower|second|other) (?:row|one)(?: (?:is|has|of|with))?:? (?P<other>{PLAIN})(?= "
    rf"*(?:[.,;!?]|$))"
)
"""Two rows of different things."""
GRID = re.compile(
    rf"\b(?:in )?(?:an? )?(?P<rows>{NUMBER})(?: by | ?x ?)(?P<columns>{NUMBER}) (?:grid|block) of "
    rf"{LIKE}{NOUNS}"
)
ENDS = {
    "row": {"top": 0, "upper": 0, "first": 0, "bottom": 1, "lower": 1, "second": 1, "other": 1},
    "column": {"left": 0, "first": 0, "right": 1, "second": 1, "other": 1},
}
"""Which of two lines is which, from the top or the left."""
END = r"(?:top|upper|first|bottom|lower|second|left|right|other)(?:[ -]?(?:hand|most))?"
WHICH = rf"(?:the )?(?P<which>{END})(?: (?:row|column|line|one|{NUMBER}))?"
PART = re.compile(
    rf"{JOINT}(?:{WHICH}{IS} (?:all |in )?(?P<look>{LOOK})|(?:all )?(?P<look2>{LOOK})"
    rf"(?: (?:ones|{'|'.join(PLURALS)}))? (?:in|on|at) (?:the )?(?P<which2>{END})"
    r"(?: (?:row|column|line|one))?)(?= *(?:[.,;!?]|$|and\b))"
)
RELATIONS = {"row": ("above", "below"), "column": ("left of", "right of")}
"""How the line named first stands to the other, where it is the first and where it is the second."""


def with_tiers(text: str) -> str:
    """``text`` in small letters, with two rows or columns of which each is alike one by one."""
    for pattern in (*HEADS, GRID):
        for head in reversed([*pattern.finditer(text)]):
            said, end = two_lines(text, head)
            if said:
                text = f"{text[: head.start()]}{said}{text[end:]}"
    return MIXED.sub(r"a row of \g<number> \g<one> above a row of \g<number> \g<other>", text)


def two_lines(text: str, head: re.Match[str]) -> tuple[str, int]:
    """Two lines of a kind, and where what is said of them ends; "": it is not said of each."""
    line, looks, at = line_of(head), dict[int, str](), head.end()
    if line is None:
        return "", at
    for _ in ENDS["column"].keys() & {"left", "right"}:
        gap = GAP.match(text, at)
        part = PART.match(text, gap.end() if gap else at)
        if part is None:
            return "", at
        end = re.split(r"hand|most|[ -]", part["which"] or part["which2"])[0]
        if end not in ENDS[line]:
            return "", at
        place = 1 - next(iter(looks)) if end == "other" and looks else ENDS[line][end]
        looks[place] = tidy(part["look"] or part["look2"])
        at = part.end()
    if "rows" in head.groupdict():
        return in_a_grid(head, looks, line), at
    number = number_in(head)
    if len(looks) < 2 or number is None or looks[0] == looks[1]:
        return "", at
    one, other = (
        f"a {line} of {NUMBERS[number]} {tidy(head['like'] + look)} {head['noun']}"
        for look in looks.values()
    )
    return f"{one} {RELATIONS[line][next(iter(looks))]} {other}", at


def line_of(head: re.Match[str]) -> Line | None:
    """What the two lines are; None: a grid has none that are two."""
    if "rows" not in head.groupdict():
        return "column" if head["line"] == "column" else "row"
    two_rows, two_columns = head["rows"] in {"two", "2"}, head["columns"] in {"two", "2"}
    return ("row" if two_rows else "column") if two_rows or two_columns else None


def in_a_grid(head: re.Match[str], looks: dict[int, str], line: Line) -> str:
    """The two lines of a grid; "": they are alike."""
    rows, columns = COUNTS[head["rows"]], COUNTS[head["columns"]]
    number, names = rows * columns // 2, [tidy(head["like"] + look) for look in looks.values()]
    if len({*names}) < len(names) or rows * columns > MAX_OBJECTS:
        return ""
    relation, (one, other) = RELATIONS[line][next(iter(looks))], looks.values()
    return (
        f"{2 * number} {head['like']}{head['noun']} in a grid of {NUMBERS[rows]} rows of "
        f"{NUMBERS[columns]}, "
        f"{NUMBERS[number]} {one} and {NUMBERS[number]} {other}, the {names[0]} "
        f"{head['noun']} {relation} the {names[1]} {head['noun']}"
    )


def number_in(head: re.Match[str]) -> int | None:
    """How many stand in each line; None: nobody said, or it does not come out."""
    total = COUNTS.get(head.groupdict().get("total") or "")
    number = COUNTS.get(head["number"] or "") or (total // 2 if total else None)
    fits = number is not None and total in (None, 2 * number)
    return number if fits else None
