"""The judge of the embedded world: answers requirements from a picture's pixels."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from ..judges.judge import Judgement, Requirement, Verdict
from .mllm import look_at

UNREADABLE = "this is no picture of the embedded world"


class EmbeddedJudge:
    """Sees the things, colours and letters of its world and nothing else; see ``Judge``.

    It measures what it sees, so it is as sure of every verdict and gives no confidence.
    """

    name = "embedded"
    kinds = frozenset({"object", "count", "attribute", "position", "text"})
    at_once = None

    async def judge(
        self,
        picture: Path,
        requirements: Sequence[Requirement],
        *,
        max_requests: int | None = None,
    ) -> Judgement:
        """See ``Judge.judge``. Asks no model, so it costs nothing and ``max_requests`` bounds nothing.

        Raises:
            NotInWorldError: a requirement's question is about something the world does not have.
        """
        return Judgement(await asyncio.to_thread(judge_all, picture, requirements))


def judge_all(picture: Path, requirements: Sequence[Requirement]) -> list[Verdict]:
    """A verdict a requirement, in their order.

    Raises:
        NotInWorldError: see ``EmbeddedJudge.judge``.
    """
    from .statements import checks_in, decide_all  # loads OpenCV

    asked = [checks_in(requirement["question"]) for requirement in requirements]
    seen = look_at([picture])
    if seen is None:
        return [Verdict(value="not_judged", reason=UNREADABLE, cause="failed") for _ in asked]
    decisions = [decide_all(checks, seen) for checks in asked]
    return [Verdict(value="pass" if good else "fail", reason=reason) for good, reason in decisions]
