"""The skill retriever: finds experiences of earlier runs that fit a prompt, and what they add up to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..errors import GemsError
from .experiences import Experience, ExperienceStore, Recalled
from .rows import EndingRow, LessonRow, RecalledRow, TrackRow
from .track_record import track_record

LIMIT = 6
"""A run leaves one experience a round, so these are two or three runs'."""
LEAST_SIMILARITY = 0.3
"""Below this cosine similarity of the prompts an experience is no example; it still counts."""
COUNTED = 100
"""The nearest experiences, however far, whose outcomes make the track record."""


@dataclass(frozen=True)
class Recollection:
    """What memory says about a prompt: examples to read and figures over many runs."""

    experiences: list[RecalledRow] = field(default_factory=list)
    """Experiences for similar prompts, the most similar first."""
    track_record: list[TrackRow] = field(default_factory=list)
    """How often each skill and strategy worked."""
    warnings: list[str] = field(default_factory=list)


def describe(found: Recalled) -> RecalledRow:
    """One experience as a role reads it: where it comes from, what it brought, what it says."""
    experience = found.experience
    if experience.action == "end":
        return ending_of(experience)
    row = LessonRow(
        request=experience.prompt,
        skill=experience.skill,
        round=experience.round,
        failed=list(experience.failed),
        action=experience.action,
        next_prompt=experience.next_prompt,
        gained=experience.gained,
        lesson=experience.text,
    )
    if experience.strategy:
        row["strategy"] = experience.strategy
    return row


def ending_of(experience: Experience) -> EndingRow:
    """The last round of a run as a role reads it."""
    return EndingRow(
        request=experience.prompt,
        skill=experience.skill,
        round=experience.round,
        failed=list(experience.failed),
        outcome="passed everything" if experience.solved else "ended with failures",
        prompt=experience.next_prompt,
    )


async def recall(
    store: Callable[[], ExperienceStore], prompt: str, generator: str, wanted: bool
) -> Recollection:
    """What earlier runs with the same generator teach about ``prompt``.

    A collection that cannot be read is a warning: a run goes on without it.
    """
    if not wanted:
        return Recollection()
    try:
        found = await store().similar(prompt, generator, COUNTED)
    except GemsError as exc:
        return Recollection(warnings=[f"memory: {exc}"])
    near = [item for item in found[:LIMIT] if item.similarity >= LEAST_SIMILARITY]
    return Recollection(
        [describe(item) for item in near], track_record([item.experience for item in found])
    )
