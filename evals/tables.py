"""The figures of a benchmark as tables of text, for the terminal and the report alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .score import ArmScore, Difference, Estimate, Saving


class Table(NamedTuple):
    """Words in rows, each row as long as ``head``; an interval is ``mean [low, high]``."""

    head: list[str]
    rows: list[list[str]]


def arm_table(arms: Sequence[ArmScore]) -> Table:
    """The ladder, a row an arm, with the interval of every figure."""
    head = ["arm", "fully correct %", "questions passed %", "pictures", "MLLM calls"]
    rows = [
        [
            arm.arm,
            arm.correct.text(),
            arm.questions.text(),
            arm.images.text(2),
            arm.calls.text(),
            arm.rounds.text(2) if arm.rounds else "-",
        ]
        for arm in arms
    ]
    return Table([*head, "rounds to success"], rows)


def difference_table(differences: Sequence[Difference]) -> Table:
    """The paired differences; one whose interval holds 0 says so."""
    rows = [
        [
            f"{item.arm} over {item.over}",
            item.correct.text(signed=True),
            item.images.text(2, signed=True),
            remark(item.correct) + (", fewer pictures" if saves(item.images) else ""),
        ]
        for item in differences
    ]
    return Table(["difference", "points", "pictures", ""], rows)


def saving_table(savings: Sequence[Saving]) -> Table:
    """What memory saves; one whose interval holds 0 says so."""
    rows = [
        [
            f"{item.arm} against {item.over}",
            item.images.text(),
            item.correct.text(signed=True),
            remark(item.images, "saving"),
        ]
        for item in savings
    ]
    return Table(["second half, with memory of the first", "pictures saved %", "points", ""], rows)


def remark(gain: Estimate, noun: str = "gain") -> str:
    """What an interval says: "a gain", "a loss", or "no gain shown" where it holds 0; ``noun`` for
    "gain"."""
    if gain.says_little and (gain.low > 0 or gain.high < 0):
        return f"no {noun} shown by so few prompts"
    if gain.low > 0:
        return f"a {noun}"
    return "a loss" if gain.high < 0 else f"no {noun} shown"


def saves(images: Estimate) -> bool:
    """Whether a difference in pictures shows that fewer are drawn."""
    return images.high < 0 and not images.says_little


def round_table(arms: Sequence[ArmScore]) -> Table:
    """Fully correct percent after each round; an arm that ended keeps its last."""
    longest = max((len(arm.by_round) for arm in arms), default=0)
    head = ["fully correct % after round", *(str(number) for number in range(1, longest + 1))]
    rows = []
    for arm in arms:
        values = [*arm.by_round, *arm.by_round[-1:] * (longest - len(arm.by_round))]
        rows.append([arm.arm, *(f"{value:.1f}" for value in values)])
    return Table(head, rows)


def kind_table(arms: Sequence[ArmScore]) -> Table:
    """Fully correct percent by arm and the cases' kind."""
    return split_table({arm.arm: arm.by_kind for arm in arms})


def level_table(arms: Sequence[ArmScore]) -> Table:
    """Fully correct percent by arm and the cases' level."""
    return split_table({arm.arm: {str(n): v for n, v in arm.by_level.items()} for arm in arms})


def split_table(shares: Mapping[str, Mapping[str, float]]) -> Table:
    """Percent by arm and then by any name, a column a name; 0 where an arm has none of them."""
    names = sorted({name for by_name in shares.values() for name in by_name})
    rows = [
        [arm, *(f"{by_name.get(name, 0.0):.0f}" for name in names)] for arm, by_name in shares.items()
    ]
    return Table(["fully correct %", *names], rows)


def halves_table(arms: Sequence[ArmScore]) -> Table:
    """Pictures in the first and second half of the suite."""
    rows = [[arm.arm, *(f"{value:.2f}" for value in arm.halves)] for arm in arms]
    return Table(["pictures a prompt", "first half", "second half"], rows)
