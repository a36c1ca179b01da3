"""What a public benchmark is: a few facts, and five functions from its files to its figures.

Prompts go to the loop, and nothing else of an item does. Questions, keys and ground truths are the
judge's side: they stay in ``Item.data`` and in ``Ask``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from .wording import Wording

Numbers = NDArray[np.float64]
Figures = dict[str, Any]
"""A figure, or figures by name, by what they are called."""
PICTURE = object()
"""Stands for the picture among the parts of a message."""
Form = Literal["png", "jpeg"]


@dataclass(frozen=True)
class Item:
    """A prompt of a benchmark."""

    id: str
    """As its files are named."""
    prompt: str
    group: str = "all"
    """What the report splits its failures by."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """Everything else that the benchmark says of it."""


@dataclass(frozen=True)
class Reply:
    """One call of the judge; without ``choice`` it failed for good: refused, or no completion."""

    choice: Mapping[str, Any] | None

    @property
    def text(self) -> str | None:
        """What the judge said; None of a failed call or an empty content field."""
        content = self.choice["message"].get("content") if self.choice else None
        return content if isinstance(content, str) else None


def answered(replies: Sequence[Reply]) -> bool:
    """Enough for most questions: one call, whatever came of it."""
    return bool(replies)


@dataclass(frozen=True)
class Ask:
    """A question about a picture, as it is sent.

    ``parts`` are those of the user's turn, ``PICTURE`` among them, in the protocol's order. It is asked
    again until ``enough`` holds or ``most`` calls are made.
    """

    key: str
    parts: Sequence[object]
    options: Mapping[str, Any]
    system: str = ""
    most: int = 1
    enough: Callable[[Sequence[Reply]], bool] = answered
    form: Form = "png"
    """What the picture is sent as; as it lies, or as the official script stores it for its judge."""

    def is_open(self, replies: Sequence[Reply]) -> bool:
        """Whether another call is to be made."""
        return len(replies) < self.most and not self.enough(replies)


Answers = Mapping[str, Sequence[Reply]]
"""What was said about one picture, by question."""


@dataclass(frozen=True)
class Judged:
    """An item with what was said about each of its pictures that is there."""

    item: Item
    answers: Sequence[Answers]


class Task(ABC):
    """A benchmark. Figures are made of a row of sums over items, so that an interval can be drawn by
    summing other draws of the same items."""

    name: ClassVar[str]
    """On the command line."""
    title: ClassVar[str]
    judge: ClassVar[str]
    """The model, or the machinery, that the published figures are by."""
    pictures: ClassVar[int] = 1
    """A prompt, by the benchmark's custom."""
    size: ClassVar[int]
    """Prompts in the whole benchmark."""
    by_api: ClassVar[bool] = True
    """Whether an OpenAI-compatible server with ``judge`` gives the official figures."""
    by_tokens: ClassVar[bool] = False
    """Whether what counts is which tokens an answer could have had."""
    own_words: ClassVar[bool] = True
    """Whether the packaged wording of the questions is ours, so that figures by it are not official."""
    skips_black: ClassVar[bool] = False
    """Whether pictures that are black all over are nobody's to judge."""
    headline: ClassVar[str]
    """What the reported figure is called."""
    digits: ClassVar[int] = 3
    top: ClassVar[float] = 1.0
    """The most that the reported figure can be."""
    published: ClassVar[str] = ""
    """The column of the published table that it stands beside."""

    def __init__(self, wording: Wording) -> None:
        self.wording = wording

    @abstractmethod
    def read(self, data: Path) -> list[Item]:
        """The items of the official prompt file, or folder, at ``data``.

        Raises:
            InputError: it cannot be read, or is another benchmark's.
        """

    @abstractmethod
    def lay_out(self, shown: Mapping[str, Sequence[Path]], items: Sequence[Item], to: Path) -> None:
        """Puts pictures, by item, into the folder ``to`` as the official script expects them.

        Raises:
            StorageError: they cannot be written.
        """

    def asks(self, item: Item) -> Iterator[Ask]:
        """What the judge is asked about every picture of ``item``."""
        raise NotImplementedError

    def tally(self, judged: Judged) -> Sequence[float] | None:
        """An item's row of sums; None: it is left out."""
        raise NotImplementedError

    def combine(self, sums: Numbers) -> Numbers:
        """The headline of each row of sums, (S, K) to (S,); NaN where there is none."""
        raise NotImplementedError

    def figures(self, judged: Sequence[Judged]) -> Figures:
        """The official breakdown."""
        raise NotImplementedError

    def read_official(self, path: Path, items: Sequence[Item], arm: str = "") -> Figures:
        """The breakdown of ``arm`` from the official script's own result file.

        Raises:
            InputError: it is none of this benchmark's.
        """
        raise NotImplementedError


def ratio(over: Numbers, under: Numbers) -> Numbers:
    """Of sums; NaN where there is nothing to divide by."""
    return np.divide(over, under, out=np.full_like(over, np.nan), where=under != 0)


def texts_of(answers: Answers, key: str) -> list[str | None]:
    """What the calls of one question said."""
    return [reply.text for reply in answers.get(key, ())]


def first_text(answers: Answers, key: str) -> str:
    """What was said to a question that is asked once; empty where nothing was."""
    texts = texts_of(answers, key)
    return (texts[0] or "") if texts else ""
