"""The decomposer's exam: prompts whose parts are labelled; what is asked, twice, and made up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from ...memory.state import Requirement
from ...nodes.coverage import SMALL, fold, literals_of, words_of
from ...nodes.decomposer import make_decomposer
from .frame import Figure, Outcome, Probe, Record, items, share_figure
from .subject import Heard, Subject

MISSED_LIMIT, DOUBLE_LIMIT, INVENTED_LIMIT = 0.2, 0.1, 0.1
KINDS = ("object", "count", "attribute", "relation", "text", "absence", "style")
NEW_SHARE = 0.6
"""Of a question's words that the prompt does not have, from which it is made up."""
ASKED = frozenset(
    "does do show shown showing shows visible see seen present any there only one picture "
    "placed located position main subject scene overall style rendered depicted appear appears "
    "color colour number exact total same free entirely clearly correctly".split()
)
"""Words of questions that are about no thing."""


def probes(subject: Subject) -> Iterable[Probe]:
    """Every labelled prompt."""
    for item in items("decomposer"):
        yield Probe(f"decomposer/{item['id']}", partial(decompose, subject, item), tokens=350)


async def decompose(subject: Subject, item: dict[str, Any], heard: Heard) -> Outcome:
    """What the questions of a run cover of the item's labels.

    Raises:
        GemsError: see ``Subject.run_node``.
    """
    update = await subject.run_node("decomposer", make_decomposer, {"prompt": item["prompt"]})
    return scored(item, update["requirements"])


def scored(item: dict[str, Any], requirements: Sequence[Requirement]) -> Outcome:
    """How requirements do justice to an item."""
    texts = [fold(f"{r['question']} {r['statement']}") for r in requirements]
    atoms = [
        {"kind": atom["kind"], "covered": any(holds(text, atom["words"]) for text in texts)}
        for atom in item["atoms"]
    ]
    return {
        "atoms": atoms,
        "questions": len(requirements),
        "doubled": doubled(requirements),
        "invented": sum(is_invented(r, item["prompt"]) for r in requirements),
    }


def holds(text: str, words: Sequence[str]) -> bool:
    """Whether a folded text has every one of ``words``: beginnings of words, others for it after |."""
    return all(any(begins(text, fold(word)) for word in choice.split("|")) for choice in words)


def begins(text: str, word: str) -> bool:
    """Whether a word of ``text`` begins so; anywhere in scripts that put no spaces."""
    plain = word.isascii() or (re.match(r"[^\W\d_]", word[0]) and word[0] < "\u0e00")
    return re.search(rf"\b{re.escape(word)}", text) is not None if plain else word in text


def doubled(requirements: Sequence[Requirement]) -> int:
    """How many questions have the same words as an earlier one."""
    seen: set[tuple[str, ...]] = set()
    count = 0
    for item in requirements:
        words = tuple(sorted(told(item)))
        count += words in seen
        seen.add(words)
    return count


def told(requirement: Requirement) -> set[str]:
    """The words of a question that say something."""
    return set(words_of(requirement["question"])) - SMALL - ASKED


def is_invented(requirement: Requirement, prompt: str) -> bool:
    """Whether most of what a question is about does not stand in the prompt."""
    if literals_of(requirement["question"]):
        return False
    words, known, text = told(requirement), set(words_of(prompt)), fold(prompt)
    new = [
        word
        for word in words
        if word not in text and not any(same_stem(word, other) for other in known)
    ]
    return len(new) > NEW_SHARE * len(words)


def same_stem(one: str, other: str) -> bool:
    """Whether two words begin alike for most of the shorter one."""
    length = max(3, min(len(one), len(other)) - 2)
    return one == other or (min(len(one), len(other)) > 2 and one[:length] == other[:length])


def figures(records: Sequence[Record]) -> list[Figure]:
    """What is missed, by kind; what is asked twice; what nobody asked for."""
    outcomes = [record.outcome for record in records]
    missed = [
        share_figure(
            "decomposer",
            f"{kind}: not asked",
            [(int(not a["covered"]), 1) for o in outcomes for a in o["atoms"] if a["kind"] == kind],
            MISSED_LIMIT,
        )
        for kind in KINDS
    ]
    twice = [(o["doubled"], o["questions"]) for o in outcomes]
    made_up = [(o["invented"], o["questions"]) for o in outcomes]
    return [
        *missed,
        share_figure("decomposer", "asked twice", twice, DOUBLE_LIMIT),
        share_figure("decomposer", "made up", made_up, INVENTED_LIMIT),
    ]
