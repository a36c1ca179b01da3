"""Text as it may be stored and shown: every character one that UTF-8 has, none that steers a terminal.

Models write what they were trained on: half an emoji as a lone surrogate, colours as escape sequences.
Files, databases and terminals fail on the first; the second would let a model write over a terminal.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar

from pydantic import BaseModel

ValueT = TypeVar("ValueT")
SEQUENCES = re.compile(
    r"""\x1b\[[0-?]*[ -/]*[@-~]                    # CSI: colours, movements
        |\x1b[\]PX^_].*?(?:\x07|\x1b\\|\x9c)       # OSC and other strings: titles, links, clipboard
        |\x9b[0-?]*[ -/]*[@-~]                     # CSI in one character
        |\x1b[ -/]*[0-~]?""",
    re.VERBOSE | re.DOTALL,
)
"""Escape sequences of ECMA-48, 5.4 and 5.6."""
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)")
"""Control characters but for tabs and line breaks; a return alone would write over its line."""
SURROGATES = re.compile(r"[\ud800-\udfff]")
FIRST_DENSE = 0x2E80
"""From here on Unicode holds Han, kana, Hangul and their like."""


def clean_text(text: str) -> str:
    """``text`` without escape sequences and control characters; surrogates that make a pair are joined,
    lone ones become U+FFFD. Tabs and line breaks stay."""
    if SURROGATES.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text if text.isprintable() else CONTROLS.sub("", SEQUENCES.sub("", text))


def clean(value: ValueT) -> ValueT:
    """``value`` with every text in it clean: in lists, dictionaries and pydantic models, which are not
    validated again."""
    return _clean(value)  # type: ignore[no-any-return]


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list | tuple):
        return type(value)(_clean(item) for item in value)
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    if isinstance(value, BaseModel):
        fields = {name: _clean(getattr(value, name)) for name in type(value).model_fields}
        return value.model_copy(update=fields)
    return value


def dense_in(text: str) -> int:
    """How many characters stand for a syllable or a word: Han, kana, Hangul and their like."""
    return sum(ord(character) >= FIRST_DENSE for character in text)


def tokens_in(text: str) -> int:
    """About how many tokens a text takes: a quarter of one an ASCII character, half of one those of
    other alphabets, a whole one those that stand for a syllable or a word."""
    dense, ascii_ = dense_in(text), len(text.encode("ascii", "ignore"))
    return dense + (ascii_ + 3) // 4 + (len(text) - dense - ascii_ + 1) // 2
