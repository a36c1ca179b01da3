"""What chat requests hold, as a server reads them: in order, from the system message to the last word.

For counting what a model has to read, and how much of it a server that keeps what it has read (a prefix
cache) need not read again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

CHARACTERS_A_TOKEN = 4
TOKENS_A_PICTURE = 750
"""Of 768 pixels a side, as models with 28-pixel patches count them."""


@dataclass(frozen=True)
class Piece:
    """A text, or a picture by its digest."""

    text: str
    picture: bool = False

    @property
    def tokens(self) -> float:
        """About how many a model makes of it."""
        return TOKENS_A_PICTURE if self.picture else len(self.text) / CHARACTERS_A_TOKEN


def pieces(body: dict[str, Any]) -> list[Piece]:
    """Everything that a chat request says, in order."""
    found: list[Piece] = []
    for message in body["messages"]:
        content = message["content"]
        parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
        found += [piece_of(part) for part in parts]
    return found


def piece_of(part: dict[str, Any]) -> Piece:
    """One part of a message's content."""
    if part["type"] == "text":
        return Piece(str(part["text"]))
    url = str(part["image_url"]["url"])
    return Piece(hashlib.sha256(url.encode()).hexdigest(), picture=True)


def characters(body: dict[str, Any]) -> int:
    """Of all texts; pictures are not counted."""
    return sum(len(piece.text) for piece in pieces(body) if not piece.picture)


def tokens(body: dict[str, Any]) -> float:
    """About how many tokens a request has, pictures included."""
    return sum(piece.tokens for piece in pieces(body))


def shared_tokens(one: dict[str, Any], other: dict[str, Any]) -> float:
    """About how many tokens of ``one`` are the beginning of ``other`` as well."""
    shared = 0.0
    for mine, theirs in zip(pieces(one), pieces(other), strict=False):
        if mine != theirs:
            if not mine.picture and not theirs.picture:
                shared += same_beginning(mine.text, theirs.text) / CHARACTERS_A_TOKEN
            break
        shared += mine.tokens
    return shared


def same_beginning(one: str, other: str) -> int:
    """Characters in which two texts begin alike."""
    length = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        length += 1
    return length


def cached_tokens(bodies: Sequence[dict[str, Any]]) -> Iterator[float]:
    """For each request, about how many of its tokens a server has read before at the beginning of
    another of ``bodies``."""
    for number, body in enumerate(bodies):
        yield max((shared_tokens(body, earlier) for earlier in bodies[:number]), default=0.0)
