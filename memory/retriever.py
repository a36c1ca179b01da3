"""The skill retriever: finds experiences of earlier runs that fit a prompt, and what they add up to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..errors import GemsError
from .experiences import ExperienceStore, Recalled
from .track_record import track_record

LIMIT = 6
"""A run leaves one experience a round, so these are two or three runs'."""
LEAST_SIMILARITY = 0.3
"""Below this cosine similarity of the prompts an experience is no example; it still counts."""
COUNTED = 100
"""The nearest experiences, however far, whose outcomes make the track record."""


@dataclass(frozen=True)
class Recollection:
    """What memory says about a prompt."""

    experiences: list[str] = field(default_factory=list)
    """Experiences for similar prompts, the most similar first."""
    track_record: list[str] = field(default_factory=list)
    """How often each skill and strategy worked."""
    warnings: list[str] = field(default_factory=list)


def describe(found: Recalled) -> str:
    """One experience as a role reads it: where it comes from, what it brought, what it says."""
    experience = found.experience
    start = f"request: {experience.prompt} | skill: {experience.skill} | "
    failed = "; ".join(experience.failed) or "nothing"
    if experience.action == "end":
        how = "passed everything" if experience.solved else f"ended with failures ({failed})"
        return f"{start}round {experience.round} {how} with: {experience.next_prompt}"
    strategy = f" ({experience.strategy})" if experience.strategy else ""
    return (
        f"{start}failed: {failed} | "
        f"then: {experience.action}{strategy} to: {experience.next_prompt} | "
        f"gained: {experience.gained:+d} | lesson: {experience.text}"
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
