"""Reads grids: "two rows of three squares", "in a 2 by 3 grid", "two rows: three stars, two hearts"."""

from __future__ import annotations

import re
from functools import partial

from ..world import NUMBERS
from .words import ANY_PLURAL, COUNTS, LIKE

SIDE = r"two|three|four|[234]"
PLURAL = rf"{LIKE}{ANY_PLURAL}"
BY = r"(?: by | ?x ?|\u00d7)"
IN = r"(?:(?:arranged|placed|lined up|set out|sorted) )?(?:in|as|into|on|forming) "
PART = rf"(?:one|a|two|three|four|[234]) {PLURAL}"
FIRST = r"(?:(?:the )?(?:first|top|upper|one)(?: row| one)?(?: is| has| with| of|:)?(?: a row of)? )?"
SECOND = (
    r"(?:(?:the )?(?:second|bottom|lower|other)(?: row| one)?(?: is| has| with| of|:)?(?: a row of)? )?"
)
WHERE = (
    r"(?: (?:in|on) the (?:first|top|upper)(?: row| one)?)?",
    r"(?: (?:(?:in|on) the (?:second|bottom|lower|other)(?: row| one)?|below(?: (?:them|it|that))?|"
    r"under(?:neath)? (?:them|it|that)))?",
)
TWO_ROWS = re.compile(
    rf"\b(?:in )?(?:two|2) (?:rows|lines)[,:]? (?:of |with )?{FIRST}(?P<one>{PART}){WHERE[0]}"
    rf"(?:,? and(?: then)?|,? then|[,;]) {SECOND}(?P<other>{PART}){WHERE[1]}(?= *(?:[.,;!?]|$))"
)
REWRITES = [
    (rf"(?:an? )?({SIDE}){BY}({SIDE}) (?:grid|block) (?:of|with) (?:(?:\w+) )?({PLURAL})", "whole"),
    (rf"(?:an? )?grid (?:of|with) ({PLURAL}),? ({SIDE}){BY}({SIDE})", "after"),
    (rf"(?:an? )?grid of ({SIDE}){BY}({SIDE}) ({PLURAL})", "whole"),
    (rf"({SIDE}) (?:rows|lines) (?:of|with) ({SIDE}) ({PLURAL})", "whole"),
    (rf"({SIDE}) columns (?:of|with) ({SIDE}) ({PLURAL})", "whole columns"),
    (rf",? ?(?:{IN})?({SIDE}) (?:rows|lines)(?: of|,) ({SIDE})(?: each)?", "rows"),
    (rf",? ?(?:{IN})?({SIDE}) columns(?: of|,) ({SIDE})(?: each)?", "columns"),
    (rf",? ?{IN}(?:an? )?({SIDE}){BY}({SIDE})(?: (?:grid|square|block|pattern|arrangement))?", "rows"),
    (rf",? ?{IN}an? grid(?: of)? ({SIDE}){BY}({SIDE})", "rows"),
    (rf",? ?(?:{IN})?({SIDE}) (?:rows|lines)", "rows alone"),
    (rf",? ?(?:{IN})?({SIDE}) columns", "columns alone"),
]
"""Wordings of grids, and how their numbers are meant."""


def with_grids(text: str) -> str:
    """``text`` in small letters, its grids in one wording: "six cats in a grid of two rows"."""
    text = TWO_ROWS.sub(lambda m: f" a row of {m['one']} above a row of {m['other']}", text)
    for pattern, how in REWRITES:
        text = re.sub(rf"(?<![\w{{]){pattern}\b", partial(plainer, how), text)
    return text


def plainer(how: str, match: re.Match[str]) -> str:
    """A grid in its one wording."""
    if "grid of" in match.string[: match.start()][-12:]:
        return match[0]
    if how.endswith("alone"):
        return f" in a grid of {word(match[1])} {how.split()[0]} "
    numbers = [word(group) for group in match.groups() if group in COUNTS]
    rows, columns = reversed(numbers) if "columns" in how else numbers
    grid = f"in a grid of {rows} rows of {columns}"
    if how in {"rows", "columns"}:
        return f" {grid} "
    things = next(group for group in match.groups() if group not in COUNTS)
    return f"{COUNTS[rows] * COUNTS[columns]} {things} {grid}"


def word(number: str) -> str:
    """A number from two to four in letters."""
    return NUMBERS[COUNTS[number]]


def total_of(name: str) -> int:
    """How many a grid's wording says there are; 0: it does not."""
    numbers = [COUNTS[found] for found in re.findall(SIDE, name)]
    return numbers[0] * numbers[1] if len(numbers) == 2 else 0


def rows_of(name: str, total: int) -> str | None:
    """The name of the line that a grid's wording means for so many objects; None: they make none."""
    numbers = [COUNTS[found] for found in re.findall(SIDE, name)]
    rows = total // numbers[0] if "columns" in name else numbers[0]
    columns = total // rows if rows else 0
    fits = rows * columns == total and 1 < rows <= 4 and 1 < columns <= 4
    if not fits or numbers[1:] not in ([], [columns]):
        return None
    return f"grid of {NUMBERS[rows]} rows"
