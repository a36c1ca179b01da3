"""Rounds that have been judged, for the roles that learn from them."""

from __future__ import annotations

import asyncio
import io
from typing import Any

from ...memory.images import Provenance
from ...memory.state import Attempt, Draft, Requirement, Verdict
from .pictures import scene
from .subject import Subject


async def state_after(subject: Subject, item: dict[str, Any]) -> dict[str, Any]:
    """A run's state when its first round has been judged as ``item`` says."""
    requirements = [
        Requirement(
            id=f"q{number}",
            question=r["question"],
            statement=r["statement"],
            kind=r["kind"],
            parent=None,
        )
        for number, r in enumerate(item["requirements"], 1)
    ]
    verdicts = {
        f"1.0.q{number}": Verdict(value="pass" if r["passed"] else "fail", reason=r["reason"])
        for number, r in enumerate(item["requirements"], 1)
    }
    attempt = await asyncio.to_thread(draw, subject, item)
    draft = Draft(round=1, action="rewrite", prompt=item["prompt"], reasoning="")
    return {
        "prompt": item["prompt"],
        "requirements": requirements,
        "verdicts": verdicts,
        "attempts": [attempt],
        "draft": draft,
        "drafts": [draft],
    }


def draw(subject: Subject, item: dict[str, Any]) -> Attempt:
    """The round's picture in the exam's store."""
    buffer = io.BytesIO()
    scene(item["objects"]).save(buffer, "PNG")
    made = Provenance(item["prompt"], 0, "exam", None, 1)
    image = subject.images.put(buffer.getvalue(), made)
    return Attempt(round=1, candidate=0, prompt=item["prompt"], seed=0, image=image)
