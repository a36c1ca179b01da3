"""From the decomposer's questions to the requirements of a run: numbered, each once, none made up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from ..memory.state import Requirement
from .coverage import fold, literals_of, stands_in, words_of

MOST_QUESTIONS = 40
"""More are cut off: each costs a call every round."""
PICTURE = r"the (?:picture|image|photo|photograph|scene|drawing)"
FRAME = re.compile(
    rf"\b(?:in|on|within) {PICTURE}\b|\bdoes {PICTURE} (?:show|contain|include|depict)\b"
    r"|\b(?:is|are) there\b|\b(?:exactly|any|a|an|the|some)\b"
)
"""Words of a question that change nothing of what it asks."""
SEEN = re.compile(r"\W*(?:is|are)\b(.*)\b(?:visible|shown|present|depicted|to be seen)\W*")
"""A question whether something is there, in other words."""


class Asked(Protocol):
    """A question as the decomposer asks it."""

    @property
    def question(self) -> str:
        """Its words; empty: it is none."""
        ...

    @property
    def statement(self) -> str:
        """The same as words for a prompt; empty: the question's."""
        ...

    @property
    def kind(self) -> str:
        """A kind of requirement."""
        ...

    @property
    def depends_on(self) -> list[int]:
        """Numbers of other questions, from 1."""
        ...


def number_requirements(questions: Sequence[Asked]) -> list[Requirement]:
    """Requirements with ids; empty, doubled and surplus questions left out.

    A parent may only be an earlier question, which also rules out circles.
    """
    requirements: list[Requirement] = []
    ids: dict[int, str] = {}
    seen: dict[str, str] = {}
    for number, item in enumerate(questions, 1):
        text = item.question.strip()
        if not text or len(requirements) == MOST_QUESTIONS:
            continue
        matter = matter_of(text)
        if matter in seen:
            ids[number] = seen[matter]
            continue
        key = f"q{len(requirements) + 1}"
        parents = list(dict.fromkeys(ids[n] for n in item.depends_on if n in ids))
        ids[number] = seen[matter] = key
        requirements.append(
            Requirement(
                id=key,
                question=text,
                statement=item.statement.strip() or text,
                kind=item.kind,
                parent=parents[0] if parents else None,
                parents=parents,
            )
        )
    return requirements


def matter_of(question: str) -> str:
    """What a question asks, without the words around it: equal for two ways of asking one thing."""
    rest = FRAME.sub(" ", fold(question))
    seen = SEEN.fullmatch(rest)
    return " ".join(words_of(seen[1] if seen else rest)) or fold(question)


def made_up(question: Asked, prompt: str, facts: Sequence[str]) -> bool:
    """Whether a question asks for a literal text that neither the request nor a fact behind it has:
    drawn so, it could never be right."""
    known = "\n".join([prompt, *facts])
    literals = literals_of(question.question) if question.kind == "text" else []
    return bool(literals) and not any(stands_in(literal, known) for literal in literals)


def added(words: str, key: str, complaint: bool = False) -> Requirement:
    """A requirement that a person adds: a wish, or that what they complain of is put right."""
    statement = f"without this fault: {words}" if complaint else words
    question = f"Is this fault gone: {words}?" if complaint else in_question(words)
    return Requirement(id=key, question=question, statement=statement, kind="other", parent=None)


def in_question(words: str) -> str:
    """A person's own words as a question about the picture."""
    return f"Is this so: {words}?"
