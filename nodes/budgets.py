"""How much of each section reaches a role, in tokens: the one place where it is decided.

A context that is too long is refused, or forgotten from the front. What a run works on itself has room
for the longest prompt; what it is told besides is cut to what helps.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..models.chat.mllm import Role
from ..models.text import tokens_in

MEMORY = ("recalled", "experiences", "generator_lessons", "track_record")
"""Sections that a role can do without: what earlier runs taught."""
BUDGETS: dict[str, int] = {
    "recalled": 2500,
    "experiences": 1000,
    "generator_lessons": 400,
    "track_record": 800,
    "earlier": 1500,
    "reasoning": 800,
    "skill": 8000,
    "skills": 8000,
    "attempts": 12000,
    "generator": 1500,
}
"""Tokens a section, at most."""
OTHERWISE = 24_000
"""The budget of a section that is not named: more than the longest prompt takes."""
OLDEST_FIRST = ("attempts", "earlier")
"""Lists of which the beginning goes first; of others it is the end, where the least similar stands."""
LEAST = 40
"""Tokens to which texts within a list are shortened before entries are left out."""


def within_budgets(role: Role[Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """``fields`` as ``role`` is shown them, each within its budget."""
    return {name: fit(value, BUDGETS.get(name, OTHERWISE), name) for name, value in fields.items()}


def without_memory(role: Role[Any], fields: Mapping[str, Any]) -> dict[str, Any] | None:
    """``fields`` without what earlier runs taught; None: there is nothing of it in them."""
    told = [name for name in MEMORY if name in role.fields and fields.get(name)]
    return {**fields, **{name: [] for name in told}} if told else None


def fit(value: Any, budget: int, name: str = "") -> Any:
    """``value`` within ``budget`` tokens: long texts in it are shortened first, the longest most, then
    entries of a list left out."""
    if size_of(value) <= budget:
        return value
    if isinstance(value, str):
        return shorten(value, budget)
    limit = budget
    while limit > LEAST and size_of(value) > budget:
        limit = max(LEAST, limit // 2)
        value = shorten_texts(value, limit)
    if isinstance(value, list):
        value = list(value)
        while len(value) > 1 and size_of(value) > budget:
            value.pop(0 if name in OLDEST_FIRST else -1)
    return value


def size_of(value: Any) -> int:
    """The tokens of a value as it is written for a role."""
    return tokens_in(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def shorten_texts(value: Any, limit: int) -> Any:
    """``value`` with every text in it within ``limit`` tokens."""
    if isinstance(value, str):
        return shorten(value, limit)
    if isinstance(value, list):
        return [shorten_texts(item, limit) for item in value]
    if isinstance(value, dict):
        return {key: shorten_texts(item, limit) for key, item in value.items()}
    return value


def shorten(text: str, limit: int) -> str:
    """``text`` within about ``limit`` tokens: its beginning, and the last part of it."""
    size = tokens_in(text)
    if size <= limit:
        return text
    kept = max(2, len(text) * limit // size - 5)
    return f"{text[: kept - kept // 4]} [...] {text[len(text) - kept // 4 :]}"
