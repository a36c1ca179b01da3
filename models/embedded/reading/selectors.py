"""Reads which of several are meant: "the upper one", "the outer two", "the third from the left"."""

from __future__ import annotations

import re
from typing import NamedTuple

from .sequences import Axis

NUMBER = r"(?:two|three|four|[2-4])"
COUNTED = {"two": 2, "three": 3, "four": 4, "2": 2, "3": 3, "4": 4}
SIDES: dict[str, Axis] = {"left": "row", "right": "row", "top": "column", "bottom": "column"}
SAME = {
    **dict.fromkeys(("upper", "highest", "uppermost"), "top"),
    **dict.fromkeys(("lower", "lowest", "lowermost"), "bottom"),
    **dict.fromkeys(("centre", "center", "central", "inner"), "middle"),
    **dict.fromkeys(("outside", "end", "ends", "edges"), "outer"),
    **{"1st": "first", "2nd": "second", "3rd": "third", "4th": "fourth", "final": "last"},
}
ORDINALS = ("first", "second", "third", "fourth")
NAMES = rf"(?:{'|'.join([*SIDES, *SAME, *ORDINALS, 'middle', 'outer', 'last'])})"
RANK = rf"{NAMES}(?:[ -]?(?:hand|most))?"
REST = r"(?:others?|rest|remaining)"
ALL = r"(?:all|every one|each)(?: of them)?"
BEYOND = frozenset({"below", "above", "under", "underneath"})
FROM = r"(?:first|second|third|fourth)(?: ones?)? from (?:the )?(?:left|right|top|bottom)"


def selector(noun: str) -> str:
    """The pattern of what says which of several are meant, that are called ``noun`` (a pattern)."""
    ones = rf"(?:ones?|{noun})"
    rank = rf"(?:(?:{NUMBER} )?{RANK}(?: {NUMBER})?(?: {ones})?)"
    place = rf"(?:(?:{NUMBER}|{ones})(?: {ones})? (?:in|on|at|to) (?:the )?{RANK}(?: side)?)"
    rest = rf"(?:(?:all|both) )?(?:the )?(?:{NUMBER} )?{REST}(?: {NUMBER})?(?: {ones})?(?: of them)?"
    beyond = rf"(?:(?:{NUMBER}|{ones}) (?:below|above|under|underneath)(?: (?:it|that))?)"
    return (
        rf"(?:(?:the |both |both the |all the |one )?(?:{FROM}(?: {ones})?|{place}|"
        rf"{rank} and (?:the )?{rank}|{rank}|{rest}|{beyond})|{ALL})"
    )


class Some(NamedTuple):
    """Which of several: their positions, and what line their ranks make of them."""

    positions: frozenset[int]
    axis: Axis | None


def selected(words: str, total: int, noun: str) -> Some | None:
    """Those of ``total`` that a selector means; without positions the others; None: there are none."""
    said = re.sub(rf"\b(?:{noun})\b|\b(?:of them|the|side|ones?|both|in|on|at|to)\b", " ", words)
    said = re.sub(r"(?<=[a-z])[ -]?(?:hand|most)\b", "", said)
    tokens = [SAME.get(word, word) for word in said.split() if word not in {"and"}]
    numbers = [COUNTED[word] for word in tokens if word in COUNTED]
    ranks = [word for word in tokens if word not in COUNTED]
    if len(numbers) > 1:
        return None
    number = numbers[0] if numbers else None
    if (
        BEYOND.intersection(ranks)
        or any(re.fullmatch(REST, word) for word in ranks)
        or ranks[:1] in (["all"], ["every"], ["each"])
    ):
        return Some(frozenset(), None)
    if "from" in ranks:
        found = counted_from(ranks[0], ranks[-1], total)
    elif len(ranks) == 1:
        found = ranked(ranks[0], total, number or (2 if is_plural(words, noun) else 1))
    else:
        found = [at for rank in ranks for at in ranked(rank, total, 1)]
        found = found if number in (None, len(found)) else []
    axes: set[Axis] = {SIDES[word] for word in ranks if word in SIDES}
    if not found or len({*found}) != len(found) or len(axes) > 1:
        return None
    return Some(frozenset(found), axes.pop() if axes else None)


def is_plural(words: str, noun: str) -> bool:
    """Whether a selector says "ones" or the plural of the noun."""
    several = noun.split("|")[-1]
    return re.search(rf"\b(?:ones|both|{several})\b", words) is not None


def counted_from(ordinal: str, side: str, total: int) -> list[int]:
    """ "the third from the right"."""
    at = ORDINALS.index(ordinal)
    if at >= total:
        return []
    return [at if side in {"left", "top"} else total - 1 - at]


def ranked(rank: str, total: int, number: int) -> list[int]:
    """The positions that a rank means for so many of ``total``; none: it fits no such number."""
    if rank in {"left", "top", "first"}:
        return [*range(number)] if number < total else []
    if rank in {"right", "bottom", "last"}:
        return [*range(total - number, total)] if number < total else []
    if rank == "outer":
        return [0, total - 1] if total > 2 else []
    if rank == "middle":
        number = total - 2 if number == 2 and total == 4 else number
        fits = (total - number) % 2 == 0 and 0 < number < total
        return [*range((total - number) // 2, (total + number) // 2)] if fits else []
    at = ORDINALS.index(rank)
    return [at] if at < total and number == 1 else []
