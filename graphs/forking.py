"""A run's facts up to one of its rounds, as the beginning of another run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import InputError
from ..memory.ledger import last_round
from ..memory.older import completed
from ..memory.state import RunState
from ..nodes.intake import NOTHING, check_prompt
from ..nodes.review import Answer, by_hand, settle

KEPT = (
    "prompt", "request", "basis", "turns", "earlier", "inquiries", "briefing", "seed", "skill",
    "requirements", "recalled", "track_record", "references", "asked",
)  # fmt: skip
"""Facts that are the same after every round."""


def facts_after(values: Mapping[str, Any], number: int) -> dict[str, Any]:
    """A run's facts as they were when round ``number`` had been judged. What it spent is its own.

    Raises:
        InputError: it has no such round.
    """
    state: RunState = completed(values)
    last = last_round(state)
    if not 1 <= number <= last:
        there = f"it has rounds 1 to {last}" if last else "it has no round yet"
        raise InputError(f"the run cannot be forked after round {number}: {there}")
    kept = {name: values[name] for name in KEPT if name in values}
    drafts = state["drafts"][:number]
    return {
        **kept,
        "drafts": drafts,
        "draft": drafts[-1],
        "attempts": [attempt for attempt in state["attempts"] if attempt["round"] <= number],
        "verdicts": {
            key: verdict
            for key, verdict in state["verdicts"].items()
            if int(key.partition(".")[0]) <= number
        },
        "experiences": {key: text for key, text in state["experiences"].items() if int(key) < number},
        "spent": NOTHING,
        "warnings": [],
        "reviews": [],
        "failure": "",
        "exhausted": "",
    }


def forked(
    values: Mapping[str, Any], number: int, prompt: str | None, verdicts: Mapping[str, str]
) -> tuple[dict[str, Any], str]:
    """The facts that a fork begins with, and the node that they are as if written by.

    Args:
        values: the run's state.
        number: the round after which it goes another way, from 1.
        prompt: what the next round draws; None: what the refiner writes.
        verdicts: by requirement, what is corrected of that round's picture.

    Raises:
        InputError: there is no such round, requirement or verdict.
    """
    facts = facts_after(values, number)
    state: RunState = completed(facts)
    for value in verdicts.values():
        if value not in ("pass", "fail"):
            raise InputError(f"a verdict is pass or fail, not {value!r}")
    corrected = settle(state, Answer.model_validate({"verdicts": dict(verdicts)}))
    facts["verdicts"] = {**facts["verdicts"], **corrected["verdicts"]}
    if prompt is None:
        return facts, "recorder"
    draft = by_hand(state, check_prompt(prompt))
    return {**facts, "draft": draft, "drafts": [*facts["drafts"], draft]}, "refiner"
