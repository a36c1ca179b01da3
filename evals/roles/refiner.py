"""The refiner's exam: a new prompt keeps what passes and asks for what failed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from ...errors import AnswerError
from ...nodes.refiner import make_refiner
from .frame import Figure, Outcome, Probe, Record, items
from .prompts import mark_figures, marks
from .rounds import state_after
from .subject import Heard, Subject


def probes(subject: Subject) -> Iterable[Probe]:
    """Every judged round."""
    for item in items("rounds"):
        ask = partial(refine, subject, item)
        yield Probe(f"refiner/{item['id']}", ask, tokens=1200, pictures=1)


async def refine(subject: Subject, item: dict[str, Any], heard: Heard) -> Outcome:
    """What the refiner's own words keep; a run adds what it can of the rest.

    Raises:
        AnswerError: the model gave no answer that can be used.
        GemsError: see ``Subject.run_node``.
    """
    state = {**await state_after(subject, item), "experiences": {"1": ""}}
    await subject.run_node("refiner", make_refiner, state, item["prompt_tokens"])
    answer = heard.last("refiner")
    if answer is None:
        raise AnswerError("no answer that can be used")
    quotes: dict[str, list[str]] = defaultdict(list)
    for cover in answer.covers:
        if 1 <= cover.number <= len(item["requirements"]):
            quotes[item["requirements"][cover.number - 1]["statement"]].append(cover.quote)
    return marks(answer.prompt or item["prompt"], item, quotes)


def figures(records: Sequence[Record]) -> list[Figure]:
    """What is held against its prompts."""
    return mark_figures("refiner", records)
