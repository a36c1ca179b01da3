"""The skill writer's exam: the first prompt keeps what was asked for, whatever the skill adds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from ...errors import AnswerError
from ...nodes.skill_writer import make_skill_writer
from .frame import Figure, Outcome, Probe, Record, items
from .prompts import mark_figures, marks
from .subject import Heard, Subject


def probes(subject: Subject) -> Iterable[Probe]:
    """Every request with its skill."""
    for item in items("writers"):
        yield Probe(f"skill_writer/{item['id']}", partial(write, subject, item), tokens=900)


async def write(subject: Subject, item: dict[str, Any], heard: Heard) -> Outcome:
    """What the first prompt of a run keeps.

    Raises:
        AnswerError: the model wrote none.
        GemsError: see ``Subject.run_node``.
    """
    state = {"prompt": item["prompt"], "skill": item["skill"]}
    await subject.run_node("skill_writer", make_skill_writer, state, item["prompt_tokens"])
    answer = heard.last("skill_writer")
    if answer is None:
        raise AnswerError("no prompt that can be used")
    return marks(answer.prompt, item)


def figures(records: Sequence[Record]) -> list[Figure]:
    """What is held against its prompts."""
    return mark_figures("skill_writer", records)
