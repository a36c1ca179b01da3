"""What a run will cost, said before anything is paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...models.prices import Price, Prices
from ...settings import Settings
from ..arms import Arm
from ..records import Record
from .judging import body_of
from .plan import TaskPlan

QUESTIONS = 8
"""Requirements that a prompt is taken to have; GenEval 2 has 7.5 questions a prompt."""
TEXT_TOKENS, PICTURE_TOKENS, ANSWER_TOKENS = 900, 1100, 150
"""Of one call: instructions with fields, a picture of 1024 x 1024, an answer."""
CHARACTERS = 4
"""A token."""


@dataclass(frozen=True)
class Rates:
    """What drawing and judging cost, with tokens, calls and pictures in one price each; seconds a
    picture, and a call."""

    drawing: Price
    judging: Price
    picture_seconds: float = 5.0
    call_seconds: float = 3.0
    side_by_side: int = 16


@dataclass(frozen=True)
class Amount:
    """What a step takes."""

    pictures: float = 0.0
    calls: float = 0.0
    tokens_in: float = 0.0
    tokens_out: float = 0.0

    def __add__(self, other: Amount) -> Amount:
        return Amount(
            self.pictures + other.pictures,
            self.calls + other.calls,
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
        )

    def times(self, factor: float) -> Amount:
        """So many of it."""
        return Amount(
            self.pictures * factor,
            self.calls * factor,
            self.tokens_in * factor,
            self.tokens_out * factor,
        )

    def money(self, price: Price) -> float:
        """What it costs."""
        return price.total(self.calls, self.tokens_in, self.tokens_out, self.pictures)

    def hours(self, rates: Rates) -> float:
        """How long it takes: pictures one after the other, calls side by side."""
        calls = self.calls * rates.call_seconds / rates.side_by_side
        return (self.pictures * rates.picture_seconds + calls) / 3600


def rates_by(prices: Prices, settings: Settings, judge: str | None) -> Rates:
    """The rates of the settings' models and of a judge, by a price list; what is not in it counts
    nothing."""
    model = prices.calls(settings.mllm) or Price()
    drawing = model.model_copy(update={"picture": prices.picture(settings.generator)})
    return Rates(drawing, prices.calls(judge or settings.judge or settings.mllm) or Price())


def most_of_run(arm: Arm) -> Amount:
    """The most that one run of an arm takes: every round, none of them right."""
    if arm.draws_once and arm.context.skill == "none":
        return Amount(1)
    context = arm.context
    pictures = context.rounds * context.candidates
    writing = 2 + (context.skill != "none")
    looking = pictures * QUESTIONS
    calls = writing + looking + 2 * (context.rounds - 1)
    seen = looking + 2 * (context.rounds - 1)
    tokens = calls * TEXT_TOKENS + seen * PICTURE_TOKENS
    return Amount(pictures, calls, tokens, calls * ANSWER_TOKENS)


def measured(records: Sequence[Record]) -> Amount:
    """What finished runs took, a run."""
    count = max(1, len(records))
    return Amount(
        sum(r.images for r in records) / count,
        sum(r.mllm_calls for r in records) / count,
        sum(r.input_tokens for r in records) / count,
        sum(r.output_tokens for r in records) / count,
    )


def drawing(plan: TaskPlan, arms: Sequence[Arm]) -> dict[str, tuple[Amount, str]]:
    """By arm what is still to be drawn, and what that is taken from."""
    cases, found = len(plan.suite.cases), {}
    for arm in arms:
        done = plan.records().get(arm.name, [])
        each, source = (measured(done), "as measured") if done else (most_of_run(arm), "at most")
        found[arm.name] = (each.times(cases - len(done)), source)
    return found


def judging(plan: TaskPlan, arms: int) -> Amount:
    """What the judge is asked at least; questions that are asked again until they can be read, or until
    five replies are valid, take more."""
    total = Amount()
    for item in plan.items:
        for ask in plan.task.asks(item):
            words = len(str(body_of(ask, "")["messages"])) / CHARACTERS
            answer = min(float(ask.options.get("max_tokens", ANSWER_TOKENS)), ANSWER_TOKENS)
            total += Amount(0, 1, words + PICTURE_TOKENS, answer)
    return total.times(plan.pictures * arms)
