"""Suites: the prompts of a benchmark, one JSON object a line."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from ..errors import InputError
from ..nodes.decomposer import Question

SUITES = Path(__file__).parent / "suites"


class StatedRequirement(Question):
    """A requirement that comes with a case: ``question``, ``statement``, ``kind``, ``depends_on``."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(min_length=1)


STATED = TypeAdapter(list[StatedRequirement])


class Case(BaseModel):
    """One prompt of a suite. ``kind`` and ``level`` are what the report splits its figures by."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")
    prompt: str = Field(min_length=1)
    kind: str = "all"
    level: int = 1
    metadata: dict[str, Any] = Field(default_factory=dict)
    """Anything else that is known of the case. ``requirements``, a list, is what an independent judge
    scores its pictures by."""

    @field_validator("metadata")
    @classmethod
    def _check_requirements(cls, metadata: dict[str, Any]) -> dict[str, Any]:
        STATED.validate_python(metadata.get("requirements", []))
        return metadata

    @property
    def stated(self) -> list[StatedRequirement]:
        """The requirements in the metadata; most cases have none."""
        return STATED.validate_python(self.metadata.get("requirements", []))

    def line(self) -> str:
        """The case as a line of a suite's file; without metadata the same as before there was any."""
        return self.model_dump_json(exclude=None if self.metadata else {"metadata"})


@dataclass(frozen=True)
class Suite:
    """The cases of a suite, in the order in which they are run."""

    name: str
    cases: tuple[Case, ...]

    def digest(self) -> str:
        """16 hex digits that change with any case and with their order."""
        text = "\n".join(case.line() for case in self.cases)
        return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def suite_names() -> list[str]:
    """The packaged suites, by the names that ``load_suite`` takes."""
    return sorted(path.stem for path in SUITES.glob("*.jsonl"))


def load_suite(name: str, limit: int | None = None) -> Suite:
    """The packaged suite called ``name``, or the one in the file ``name``; its first ``limit`` cases.

    Raises:
        InputError: there is no such suite, or a line of it is no case.
    """
    path = SUITES / f"{name}.jsonl" if name in suite_names() else Path(name).expanduser()
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        packaged = ", ".join(suite_names())
        raise InputError(
            f"no suite {name!r}: name a .jsonl file, a public benchmark (docs/benchmarks.md) or one "
            f"of {packaged}"
        ) from exc
    cases = [read_case(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if len({case.id for case in cases}) < len(cases) or not cases:
        raise InputError(f"{path} has no cases, or two with the same id: give each an id of its own")
    return Suite(path.stem, tuple(cases[:limit]))


def read_case(path: Path, number: int, line: str) -> Case:
    """The case in line ``number``, from 1, of the suite ``path``.

    Raises:
        InputError: it is none; the message names file, line and field.
    """
    try:
        return Case.model_validate_json(line)
    except ValidationError as exc:
        first = exc.errors()[0]
        what = ".".join(map(str, first["loc"])) or "the line"
        reason = " ".join(first["msg"].split())
        raise InputError(f"{path}, line {number}: {what}: {reason}; correct the line") from exc


def seed_of(run_seed: int, case: Case) -> int:
    """The seed of a case's runs, the same in every arm, below 2**31."""
    text = f"{run_seed}/{case.id}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=4).digest(), "big") % 2**31
