"""What people say of a run: of a judged round, and before the first picture."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict


class Review(TypedDict):
    """What a person said of a round that they were shown."""

    round: int
    decision: Literal["go_on", "take", "stop"]
    changes: bool
    """Whether it changed what is required or judged, so that the round counts anew."""
    verdicts: dict[str, str]
    add: list[str]
    drop: list[str]
    wrong: str
    prompt: str


class Clarification(TypedDict):
    """A question about the request, and what a person answered."""

    question: str
    answer: str


class Edited(TypedDict):
    """A requirement that a person put in other words."""

    before: str
    after: str


class Briefing(TypedDict):
    """What a person said before the first picture, of what it will be held to."""

    answers: list[Clarification]
    """Those that were answered."""
    add: list[str]
    drop: list[str]
    """The statements of what does not count."""
    edit: list[Edited]
    words: str
    """What else they said."""
