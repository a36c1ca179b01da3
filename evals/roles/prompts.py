"""What the exam holds against a prompt that a role wrote."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ...memory.state import Requirement
from ...nodes.coverage import asks_for, fold, literals_of, words_of
from .decomposer import same_stem
from .frame import Figure, Outcome, Record, share_figure

TOKENS_A_WORD = 1.3
"""Of English, as text encoders split it."""
LIMITS = {
    "requirement lost": 0.1, "literal text not once": 0.1, "names what must be absent": 0.1,
    "too long for the generator": 0.1,
}  # fmt: skip


def marks(
    prompt: str,
    item: Mapping[str, Any],
    quotes: Mapping[str, Sequence[str]] = {},
) -> Outcome:
    """How a prompt does justice to an item; every mark is (wrong, of how many).

    Args:
        quotes: by statement, the words by which its writer says that it asks for it.
    """
    wanted = [r for r in item["requirements"] if not is_absence(r, item)]
    lost = [r for r in wanted if not keeps(prompt, r, quotes.get(r["statement"], ()))]
    texts, absent = item["texts"], item["absent"]
    once = [fold(prompt).count(fold(text)) == 1 for text in texts]
    named = any(re.search(rf"\b{re.escape(fold(word))}\b", fold(prompt)) for word in absent)
    most = item["prompt_tokens"]
    return {
        "requirement lost": [len(lost), len(wanted)],
        "literal text not once": [once.count(False), len(once)],
        "names what must be absent": [int(named), int(bool(absent))],
        "too long for the generator": [int(tokens_of(prompt) > most) if most else 0, int(bool(most))],
        "lost": [r["statement"] for r in lost],
    }


def is_absence(requirement: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
    """Whether a requirement is that one of the item's absent things is not there."""
    words = set(words_of(requirement["statement"]))
    return any(words >= set(words_of(absent)) for absent in item["absent"])


def keeps(prompt: str, requirement: Mapping[str, Any], quotes: Sequence[str]) -> bool:
    """Whether a prompt asks for a requirement: as a run sees it, or all its words stand there."""
    stated = Requirement(
        id="q1",
        question=requirement["statement"],
        statement=requirement["statement"],
        kind=requirement["kind"],
        parent=None,
    )
    if asks_for(prompt, stated, quotes):
        return True
    if literals_of(stated["statement"]):
        return all(fold(text) in fold(prompt) for text in literals_of(stated["statement"]))
    there = words_of(prompt)
    plain = set(words_of(stated["statement"])) - {"exactly", "a", "an", "the", "is", "are", "in", "of"}
    return all(any(same_stem(word, other) for other in there) for word in plain)


def tokens_of(prompt: str) -> float:
    """About how many tokens a text encoder makes of a prompt."""
    return TOKENS_A_WORD * len(prompt.split())


def mark_figures(role: str, records: Sequence[Record]) -> list[Figure]:
    """The marks of a role's prompts as figures."""
    return [
        share_figure(role, what, [tuple(r.outcome[what]) for r in records], limit)
        for what, limit in LIMITS.items()
    ]
