"""The skill retriever: finds experiences of earlier runs that fit a prompt, and what they add up to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..errors import GemsError
from .experiences import Experience, ExperienceStore, Recalled
from .rows import EndingRow, LessonRow, RecalledRow, SkillUseRow, TrackRow
from .track_record import track_record

LIMIT = 6
"""Requests of which an example is shown."""
LESSONS = 5
"""Lessons about the generator that are shown."""
REQUEST_SHOWN = 200
"""Characters of a request, and of what failed, that the planner is shown."""
COUNTED = 100
"""The nearest experiences, however far, whose outcomes make the track record."""

Size = tuple[int | None, int | None]
"""Width and height in pixels that are asked for; None: the generator's own."""


@dataclass(frozen=True)
class Recollection:
    """What memory says about a prompt: examples to read and figures over many runs."""

    experiences: list[RecalledRow] = field(default_factory=list)
    """Experiences for similar prompts, the most similar first; what they say is about their subject."""
    track_record: list[TrackRow] = field(default_factory=list)
    """How often each skill and strategy worked."""
    lessons: list[str] = field(default_factory=list)
    """What was learned about the generator, whatever is drawn."""
    warnings: list[str] = field(default_factory=list)
    nearest: list[Experience] = field(default_factory=list)
    """All that was looked at, the most similar first."""

    def solved(self, request: str, run_seed: int, size: Size) -> Experience | None:
        """The run that got this very request right from the same seed, in the same size: who gives
        both again asks for that picture again."""
        for experience in self.nearest:
            recipe = experience.recipe
            if recipe and (experience.prompt, recipe.run_seed, recipe.size) == (
                request,
                run_seed,
                size,
            ):
                return experience
        return None


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
    if experience.solved:
        row["then_passed_everything"] = True
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
    store: Callable[[], ExperienceStore],
    prompt: str,
    generator: str,
    wanted: bool,
    thread: str | None = None,
) -> Recollection:
    """What earlier runs with the same generator teach about ``prompt``; nothing of ``thread``'s own,
    which its roles see as attempts.

    A collection that cannot be read is a warning: a run goes on without it.
    """
    if not wanted:
        return Recollection()
    try:
        found = await store().similar(prompt, generator, COUNTED)
    except GemsError as exc:
        return Recollection(warnings=[f"memory: {exc}"])
    others = [item for item in found if item.experience.thread != thread]
    experiences = [item.experience for item in others]
    return Recollection(
        [describe(item) for item in examples_of(others)],
        track_record(experiences),
        lessons_about_generator(experiences),
        nearest=experiences,
    )


def lessons_about_generator(experiences: Sequence[Experience]) -> list[str]:
    """What experiences say about the generator, the nearest first, each thing once."""
    said = {" ".join(e.about_generator.casefold().split()): e.about_generator for e in experiences}
    return [lesson for key, lesson in said.items() if key][:LESSONS]


def skill_uses(recalled: Sequence[RecalledRow]) -> list[SkillUseRow]:
    """What became of similar requests with their skills: what is needed to choose one."""
    return [
        SkillUseRow(
            request=row["request"][:REQUEST_SHOWN], skill=row["skill"], outcome=outcome_of_use(row)
        )
        for row in recalled
    ]


def outcome_of_use(row: RecalledRow) -> str:
    """How the first picture, or the last, of a similar request came out."""
    if (outcome := row.get("outcome")) is not None:
        return f"{outcome} in round {row['round']}"
    failed = "; ".join(row["failed"])[:REQUEST_SHOWN]
    return f"round {row['round']} failed: {failed}"


def examples_of(found: Sequence[Recalled]) -> list[Recalled]:
    """The most telling experience of each similar enough request, the most similar requests first: one
    after which everything passed, else the one that gained most, of equals the nearest."""
    best: dict[str, Recalled] = {}
    for item in found:
        if not item.alike:
            continue
        request = " ".join(item.experience.prompt.casefold().split())
        if request not in best or telling(item) > telling(best[request]):
            best[request] = item
    return list(best.values())[:LIMIT]


def telling(item: Recalled) -> tuple[bool, int]:
    """How much an experience says about what to do."""
    return item.experience.solved, item.experience.gained
