"""The track record: how often skills and strategies worked with a generator, over experiences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from .experiences import Experience
from .rows import SkillRow, StrategyRow, TrackRow

MOST_ROWS = 16
"""Rows of a track record; those with most experiences behind them are kept."""


@dataclass
class Tally:
    """How often something was tried, how often everything passed then, and what it gained."""

    tried: int = 0
    solved: int = 0
    gained: int = 0

    def add(self, solved: bool, gained: int = 0) -> None:
        """Counts a use: whether everything passed after it, and how many requirements more."""
        self.tried += 1
        self.solved += solved
        self.gained += gained


def track_record(experiences: Sequence[Experience]) -> list[TrackRow]:
    """Rows such as these, most tried first; of equals, strategies before skills, by name::

        {"skill": "spatial", "right": 14, "tried": 20}
        {"failed": "count", "strategy": "name cells", "right": 9, "tried": 12, "gained": 1.3}

    A round whose failures are of several kinds counts for each of them.
    """
    skills, strategies = tally_up(experiences)
    rows: list[tuple[tuple[int, bool, str], TrackRow]] = [
        ((-tally.tried, True, f"{name}:"), SkillRow(skill=name, right=tally.solved, tried=tally.tried))
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
        for kind in experience.kinds if experience.strategy else ():
            strategies[kind, experience.strategy].add(experience.solved, experience.gained)
    return skills, strategies


def strategy_row(kind: str, name: str, tally: Tally) -> StrategyRow:
    """The row of one strategy after one kind of failure."""
    return StrategyRow(
        failed=kind,
        strategy=name,
        right=tally.solved,
        tried=tally.tried,
        gained=round(tally.gained / tally.tried, 1) or 0.0,
    )
