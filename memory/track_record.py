"""The track record: how often skills and strategies worked with a generator, over experiences."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..models.strategies import strategy_named
from .experiences import Experience
from .rows import SkillRow, StrategyRow, TrackRow

MOST_ROWS = 16
"""Rows of a track record; those with most experiences behind them are kept."""


@dataclass
class Tally:
    """How often something was tried, how often it worked, and what it broke."""

    tried: int = 0
    worked: int = 0
    broke: int = 0

    def add(self, worked: int, tried: int = 1, broke: int = 0) -> None:
        """Counts a use."""
        self.tried += tried
        self.worked += worked
        self.broke += broke


def track_record(experiences: Sequence[Experience]) -> list[TrackRow]:
    """Rows such as these, most tried first; of equals, strategies before skills, by name::

        {"skill": "spatial", "right": 14, "tried": 20}
        {"failed": "count", "strategy": "name positions", "fixed": 9, "tried": 12, "broke": 1}

    A skill is credited with first pictures that were right, a strategy with each requirement that had
    failed and that it put right, whatever became of the others.
    """
    skills, strategies = tally_up(experiences)
    rows: list[tuple[tuple[int, bool, str], TrackRow]] = [
        ((-tally.tried, True, f"{name}:"), SkillRow(skill=name, right=tally.worked, tried=tally.tried))
        for name, tally in skills.items()
    ]
    rows += [
        ((-tally.tried, False, f"{kind}, {name}:"), strategy_row(kind, name, tally))
        for (kind, name), tally in strategies.items()
    ]
    rows.sort(key=lambda row: row[0])
    return [row for _, row in rows[:MOST_ROWS]]


def tally_up(
    experiences: Sequence[Experience],
) -> tuple[dict[str, Tally], dict[tuple[str, str], Tally]]:
    """First pictures by skill, and what followed failures by (kind, strategy)."""
    skills: dict[str, Tally] = defaultdict(Tally)
    strategies: dict[tuple[str, str], Tally] = defaultdict(Tally)
    for experience in experiences:
        if experience.round == 1:
            skills[experience.skill].add(experience.action == "end" and experience.solved)
        strategy = strategy_named(experience.strategy)
        for kind, fixed, tried in credits_of(experience) if strategy else ():
            strategies[kind, strategy].add(fixed, tried, len(experience.broken))
    return skills, strategies


def credits_of(experience: Experience) -> Iterator[tuple[str, int, int]]:
    """(kind, requirements of it that were put right, requirements of it that had failed) of a round.

    Experiences of older versions hold the kinds alone: they tell where everything was right after it,
    where nothing was gained, and where all was of one kind.
    """
    fixed, unfixed = Counter(experience.fixed), Counter(experience.unfixed)
    for kind in dict.fromkeys([*experience.fixed, *experience.unfixed]):
        yield kind, fixed[kind], fixed[kind] + unfixed[kind]
    if not fixed and not unfixed and not experience.broken:
        known = experience.solved or experience.gained <= 0 or len(experience.kinds) == 1
        for kind in experience.kinds if known else ():
            yield kind, int(experience.solved or experience.gained > 0), 1


def strategy_row(kind: str, name: str, tally: Tally) -> StrategyRow:
    """The row of one strategy after one kind of failure."""
    return StrategyRow(
        failed=kind, strategy=name, fixed=tally.worked, tried=tally.tried, broke=tally.broke
    )
