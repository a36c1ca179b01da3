"""What an MLLM answers when it looks at a picture: the forms of its answers, and verdicts from them."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field, field_validator

from ..chat.lenient import Number, Words, usable
from ..chat.plain import numbered_lines
from .judge import Requirement, Verdict
from .words import counted_share, plain_verdict, read_verdict

Said = Literal["yes", "no", "cannot_tell"]
CONCLUDES = re.compile(
    r"^\W*(?:(?:final )?(?:answer|verdict)|答案|结论|結論|判定)\W*[:：]\s*", re.IGNORECASE
)
REASON_LENGTH = 300
REASON = "what you see, one short sentence"


class Look(BaseModel):
    """The answer to one question. Models write in this order, so the reason comes before what follows
    from it."""

    reason: Words = Field(default="", description=REASON)
    verdict: Annotated[Said, BeforeValidator(read_verdict)]

    @classmethod
    def from_words(cls, text: str) -> object:
        """A look in plain words: a verdict before its reason, or in a last line of its own."""
        *before, last = [line for line in text.splitlines() if line.strip()]
        for line in (CONCLUDES.sub("", last), (before or [last])[0]):
            if (verdict := plain_verdict(line)) is not None:
                return {"verdict": verdict, "reason": " ".join(text.split())[:REASON_LENGTH]}
        return None


class NumberedLook(BaseModel):
    """The same, when several questions are asked at once."""

    number: Number = Field(description="the question's")
    reason: Words = Field(default="", description=REASON)
    verdict: Annotated[Said, BeforeValidator(read_verdict)]


class Looks(BaseModel):
    """The answer to all questions; a verdict that cannot be read leaves its question unanswered."""

    verdicts: list[NumberedLook]

    @classmethod
    def from_words(cls, text: str) -> object:
        """Looks in a numbered list; a line that decides nothing leaves its question unanswered."""
        looks = [
            {"number": number, "verdict": verdict, "reason": line[:REASON_LENGTH]}
            for number, line in numbered_lines(text)
            if (verdict := plain_verdict(line)) is not None
        ]
        return {"verdicts": looks} if looks else None

    @field_validator("verdicts", mode="before")
    @classmethod
    def _drop_unusable(cls, value: object) -> object:
        if not isinstance(value, list | dict):
            return value
        found = [look for look in usable(value, NumberedLook) if look is not None]
        if value and not found:
            raise ValueError("none of them has a number and a verdict")
        return found


def verdict_of(
    look: Look | NumberedLook, requirement: Requirement, confidence: float | None = None
) -> Verdict:
    """What a look says of ``requirement``: yes is pass, no is fail with what is met of a number,
    anything else is unclear."""
    if look.verdict == "cannot_tell":
        return Verdict(value="not_judged", reason=look.reason, cause="unclear")
    verdict = Verdict(value="pass" if look.verdict == "yes" else "fail", reason=look.reason)
    if confidence is not None:
        verdict["confidence"] = confidence
    share = counted_share(requirement["question"], look.reason)
    if verdict["value"] == "fail" and requirement["kind"] == "count" and share is not None:
        # The right number and still a no: nothing can be said of how near it is.
        verdict["credit"] = share if share < 1.0 else 0.0
    return verdict
