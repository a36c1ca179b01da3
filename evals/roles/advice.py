"""Which settings suit a model, by its exam."""

from __future__ import annotations

from collections.abc import Sequence

from .frame import SILENT, Figure, Record
from .verifier import MODES, Mode, errors_of, looks_of

CHEAPEST: tuple[Mode, ...] = ("together", "votes", "each")
"""Ways of asking about a picture by how many calls they take."""
MARGIN = 0.02
"""A cheaper way may err so much more."""
UNDECIDED = 0.5
"""What an undecided question counts, of a wrong verdict."""
UNFIT = 0.2
"""The share of wrong verdicts from which a model should not judge."""


def advice(records: Sequence[Record], figures: Sequence[Figure]) -> list[str]:
    """What to set, a line each, with the figures that say so."""
    return [*judging(records), *choosing(figures), *writing(figures)]


def verify_mode(records: Sequence[Record]) -> Mode | None:
    """The cheapest way of asking that errs hardly more than the best; None: none was tried."""
    losses = {mode: loss(records, mode) for mode in MODES if looks_of(records, mode)}
    if not losses:
        return None
    least = min(losses.values())
    return next(m for m in CHEAPEST if m in losses and losses[m] <= least + MARGIN)


def loss(records: Sequence[Record], mode: str) -> float:
    """The share of wrong verdicts, with half of what is undecided."""
    wrong, undecided = errors_of(records, mode)
    return wrong * (1 - undecided) + UNDECIDED * undecided


def judging(records: Sequence[Record]) -> list[str]:
    """How to ask it about pictures, and whether to."""
    mode = verify_mode(records)
    if mode is None:
        return []
    rates = {m: errors_of(records, m) for m in MODES if looks_of(records, m)}
    told = "; ".join(
        f"{m} {wrong:.0%} wrong, {open_:.0%} undecided" for m, (wrong, open_) in rates.items()
    )
    lines = [f"--verify {mode} ({told})"]
    if rates[mode][0] > UNFIT:
        lines.append("GEMS_VERIFIERS=mllm:SPEC with another model: this one errs too often as a judge")
    return lines


def choosing(figures: Sequence[Figure]) -> list[str]:
    """Whether it should choose skills."""
    silent = silent_as("planner", figures)
    plain = [f for f in figures if f.role == "planner" and f.what.startswith("none:")]
    if silent:
        return [f"--skill none (no usable answer to {silent:.0%} of the requests)"]
    if any(figure.weak for figure in plain):
        return [f"--skill none ({plain[0].share:.0%} of plain requests got a skill)"]
    return ["--skill auto"] if plain else []


def writing(figures: Sequence[Figure]) -> list[str]:
    """Whether its rewrites can be trusted; where they cannot, the best of several pictures can."""
    silent = silent_as("refiner", figures)
    lost = [f for f in figures if f.role == "refiner" and f.what == "requirement lost"]
    if silent:
        return [f"--rounds 1 --candidates 4 (no usable answer to {silent:.0%} of the rounds)"]
    if any(figure.weak for figure in lost):
        return [f"--rounds 1 --candidates 4 (rewrites lose {lost[0].share:.0%} of the requirements)"]
    return ["--rounds 5"] if lost else []


def silent_as(role: str, figures: Sequence[Figure]) -> float:
    """How often it gave ``role`` no usable answer, where that is a weakness; else 0."""
    return next((f.share for f in figures if (f.role, f.what, f.weak) == (role, SILENT, True)), 0.0)
