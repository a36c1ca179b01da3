"""The planner's exam: requests that call for one of the packaged skills, or for none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from ...errors import AnswerError
from ...nodes.planner import make_planner
from .frame import Figure, Outcome, Probe, Record, items, share_figure
from .subject import Heard, Subject

LIMIT = 0.25


def probes(subject: Subject) -> Iterable[Probe]:
    """Every labelled request."""
    for item in items("planner"):
        yield Probe(f"planner/{item['id']}", partial(choose, subject, item), tokens=550)


async def choose(subject: Subject, item: dict[str, Any], heard: Heard) -> Outcome:
    """The skill that a run would be drawn with, and what the model named.

    Raises:
        AnswerError: the model gave no answer that can be used.
        GemsError: see ``Subject.run_node``.
    """
    update = await subject.run_node("planner", make_planner, {"prompt": item["prompt"]})
    answer = heard.last("planner")
    if answer is None:
        raise AnswerError("no answer that can be used")
    return {"label": item["skill"], "said": update["skill"] or "none", "named": answer.skill}


def figures(records: Sequence[Record]) -> list[Figure]:
    """Wrong choices by label, and names of no skill."""
    outcomes = [record.outcome for record in records]
    labels = dict.fromkeys(item["skill"] for item in items("planner"))
    found = [
        share_figure(
            "planner",
            f"{label}: another choice",
            [(int(o["said"] != label), 1) for o in outcomes if o["label"] == label],
            LIMIT,
        )
        for label in labels
    ]
    unknown = [(int(o["named"] != o["said"]), 1) for o in outcomes]
    return [*found, share_figure("planner", "names no skill that there is", unknown, 0.05)]
