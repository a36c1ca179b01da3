"""The track record: how often skills and strategies worked with a generator, over experiences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from .experiences import Experience

MOST_LINES = 16
"""Lines of a track record; those with most experiences behind them are kept."""


@dataclass
class Tally:
    """How often something was tried, how often everything passed then, and what it gained."""

    tried: int = 0
    solved: int = 0
    gained: int = 0

    def add(self, solved: bool, gained: int = 0) -> None:
        """Counts one more."""
        self.tried += 1
        self.solved += solved
        self.gained += gained


def track_record(experiences: Sequence[Experience]) -> list[str]:
    """Lines such as these, most tried first::

        skill spatial: first picture fully right 14 of 20 times
        after a failed count, name positions: fully right 9 of 12 times, +1.3 requirements

    A round whose failures are of several kinds counts for each of them.
    """
    skills: dict[str, Tally] = defaultdict(Tally)
    strategies: dict[tuple[str, str], Tally] = defaultdict(Tally)
    for experience in experiences:
        if experience.round == 1:
            skills[experience.skill].add(experience.action == "end" and experience.solved)
        for kind in experience.kinds if experience.strategy else ():
            strategies[kind, experience.strategy].add(experience.solved, experience.gained)
    lines = [
        (tally.tried, f"skill {name}: first picture fully right {tally.solved} of {tally.tried} times")
        for name, tally in skills.items()
    ]
    lines += [
        (
            tally.tried,
            f"after a failed {kind}, {name}: fully right {tally.solved} of {tally.tried} times, "
            f"{tally.gained / tally.tried:+.1f} requirements",
        )
        for (kind, name), tally in strategies.items()
    ]
    lines.sort(key=lambda line: (-line[0], line[1]))
    return [text for _, text in lines[:MOST_LINES]]
