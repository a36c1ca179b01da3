"""What the roles' exams share: questions to a model, records of what came of them, figures."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from pydantic import BaseModel, ValidationError

from ...errors import StorageError
from ...models.lines import append_line, read_lines
from .subject import Heard, Subject

HERE = Path(__file__).parent
FEWEST = 4
"""Of fewer cases nothing is said to be weak."""
TOKENS_A_PICTURE, TOKENS_AN_ANSWER = 750, 150
"""Estimates, for saying beforehand what an exam costs."""

SILENT = "no usable answer"
"""What the figure of records without an outcome is called."""
Outcome = dict[str, Any]
"""What came of a question, as its role scores it; JSON."""


@dataclass(frozen=True)
class Probe:
    """One question of the exam."""

    key: str
    """``ROLE/ITEM`` or ``ROLE/MODE/ITEM``; names its record."""
    ask: Callable[[Heard], Awaitable[Outcome]]
    calls: int = 1
    """About how many calls it takes."""
    tokens: int = 600
    """About how many tokens a call of it sends, without pictures."""
    pictures: int = 0

    @property
    def role(self) -> str:
        """The first part of the key."""
        return self.key.partition("/")[0]


class Record(BaseModel):
    """What came of a question: a line of ``records.jsonl``."""

    key: str
    outcome: Outcome
    error: str = ""
    """Why there is no usable answer; ``outcome`` is empty then."""
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def role(self) -> str:
        """See ``Probe``."""
        return self.key.partition("/")[0]


@dataclass(frozen=True)
class Figure:
    """How often something went wrong."""

    role: str
    what: str
    wrong: int
    asked: int
    limit: float
    """The share from which it counts as a weakness, 0..1."""

    @property
    def share(self) -> float:
        """Of what was asked, 0..1."""
        return self.wrong / self.asked if self.asked else 0.0

    @property
    def weak(self) -> bool:
        """Whether it is a weakness."""
        return self.asked >= FEWEST and self.share > self.limit


class Exam(Protocol):
    """One role's exam, a module with these two functions."""

    def probes(self, subject: Subject) -> Iterable[Probe]:
        """Its questions."""
        ...

    def figures(self, records: Sequence[Record]) -> list[Figure]:
        """What its records come to; those without an answer are counted elsewhere."""
        ...


class Estimate(NamedTuple):
    """What some questions cost, about."""

    calls: int
    input_tokens: int
    output_tokens: int


def estimate(probes: Iterable[Probe]) -> Estimate:
    """What asking ``probes`` costs."""
    calls = sent = 0
    for probe in probes:
        calls += probe.calls
        sent += probe.calls * (probe.tokens + probe.pictures * TOKENS_A_PICTURE)
    return Estimate(calls, sent, calls * TOKENS_AN_ANSWER)


def items(name: str) -> list[dict[str, Any]]:
    """The items of a role's packaged JSONL file."""
    return [json.loads(line) for line in (HERE / f"{name}.jsonl").read_text("utf-8").splitlines()]


class RecordFile:
    """The records of an exam, appended as they come; what a kill cut off is passed over."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, Record]:
        """Every record by its key.

        Raises:
            StorageError: the file cannot be read.
        """
        try:
            lines = read_lines(self._path)
        except OSError as exc:
            raise StorageError(f"cannot read {self._path}: {exc.strerror}; name another --out") from exc
        found: dict[str, Record] = {}
        for line in lines:
            try:
                record = Record.model_validate_json(line)
            except ValidationError:
                continue
            found[record.key] = record
        return found

    def append(self, record: Record) -> None:
        """Adds a record.

        Raises:
            StorageError: it cannot be written.
        """
        append_line(self._path, record.model_dump_json())


def share_figure(role: str, what: str, pairs: Iterable[tuple[int, int]], limit: float) -> Figure:
    """The figure of (wrong, asked) of several records together."""
    wrong = asked = 0
    for one, of in pairs:
        wrong, asked = wrong + one, asked + of
    return Figure(role, what, wrong, asked, limit)
