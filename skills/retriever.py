"""The skill retriever: finds experiences of earlier runs that fit a prompt."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import GemsError
from ..memory.experiences import ExperienceStore, Recalled

LIMIT = 6
"""A run leaves one experience a round, so these are two or three runs'."""
LEAST_SIMILARITY = 0.3
"""Below this cosine similarity of the prompts an experience is noise."""


def describe(found: Recalled) -> str:
    """One experience as a role reads it: where it comes from, what it brought, what it says."""
    experience = found.experience
    failed = "; ".join(experience.failed) or "nothing"
    return (
        f"request: {experience.prompt} | skill: {experience.skill} | failed: {failed} | "
        f"then: {experience.action} to: {experience.next_prompt} | "
        f"gained: {experience.gained:+d} | lesson: {experience.text}"
    )


async def recall(
    store: Callable[[], ExperienceStore], prompt: str, generator: str, wanted: bool
) -> tuple[list[str], list[str]]:
    """Experiences for similar prompts with the same generator, and warnings.

    A collection that cannot be read is a warning: a run goes on without it.
    """
    if not wanted:
        return [], []
    try:
        found = await store().similar(prompt, generator, LIMIT)
    except GemsError as exc:
        return [], [f"memory: {exc}"]
    return [describe(item) for item in found if item.similarity >= LEAST_SIMILARITY], []
