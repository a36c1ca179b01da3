"""What memory tells the roles, as rows of JSON: models and the embedded agents read the same."""

from __future__ import annotations

from typing import Literal, NotRequired, TypeAlias

from typing_extensions import TypedDict


class SkillRow(TypedDict):
    """How often the first picture was right with a skill, or with "none"."""

    skill: str
    right: int
    """Runs whose first picture passed everything."""
    tried: int


class StrategyRow(TypedDict):
    """How often a strategy helped after a kind of failure."""

    failed: str
    """The kind of requirement that had failed: count, position and so on."""
    strategy: str
    fixed: int
    """Failed requirements of the kind that the next picture passes."""
    tried: int
    """Failed requirements of the kind that it was tried on, and of which it is known what became."""
    broke: int
    """Requirements that passed before it and failed after it."""


class RecipeRow(TypedDict):
    """What the picture was drawn from that came right for the same request and seed."""

    prompt: str
    seed: int
    """Of the picture. Whose run it was is not said: experiences are shared, threads are not."""


TrackRow: TypeAlias = SkillRow | StrategyRow


class LessonRow(TypedDict):
    """A round of an earlier run that was followed by another one."""

    request: str
    """That run's own prompt."""
    skill: str
    round: int
    failed: list[str]
    """Statements of the requirements that failed."""
    action: str
    strategy: NotRequired[str]
    next_prompt: str
    """What was drawn next."""
    gained: int
    """Requirements that the next picture passed more, or fewer."""
    then_passed_everything: NotRequired[bool]
    """Only where it did."""
    lesson: str


class EndingRow(TypedDict):
    """The last round of an earlier run, after which nothing was drawn."""

    request: str
    skill: str
    round: int
    failed: list[str]
    outcome: Literal["passed everything", "ended with failures"]
    prompt: str
    """What it drew."""


RecalledRow: TypeAlias = LessonRow | EndingRow


class SkillUseRow(TypedDict):
    """What became of a similar request with a skill, as the planner is told."""

    request: str
    skill: str
    outcome: str
