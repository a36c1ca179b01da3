"""What a benchmark writes down: one JSON line a prompt and arm, appended as it ends."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ValidationError

from ..memory.state import RoundResult, RunResult
from .arms import Arm
from .cases import Case
from .lines import append_line, read_lines


class Record(BaseModel):
    """How one arm did on one case."""

    case: str
    arm: str
    kind: str
    level: int
    prompt: str
    seed: int
    thread_id: str
    outcome: str
    correct: bool
    """Every question passes."""
    passed: int
    total: int
    images: int
    mllm_calls: int
    rounds: int
    best_by_round: list[int]
    """Questions passed by the best picture so far, after each round."""
    skill: str | None
    image: str
    """The best picture, relative to the benchmark's folder where it lies in there."""


def record_of(case: Case, arm: Arm, seed: int, result: RunResult, out: Path) -> Record:
    """A finished run as a record."""
    best, so_far = [], 0
    for item in result["rounds"]:
        so_far = max(so_far, passed_in(item))
        best.append(so_far)
    image = Path(result["image"])
    return Record(
        case=case.id,
        arm=arm.name,
        kind=case.kind,
        level=case.level,
        prompt=case.prompt,
        seed=seed,
        thread_id=result["thread_id"] or "",
        outcome=result["outcome"],
        correct=result["outcome"] == "all_passed",
        passed=result["passed"],
        total=result["total"],
        images=result["usage"]["images"],
        mllm_calls=result["usage"]["mllm_calls"],
        rounds=len(result["rounds"]),
        best_by_round=best,
        skill=result["skill"],
        image=str(image.relative_to(out) if image.is_relative_to(out) else image),
    )


def passed_in(item: RoundResult) -> int:
    """Questions that a round's best picture passes."""
    return sum(verdict["verdict"] == "pass" for verdict in item["verdicts"])


class RecordFile:
    """The records of a benchmark; a line that a kill cut off is passed over."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[Record]:
        """Every record, one a case and arm."""
        found: dict[tuple[str, str], Record] = {}
        for line in read_lines(self.path):
            try:
                record = Record.model_validate_json(line)
            except ValidationError:
                continue
            found[record.arm, record.case] = record
        return list(found.values())

    def append(self, record: Record) -> None:
        """Adds a record.

        Raises:
            StorageError: it cannot be written.
        """
        append_line(self.path, record.model_dump_json())
