"""State that another version of GEMS wrote: what it lacks is filled in, what it has besides is left be.

Checkpoints outlive the version that wrote them, in both directions. Only the routing and the nodes know
which keys they read; here is what each of them is when nobody wrote it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FACTS: dict[str, Any] = {
    "skill": None,
    "requirements": [],
    "drafts": [],
    "attempts": [],
    "verdicts": {},
    "experiences": {},
    "recalled": [],
    "track_record": [],
    "generator_lessons": {},
    "recalled_lessons": [],
    "busy": [],
    "warnings": [],
    "knobs": {},
    "reviews": [],
    "work": {},
}
SPENT = {"mllm_calls": 0, "images": 0, "input_tokens": 0, "output_tokens": 0}
DRAFT = {"action": "rewrite", "reasoning": ""}
ATTEMPT = {"candidate": 0, "seed": 0}
REQUIREMENT = {"kind": "other", "parent": None}
VERDICT = {"value": "not_judged", "reason": ""}


def completed(state: Any) -> Any:
    """``state`` with every key that the loop's code reads without asking; what is no run's state, such
    as a verifier's task, as it is."""
    if not isinstance(state, Mapping) or "candidate" in state:
        return state
    full = {**FACTS, **state}
    full["spent"] = {**SPENT, **(state.get("spent") or {})}
    full["drafts"] = [{**DRAFT, **draft} for draft in full["drafts"]]
    if "draft" in state:
        full["draft"] = {**DRAFT, **state["draft"]}
    full["attempts"] = [{**ATTEMPT, **attempt} for attempt in full["attempts"]]
    full["requirements"] = [complete_requirement(item) for item in full["requirements"]]
    full["verdicts"] = {key: {**VERDICT, **verdict} for key, verdict in full["verdicts"].items()}
    return full


def complete_requirement(item: Mapping[str, Any]) -> dict[str, Any]:
    """A requirement with what the loop reads of one."""
    words = item.get("question") or item.get("statement") or ""
    return {**REQUIREMENT, "question": words, "statement": words, **item}
