"""What OneIG-Bench and LongText-Bench count of a text, and how two texts are compared.

Rules of OneIG-Bench/OneIG-Benchmark 41b4983 and X-Omni-Team/X-Omni 2b8237b.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

NO_TEXT = "No text recognized."
"""With the full stop it is taken out of a reading; without, it stays."""
CHINESE = re.compile("[\u4e00-\u9fa5]")
UNCOUNTED = re.compile(r"[^\u4e00-\u9fa5a-zA-Z0-9\sàâäéèêëîïôöùûüçÀÂÄÉÈÊËÎÏÔÖÙÛÜÇ]")
SPACES = re.compile(r"\s+")


def counted(text: str) -> str:
    """``text`` without the characters that do not count: ñ and ß are among those."""
    return UNCOUNTED.sub("", text)


def has_chinese(text: str) -> bool:
    """Whether one of U+4E00..U+9FA5 is in it."""
    return CHINESE.search(text) is not None


def without_spaces(text: str) -> str:
    """All white space gone."""
    return SPACES.sub("", text)


def single_spaces(text: str) -> str:
    """Every run of white space one space, none at the ends."""
    return SPACES.sub(" ", text).strip()


def common(one: Iterable[str], other: Iterable[str]) -> int:
    """How many units two texts share, as multisets."""
    return (Counter(one) & Counter(other)).total()


def edit_distance(one: str, other: str) -> int:
    """Insertions, deletions and replacements of characters that lead from one to the other
    (Levenshtein, 1966)."""
    row = list(range(len(other) + 1))
    for number, character in enumerate(one, 1):
        corner, row[0] = row[0], number
        for column, wanted in enumerate(other, 1):
            cost = corner + (character != wanted)
            corner = row[column]
            row[column] = min(cost, corner + 1, row[column - 1] + 1)
    return row[-1]
