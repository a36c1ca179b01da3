"""Answers in plain words, where JSON was asked for: a role's answer may know how to be read from them.

An answer's class says so by a class method ``from_words(text)``, which returns what to validate, or
None where the words do not say it plainly.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from ..text import clean
from .mllm import AnswerT

FENCED = re.compile(r"```[\w-]*\n(.*?)```", re.DOTALL)
LABELLED = re.compile(
    r"(?:^|\n)\W*(?:new |final |revised |improved )?prompt\W*[:：]\s*(\S.*)", re.DOTALL | re.I
)
SPOKEN = re.compile('["\u201c\u300c](.{30,}?)["\u201d\u300d]', re.DOTALL)
NUMBERED = re.compile(r"^\W*(?:question |q)?(\d{1,3})\W+(\S.*)$", re.IGNORECASE | re.MULTILINE)
HALF = re.compile(r"""[{\[]\s*["']|["']\s*:\s*["\[{]""")
"""What a text that was to be JSON holds."""
FEWEST, MOST = 3, 6000
"""Words that make a text, and characters that are too many for one."""


def read_plain(text: str, answer: type[AnswerT]) -> AnswerT | None:
    """The answer that ``text`` gives in plain words; None: it gives none, or there is no telling."""
    reader: Callable[[str], Any] | None = getattr(answer, "from_words", None)
    found = reader(text.strip()) if reader is not None and text.strip() else None
    if found is None:
        return None
    try:
        return answer.model_validate(clean(found))
    except ValidationError:
        return None


def passage_in(text: str) -> str | None:
    """The text that was asked for in a message that holds nothing else but an introduction: in a fence,
    after a label, between quotation marks, or all of it. None: it is no text."""
    passage = text
    for pattern in (FENCED, LABELLED, SPOKEN):
        found = pattern.findall(text)
        if len(found) == 1:
            passage = found[0]
            break
    passage = passage.split("\n\n")[0] if LABELLED.search(text) else passage
    words = " ".join(passage.strip().strip("\"'*`\u201c\u201d").split())
    long_enough = len(words.split()) >= FEWEST or (not words.isascii() and len(words) > FEWEST * 2)
    return words if long_enough and len(words) <= MOST and not HALF.search(words) else None


def numbered_lines(text: str) -> list[tuple[int, str]]:
    """The lines of a numbered list, with their numbers."""
    return [(int(number), line.strip()) for number, line in NUMBERED.findall(text)]
