"""Questions as checks, a person's own words among them, which may say several things at once."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .decisions import Decision, decide
from .eye import Scene
from .questions import Check, parse_question, questions_for
from .reading.grammar import read_prompt

SAID = re.compile(r"is this so: (.+?)\?*", re.IGNORECASE | re.DOTALL)
TOTAL = "in the picture?"
"""How the question after the number of all objects ends, of which a statement says nothing."""


def checks_in(question: str) -> list[Check]:
    """All that a question asks.

    Raises:
        NotInWorldError: the embedded eye cannot answer such a question.
    """
    said = SAID.fullmatch(question.strip())
    if said is None:
        return [parse_question(question)]
    asked = [str(item["question"]) for item in questions_for(read_prompt(said[1]))]
    return [parse_question(text) for text in asked if not text.endswith(TOTAL)]


def decide_all(checks: Sequence[Check], scene: Scene) -> Decision:
    """Whether all of ``checks`` hold; the reason is that of what does not."""
    decisions = [decide(check, scene) for check in checks]
    failed = [reason for good, reason in decisions if not good]
    return not failed, failed[0] if failed else "; ".join(reason for _, reason in decisions)
