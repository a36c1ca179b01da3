"""What a benchmark writes down: one JSON line a prompt and arm, appended as it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ValidationError

from ..memory.state import RoundResult, RunResult
from .arms import Arm
from .cases import Case
from .scorers import VERIFIER, Score, Scorer, passed_in
from .sharing import FileLog, Log


class Record(BaseModel):
    """How one arm did on one case: a line of ``records.jsonl``."""

    case: str
    arm: str
    kind: str = "other"
    level: int = 0
    prompt: str
    seed: int
    thread_id: str
    outcome: str
    scorer: str = VERIFIER
    """Who gave ``correct``, ``passed``, ``total`` and ``best_by_round``; see ``scorers``."""
    correct: bool
    """Every requirement is met."""
    passed: int
    total: int
    unjudged: int = 0
    """Requirements that an independent scorer could not decide; they are not passed."""
    images: int
    mllm_calls: int
    """Of the run; a scorer's own are not counted."""
    rounds: int
    best_by_round: list[int]
    """Requirements met, after each round, by the picture that the run would have given back had it
    ended there. An independent scorer may think less of it than of the one before."""
    skill: str | None = None
    image: str
    """The best picture, relative to the benchmark's folder where it lies in there."""
    image_by_round: list[str] = []
    """After each round, the picture that the run would have given back had it ended there."""
    seconds: float = 0.0
    """The run's own, without pauses."""
    input_tokens: int = 0
    output_tokens: int = 0
    """The run's MLLM's."""
    cost: float | None = None
    """Money, by the operator's prices; None: not known."""


async def record_of(
    case: Case, arm: Arm, seed: int, result: RunResult, out: Path, scorer: Scorer
) -> Record:
    """A finished run as a record; each of its pictures that counts is scored once.

    Raises:
        GemsError: a picture could not be scored; see ``Scorer.score``.
    """
    image = Path(result["image"])
    by_round = delivered_by_round(result["rounds"])
    scores: dict[Path, Score] = {}
    for picture in dict.fromkeys([*by_round, image]):
        scores[picture] = await scorer.score(case, picture)
    return Record(
        case=case.id,
        arm=arm.name,
        kind=case.kind,
        level=case.level,
        prompt=case.prompt,
        seed=seed,
        thread_id=result["thread_id"],
        outcome=result["outcome"],
        scorer=scorer.name,
        correct=scores[image].correct,
        passed=scores[image].passed,
        total=scores[image].total,
        unjudged=scores[image].unjudged,
        images=result["usage"]["images"],
        mllm_calls=result["usage"]["mllm_calls"],
        rounds=len(result["rounds"]),
        best_by_round=[scores[picture].passed for picture in by_round],
        skill=result["skill"],
        image=relative(image, out),
        image_by_round=[relative(picture, out) for picture in by_round],
        seconds=result["usage"]["seconds"],
        input_tokens=result["usage"]["input_tokens"],
        output_tokens=result["usage"]["output_tokens"],
        cost=result["usage"].get("cost"),
    )


def relative(path: Path, out: Path) -> str:
    """A picture's path, relative to the folder ``out`` where it lies in there."""
    return str(path.relative_to(out) if path.is_relative_to(out) else path)


def delivered_by_round(rounds: Sequence[RoundResult]) -> list[Path]:
    """For every round the picture that the run would have given back had it ended there: the one with
    most passes by its own verdicts, of equals the earliest."""
    delivered: list[Path] = []
    most = -1
    for item in rounds:
        passed = passed_in(item)
        delivered.append(Path(item["image"]) if passed > most else delivered[-1])
        most = max(most, passed)
    return delivered


class RecordFile:
    """The records of a benchmark. A line that a kill cut off is passed over, and so is one of another
    version that lacks what every figure needs: its case is looked at again, its run is not drawn again.
    """

    def __init__(self, path: Path, log: Log | None = None) -> None:
        self.path = path
        self._log = log or FileLog(path)
        self._found: dict[tuple[str, str], Record] = {}

    def read(self) -> list[Record]:
        """Every record, one a case and arm; of two of the same the later counts."""
        return list(self.by_pair().values())

    def by_pair(self) -> Mapping[tuple[str, str], Record]:
        """Every record by arm and case, those of other workers included."""
        for line in self._log.lines():
            try:
                record = Record.model_validate_json(line)
            except ValidationError:
                continue
            self._found[record.arm, record.case] = record
        return self._found

    def append(self, record: Record) -> None:
        """Adds a record.

        Raises:
            StorageError: it cannot be written.
        """
        self._log.append(record.model_dump_json())
