"""What every multimodal language model looks like to the rest of GEMS: one narrow call."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel

from ...errors import Cost
from ..text import clean, clean_text
from .likelihood import Token

AnswerT = TypeVar("AnswerT", bound=BaseModel)


@dataclass(frozen=True)
class Role(Generic[AnswerT]):
    """One agent role: what it is told, what it is given, what it has to answer.

    ``instructions`` are GEMS' own words and hold no data; ``fields`` names the data, which is
    rendered in labelled sections after them. Models are shown the form of ``answer``: the descriptions
    of its fields are part of the prompt.
    """

    name: str
    instructions: str
    fields: tuple[str, ...]
    answer: type[AnswerT]
    follows: tuple[str, ...] = ()
    """Fields whose text is not data but to be followed, such as a skill's."""
    optional: tuple[str, ...] = ()
    """Fields that have no section where they are empty."""
    weighs: bool = False
    """Whether it matters how likely the answer's tokens were; asked for where the settings allow it."""


@dataclass(frozen=True)
class Reply(Generic[AnswerT]):
    """A validated answer, the model's own reasoning where it shows it, and what it cost. Here every
    model's words enter: they are clean from here on, see ``clean_text``."""

    answer: AnswerT
    reasoning: str = ""
    cost: Cost = field(default_factory=Cost)
    tokens: tuple[Token, ...] = ()
    """The text of the answer, where its server tells how likely each token was."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "answer", clean(self.answer))
        object.__setattr__(self, "reasoning", clean_text(self.reasoning))


class MLLM(Protocol):
    """Answers one role's question about some fields and pictures."""

    name: str
    """The spec that opens this model, for records."""

    async def ask(
        self,
        role: Role[AnswerT],
        fields: Mapping[str, Any],
        images: Sequence[Path] = (),
        *,
        max_requests: int | None = None,
    ) -> Reply[AnswerT]:
        """Asks ``role`` about ``fields`` (JSON values) and ``images`` (files, in order).

        May be called from any event loop and many times at once. ``max_requests`` bounds what
        retries and repairs may add.

        Raises:
            UnreachableError, RefusedError, AnswerError: see ``errors``; each carries its cost.
            NotInWorldError: the embedded model was asked for something it does not know.
        """
        ...


def laid_out(value: Any) -> str:
    """A JSON value as text, without spaces between its parts; a list has a line an entry."""
    if not isinstance(value, list) or not value:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    lines = ",\n".join(json.dumps(item, ensure_ascii=False, separators=(",", ":")) for item in value)
    return f"[{lines}]"


def render_fields(role: Role[Any], fields: Mapping[str, Any]) -> str:
    """``fields`` as labelled sections, in the role's order.

    A section's value cannot close its own section: ``</`` before a field's name is broken up.

    Raises:
        ValueError: a field is missing or unknown; that is a programming error.
    """
    if set(fields) != set(role.fields):
        missing, unknown = set(role.fields) - set(fields), set(fields) - set(role.fields)
        raise ValueError(f"{role.name}: missing {sorted(missing)}, unknown {sorted(unknown)}")
    sections = []
    for name in role.fields:
        value = fields[name]
        if name in role.optional and not value:
            continue
        text = value if isinstance(value, str) else laid_out(value)
        for other in role.fields:
            text = text.replace(f"</{other}>", f"< /{other}>")
        sections.append(f"<{name}>\n{text}\n</{name}>")
    return "\n\n".join(sections)
