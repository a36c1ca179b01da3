"""Answers that are not quite JSON: single quotes, bare quotes in texts, a comma too many, comments.

The package json-repair reads them, and would read an answer that was cut off just as well, with half a
sentence for the whole or with items missing. So it is shown only what is closed: brackets that pair up,
and a value's own end before the last of them. And what it makes of it must hold all the words that were
there: it drops the rest of a text at a quote that it takes for the end. Anything else is for the model
to write again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

OPENING = re.compile(r"[{\[]")
PAIRS = {"}": "{", "]": "["}
VALUE_ENDS = re.compile(
    r"""(["'”’\[{]                                              # a text, or an empty list or object,
        |[:,\[]\s*(-?\d[\d.eE+-]*|true|false|null|True|False|None)  # a number or a word of its own,
        )[\s,}\]]*(//[^\n]*|/\*[^*]*\*/|\#[^\n]*)?\s*$          # then brackets, commas, a comment""",
    re.VERBOSE,
)
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/|#[^\n]*", re.DOTALL)
LONGEST = 100_000
"""Characters of an answer that is still worth the time."""
MOST_REGIONS = 20
"""The last ones: an answer comes after its examples."""


def mended_values(text: str) -> Iterator[Any]:
    """The objects and lists in ``text`` that are closed, mended where they need it, the last first."""
    from json_repair import loads

    for region in reversed(closed_regions(text) if len(text) <= LONGEST else []):
        try:
            value = loads(region)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict | list) and faithful(value, region):
            yield value


def closed_regions(text: str) -> list[str]:
    """The outermost stretches of ``text`` from an opening bracket to the one that closes it; none at
    all where one is not closed, because that one may be the answer and the others examples.

    Brackets inside texts count like any others: where they do not pair up nothing is found, which
    costs a question to the model and never a wrong answer.
    """
    regions: list[str] = []
    position = 0
    while match := OPENING.search(text, position):
        end = closing(text, match.start())
        if end is None:
            return []
        region = text[match.start() : end + 1]
        if valid(region) or ends_well(region):
            regions.append(region)
        position = end + 1
    return regions[-MOST_REGIONS:]


def ends_well(region: str) -> bool:
    """Whether a value ends before the last brackets, and each quote that begins a text has one that
    ends it: the brackets may be a text's own, in the middle of which the answer stops."""
    quote = next((character for character in region if character in "\"'"), "")
    # An apostrophe stands between letters.
    marks = re.findall(rf"(?<![\\\w]){quote}|(?<!\\){quote}(?!\w)", region) if quote else []
    return len(marks) % 2 == 0 and bool(VALUE_ENDS.search(region[:-1]))


def faithful(value: Any, region: str) -> bool:
    """Whether ``value`` is what stands in ``region``: every letter and digit, but for comments, is in
    it, in order; and no text of it holds a bracket that may have paired up with one outside."""
    kept = letters(json.dumps(value, ensure_ascii=False))
    whole = kept in (letters(region), letters(COMMENT.sub("", region)))
    return whole and all(closing(f"[{text}]", 0) == len(text) + 1 for text in texts_in(value))


def texts_in(value: Any) -> Iterator[str]:
    """Every text in a JSON value, names of fields among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in [*value, *value.values()] if isinstance(value, dict) else value:
            yield from texts_in(item)


def letters(text: str) -> str:
    """The letters and digits of JSON or of what is almost JSON; a character counts the same as its
    escape, and Python's words the same as JSON's."""
    spelt = re.sub(r"\\u([0-9a-fA-F]{4})", lambda escape: chr(int(escape[1], 16)), text)
    plain = re.sub(r"\\[nrtbf]", " ", spelt)
    return re.sub(r"[\W_]+", "", re.sub(r"\bNone\b", "null", plain)).casefold()


def closing(text: str, start: int) -> int | None:
    """Where the bracket at ``start`` is closed; None: nowhere, or by one of another kind."""
    open_brackets: list[str] = []
    for position in range(start, len(text)):
        character = text[position]
        if character in "{[":
            open_brackets.append(character)
        elif character in PAIRS:
            if open_brackets.pop() != PAIRS[character]:
                return None
            if not open_brackets:
                return position
    return None


def valid(text: str) -> bool:
    """Whether ``text`` is JSON that needs no mending."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
