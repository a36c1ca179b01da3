"""The compressor's exam: an experience is short and names what failed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from ...errors import AnswerError
from ...memory.experiences import WORD_LIMIT
from ...nodes.compressor import make_compressor
from ...nodes.coverage import SMALL, words_of
from .decomposer import same_stem
from .frame import Figure, Outcome, Probe, Record, items, share_figure
from .rounds import state_after
from .subject import Heard, Subject

HALF = 0.5
"""Of the words of a failed requirement that name it."""


def probes(subject: Subject) -> Iterable[Probe]:
    """Every judged round."""
    for item in items("rounds"):
        ask = partial(compress, subject, item)
        yield Probe(f"compressor/{item['id']}", ask, tokens=450, pictures=1)


async def compress(subject: Subject, item: dict[str, Any], heard: Heard) -> Outcome:
    """What the model's own words say of a round.

    Raises:
        AnswerError: the model gave no answer that can be used.
        GemsError: see ``Subject.run_node``.
    """
    await subject.run_node("compressor", make_compressor, await state_after(subject, item))
    answer = heard.last("compressor")
    if answer is None:
        raise AnswerError("no answer that can be used")
    failed = [r for r in item["requirements"] if not r["passed"]]
    unnamed = [r for r in failed if not names(answer.experience, r)]
    words = len(answer.experience.split())
    return {"words": words, "unnamed": len(unnamed), "failed": len(failed)}


def names(text: str, requirement: dict[str, Any]) -> bool:
    """Whether a text speaks of a failed requirement: by its words, or by those of the reason."""
    there = set(words_of(text))
    for source in (requirement["statement"], requirement["reason"]):
        words = set(words_of(source)) - SMALL
        said = [word for word in words if any(same_stem(word, other) for other in there)]
        if words and len(said) >= HALF * len(words):
            return True
    return False


def figures(records: Sequence[Record]) -> list[Figure]:
    """Too many words, and failures that are not named."""
    outcomes = [record.outcome for record in records]
    long = [(int(o["words"] > WORD_LIMIT), 1) for o in outcomes]
    return [
        share_figure("compressor", f"more than {WORD_LIMIT} words", long, 0.1),
        share_figure(
            "compressor", "failure not named", [(o["unnamed"], o["failed"]) for o in outcomes], 0.2
        ),
    ]
