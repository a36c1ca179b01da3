"""The form of an Images API request: what a server that refuses it may do without."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..retry import RefusedRequestError
from ..server_words import own_words

PATTERNS = {
    "response_format": r"response[ _-]?format|b64_json",
    "seed": r"\bseed\b",
    "size": r"\bsizes?\b|\bresolutions?\b|\bdimensions?\b|\b(width|height)\b",
    "n": r"['\"`]n\\?['\"`]|\b(parameter|field|argument|body)s?[ :.]+n\b|^n:|number of images"
    r"|\bn (must|should|is|can|has)\b",
}
"""By field, the words in which servers complain of it; what needs dropping most comes first."""
ABOUT_ELSE = re.compile(
    r"prompt|\bmodel|moderation|safety|content.{0,3}(policy|filter)|flagged|nsfw|prohibited|inappropriate"
    r"|billing|quota|credit|api[ _-]?key|token|balance|account",
    re.IGNORECASE,
)
"""Words of a refusal that no other form of the request would turn."""
TRIED = (
    ("response_format",),
    ("seed",),
    ("size",),
    ("response_format", "seed"),
    ("response_format", "seed", "size"),
    ("response_format", "seed", "size", "n"),
)
"""What to leave out where a server does not say what it minds; a refusal costs nothing."""


def fields_named(refusal: RefusedRequestError, prompt: str, body: Mapping[str, Any]) -> frozenset[str]:
    """The optional fields of ``body`` that a server complains of, not counting words that it repeats of
    the prompt."""
    own = without(refusal.said, prompt)
    # This knows an echo of any part of the prompt, and loses the quotation marks on the way.
    kept = own_words(refusal.said, prompt)
    return frozenset(
        name
        for name, pattern in PATTERNS.items()
        if name in body and (name in refusal.fields or said_of(name, pattern, own, kept))
    )


def said_of(name: str, pattern: str, own: str, kept: str) -> bool:
    """Whether words are about a field: as they are, and after all echoes were taken out."""
    there = re.search(pattern, own, re.IGNORECASE) is not None
    return there and (name == "n" or re.search(pattern, kept, re.IGNORECASE) is not None)


def without(said: str, prompt: str) -> str:
    """A server's words without the prompt, whole or cut off, as it is or as JSON writes it."""
    escaped = prompt.encode("unicode_escape").decode("ascii")
    for text in (prompt, " ".join(prompt.split()), escaped):
        for length in (len(text), 200, 100, 50):
            if len(text) >= length > 3:
                said = said.replace(text[:length], " ")
    return said


def unnamed_forms(said: str, prompt: str, body: Mapping[str, Any]) -> Iterator[frozenset[str]]:
    """What to try leaving out of ``body`` one after the other, where a refusal in the words ``said``
    does not tell; nothing where it is about something else."""
    if ABOUT_ELSE.search(without(said, prompt)):
        return
    seen = {frozenset[str]()}
    for names in TRIED:
        left_out = frozenset(names) & frozenset(body)
        if left_out not in seen:
            seen.add(left_out)
            yield left_out
