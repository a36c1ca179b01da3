"""From records to figures: means with bootstrap intervals, and paired differences between arms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from .arms import Arm
from .records import Record
from .scorers import VERIFIER

BOOTSTRAP_SAMPLES = 4000
"""At 200 prompts the ends of an interval in percent then depend on the draw by about 0.15."""
FEWEST = 6
"""Prompts of which something can be shown at 95%."""
Numbers = NDArray[np.float64]
KeyT = TypeVar("KeyT")


@dataclass(frozen=True)
class Estimate:
    """A mean and its 95% interval: percentiles of the means of bootstrap samples of prompts (Efron,
    1979)."""

    mean: float
    low: float
    high: float
    prompts: int | None = None
    """How many it is over; None: not known."""

    @property
    def says_little(self) -> bool:
        """Whether an interval over so few prompts shows nothing, wherever it ends: with five that all
        agree, one side is taken by chance in one of sixteen cases (the sign test)."""
        return self.prompts is not None and self.prompts < FEWEST

    def text(self, digits: int = 1, signed: bool = False) -> str:
        """The mean with its interval, "41.5 [35.0, 48.5]", to ``digits`` decimals."""
        sign = "+" if signed else ""
        return f"{self.mean:{sign}.{digits}f} [{self.low:.{digits}f}, {self.high:.{digits}f}]"


def bootstrap_indices(count: int) -> NDArray[np.int64]:
    """Which of ``count`` prompts each bootstrap sample takes, (BOOTSTRAP_SAMPLES, count); always the
    same."""
    return np.random.default_rng(0).integers(0, count, (BOOTSTRAP_SAMPLES, count))


def estimate(values: Sequence[float] | Numbers) -> Estimate:
    """The mean of ``values`` (N > 0,), one a prompt; the same values give the same interval."""
    numbers = np.asarray(values, np.float64)
    low, high = np.percentile(numbers[bootstrap_indices(len(numbers))].mean(axis=1), [2.5, 97.5])
    return Estimate(float(numbers.mean()), float(low), float(high), len(numbers))


@dataclass(frozen=True)
class ArmScore:
    """How one arm did on the prompts it has finished."""

    arm: str
    prompts: int
    correct: Estimate
    """Percent of prompts with every requirement met, by the scorer."""
    questions: Estimate
    """Mean percent of questions passed."""
    images: Estimate
    """Pictures drawn a prompt."""
    calls: Estimate
    """MLLM calls a prompt."""
    rounds: Estimate | None
    """Rounds run, over the prompts that came out fully correct; None: none did."""
    by_round: list[float]
    """Percent fully correct with what the loop would have given back after 1, 2, ... rounds."""
    by_kind: dict[str, float] = field(default_factory=dict)
    by_level: dict[int, float] = field(default_factory=dict)
    halves: tuple[float, float] = (0.0, 0.0)
    """Pictures a prompt in the first and second half of the suite."""


@dataclass(frozen=True)
class Difference:
    """What ``arm`` brings over ``over`` on the prompts both have done."""

    arm: str
    over: str
    correct: Estimate
    """Points of fully correct prompts."""
    images: Estimate
    """Pictures a prompt."""


@dataclass(frozen=True)
class Saving:
    """What memory saves once it has something to remember: the second half of the suite, with the
    experiences of the first."""

    arm: str
    over: str
    """The same arm without memory."""
    prompts: int
    images: Estimate
    """Percent of the pictures."""
    correct: Estimate
    """Points of fully correct prompts."""


@dataclass(frozen=True)
class Scores:
    """Everything that is reported. ``records`` are in the order in which they were given."""

    arms: list[ArmScore]
    differences: list[Difference]
    savings: list[Saving]
    records: list[Record]
    scorers: dict[str, int]
    """Records by who scored them, ``verifier`` being the runs' own verdicts."""
    unjudged: int
    """Requirements that the scorer could not decide, of all pictures together."""


def alike_note(figures: Sequence[Estimate]) -> str:
    """What an interval of one point means, where there is one; else empty."""
    alike = [figure for figure in figures if figure.low == figure.high and figure.prompts]
    if not alike:
        return ""
    prompts = min(figure.prompts or 1 for figure in alike)
    return (
        f"An interval of one point says that the {prompts} prompts all scored alike; of others like "
        f"them up to {min(100, 300 / prompts):.0f}% may not (rule of three)."
    )


def scorer_note(scores: Scores) -> str:
    """Who says so, in one line: figures that are the loop's own verdicts are named as such."""
    own, every = scores.scorers.get(VERIFIER, 0), len(scores.records)
    names = ", ".join(name for name in scores.scorers if name != VERIFIER)
    if own == every:
        return "These figures are the loop's own verdicts, not an independent score."
    note = f"Scored by {names}, which judged every delivered picture afresh."
    if own:
        note += f" {own} of {every} records are the loop's own verdicts, not an independent score."
    if scores.unjudged:
        note += f" {scores.unjudged} requirements could not be judged and count as not met."
    return note


def score(records: Sequence[Record], arms: Sequence[Arm]) -> Scores:
    """The figures of ``records``, given by arm and in the suite's order."""
    by_arm: dict[str, list[Record]] = {}
    for record in records:
        by_arm.setdefault(record.arm, []).append(record)
    names = list(by_arm)
    pairs = [(name, names[0]) for name in names[1:]]
    pairs += [(b, a) for a, b in pairwise(names)]
    pairs += [(arm.name, other) for arm in arms for other in arm.against]
    unique = [(b, a) for b, a in dict.fromkeys(pairs) if b != a and {b, a} <= set(names)]
    differences = [difference(b, a, by_arm[b], by_arm[a]) for b, a in unique]
    return Scores(
        [score_arm(name, by_arm[name]) for name in names],
        differences,
        [saving(b, a, by_arm[b], by_arm[a]) for b, a in memory_pairs(arms) if {a, b} <= set(names)],
        list(records),
        dict(Counter(record.scorer for record in records)),
        sum(record.unjudged for record in records),
    )


def score_arm(name: str, records: Sequence[Record]) -> ArmScore:
    """An arm's figures from its records, one or more, in the suite's order (for ``halves``)."""
    successes = [record.rounds for record in records if record.correct]
    half = len(records) // 2
    return ArmScore(
        arm=name,
        prompts=len(records),
        correct=estimate([100.0 * r.correct for r in records]),
        questions=estimate([100.0 * r.passed / max(1, r.total) for r in records]),
        images=estimate([r.images for r in records]),
        calls=estimate([r.mllm_calls for r in records]),
        rounds=estimate(successes) if successes else None,
        by_round=curve(records),
        by_kind=shares(records, lambda r: r.kind),
        by_level=shares(records, lambda r: r.level),
        halves=(mean_images(records[:half]), mean_images(records[half:])),
    )


def curve(records: Sequence[Record]) -> list[float]:
    """Percent fully correct after each round; a run that ended keeps the picture it delivered."""
    longest = max((record.rounds for record in records), default=0)
    return [
        float(np.mean([100.0 * (best_after(r, n) == r.total > 0) for r in records]))
        for n in range(1, longest + 1)
    ]


def best_after(record: Record, rounds: int) -> int:
    """Requirements met by what the run would have delivered after ``rounds`` rounds, from 1."""
    return record.best_by_round[min(rounds, record.rounds) - 1]


def shares(records: Sequence[Record], key: Callable[[Record], KeyT]) -> dict[KeyT, float]:
    """Percent fully correct among the prompts that ``key`` maps to the same thing."""
    groups: dict[KeyT, list[float]] = {}
    for record in records:
        groups.setdefault(key(record), []).append(100.0 * record.correct)
    return {name: float(np.mean(values)) for name, values in groups.items()}


def mean_images(records: Sequence[Record]) -> float:
    """Pictures a prompt; 0 of no records."""
    return float(np.mean([r.images for r in records])) if records else 0.0


def memory_pairs(arms: Sequence[Arm]) -> list[tuple[str, str]]:
    """(arm with memory, the arm that is the same without)."""
    return [
        (b.name, a.name)
        for b in arms
        for a in arms
        if b.context.memory and b.context.model_copy(update={"memory": False}) == a.context
    ]


def saving(arm: str, over: str, ours: Sequence[Record], theirs: Sequence[Record]) -> Saving:
    """Memory's saving; bootstrap samples are of prompts, and the share is taken of each sample's
    sums."""
    later = ours[len(ours) // 2 :]
    other = {record.case: record for record in theirs}
    pairs = [(record, other[record.case]) for record in later if record.case in other]
    images = np.array([[a.images, b.images] for a, b in pairs], np.float64)
    picks = bootstrap_indices(len(pairs))
    shares = 100 * (1 - images[picks, 0].sum(axis=1) / images[picks, 1].sum(axis=1))
    low, high = np.percentile(shares, [2.5, 97.5])
    mean = 100 * (1 - images[:, 0].sum() / images[:, 1].sum())
    return Saving(
        arm,
        over,
        len(pairs),
        Estimate(float(mean), float(low), float(high), len(pairs)),
        estimate([100.0 * (a.correct - b.correct) for a, b in pairs]),
    )


def difference(arm: str, over: str, ours: Sequence[Record], theirs: Sequence[Record]) -> Difference:
    """The paired difference of two arms, over the prompts that both have finished."""
    other = {record.case: record for record in theirs}
    pairs = [(record, other[record.case]) for record in ours if record.case in other]
    return Difference(
        arm,
        over,
        estimate([100.0 * (a.correct - b.correct) for a, b in pairs]),
        estimate([float(a.images - b.images) for a, b in pairs]),
    )
