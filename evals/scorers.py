"""Scorers: what gives a benchmark its figures, and how a suite gets one.

A run's own verdicts decide when the run ends, so they say nothing new about it. A scorer judges the
delivered picture afresh, against requirements that come with the case. Where a suite has none that
anybody outside the run could judge, the run's verdicts are all there is, and its records say so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..errors import InputError, NotInWorldError, StorageError, UnreachableError
from ..memory.ledger import parents_of
from ..memory.state import RoundResult, RunResult
from ..models.embedded.judge import EmbeddedJudge
from ..models.embedded.questions import questions_for
from ..models.embedded.reading.grammar import read_prompt
from ..models.judges.judge import Judge, Requirement, Verdict
from ..models.registry import open_judge
from ..nodes.decomposer import Question, number_requirements
from ..settings import Settings
from .cases import Case, Suite

VERIFIER = "verifier"
"""The name in records whose figures are the run's own verdicts."""


@dataclass(frozen=True)
class Score:
    """How many of a case's requirements a picture meets."""

    passed: int
    total: int
    unjudged: int = 0
    """Those that the judge could not decide; they are not passed."""

    @property
    def correct(self) -> bool:
        """Every requirement is met, and there is one at least."""
        return 0 < self.total == self.passed


class Scorer(Protocol):
    """Says how good a picture is for a case."""

    @property
    def name(self) -> str:
        """Who judged, for records: a judge's spec, or ``verifier``."""
        ...

    async def score(self, case: Case, picture: Path) -> Score:
        """The score of the picture file ``picture``.

        Raises:
            BackendError: the judge could not be asked; nothing is recorded, so asking again is safe.
            StorageError: the picture is gone.
        """
        ...


class Later:
    """A ``Scorer`` of runs that are judged later, in a step of its own."""

    def __init__(self, task: str) -> None:
        self.name = f"task:{task}"

    async def score(self, case: Case, picture: Path) -> Score:
        """No requirement, so nothing is met or missed."""
        return Score(0, 0)


OpenJudge = Callable[[str], Judge]
RequirementsOf = Callable[[Case], list[Requirement]]


class JudgeScorer:
    """Asks a judge about the case's own requirements. What it costs is not on the run's account."""

    def __init__(self, judge: Judge, requirements_of: RequirementsOf) -> None:
        self._judge = judge
        self._requirements_of = requirements_of

    @property
    def name(self) -> str:
        """The judge's spec, so that a record says who judged."""
        return self._judge.name

    async def score(self, case: Case, picture: Path) -> Score:
        """See ``Scorer``; all of the case's requirements in one call of the judge."""
        if not picture.is_file():
            raise StorageError(
                f"{picture} is gone, so {case.id} has no score: put it back, or choose another --out"
            )
        requirements = self._requirements_of(case)
        judgement = await self._judge.judge(picture, requirements)
        if lost := [verdict["reason"] for verdict in judgement.verdicts if verdict.get("pending")]:
            raise UnreachableError(lost[0], judgement.cost)
        return tally(requirements, judgement.verdicts)


class VerifierScorer:
    """Reads the verdicts of one run on its own pictures."""

    name = VERIFIER

    def __init__(self, result: RunResult) -> None:
        self._total = result["total"]
        self._passed: dict[Path, int] = {}
        for item in result["rounds"]:
            path = Path(item["image"])
            # The same pixels can come twice, and a model that is asked twice can say two things.
            self._passed[path] = max(passed_in(item), self._passed.get(path, 0))

    async def score(self, case: Case, picture: Path) -> Score:
        """See ``Scorer``; ``picture`` is the best one of a round of the run."""
        return Score(self._passed[picture], self._total)


def passed_in(item: RoundResult) -> int:
    """Requirements that a round's best picture meets by the run's own verdicts."""
    return sum(verdict["verdict"] == "pass" for verdict in item["verdicts"])


def tally(requirements: Sequence[Requirement], verdicts: Sequence[Verdict]) -> Score:
    """The score of verdicts, one a requirement in the same order; a requirement is void, so not
    passed, where one that it depends on failed.

    ``requirements`` name parents only before their children, as ``number_requirements`` has them.
    """
    failed: set[str] = set()
    passed = unjudged = 0
    for requirement, verdict in zip(requirements, verdicts, strict=True):
        if failed.intersection(parents_of(requirement)) or verdict["value"] == "fail":
            failed.add(requirement["id"])
        elif verdict["value"] == "pass":
            passed += 1
        else:
            unjudged += 1
    return Score(passed, len(requirements), unjudged)


def stated_requirements(case: Case) -> list[Requirement]:
    """The requirements in the case's metadata; empty: it has none."""
    return number_requirements([*case.stated])


def embedded_requirements(case: Case) -> list[Requirement]:
    """What the embedded world's grammar finds in the case's prompt.

    Raises:
        NotInWorldError: it cannot read the prompt.
    """
    found = questions_for(read_prompt(case.prompt))
    return number_requirements([Question.model_validate(item) for item in found])


def choose_scorer(suite: Suite, settings: Settings, opened: OpenJudge | None = None) -> Scorer | None:
    """Who scores a suite: the judge of the settings where its cases state requirements; the embedded
    eye where generator and prompts are of its world; else None: nobody but the run itself, see
    ``VerifierScorer``. ``opened`` opens a judge that is paid for.

    Raises:
        InputError: no such judge, or there is one and some cases state requirements and some do not.
    """
    stated = [case for case in suite.cases if case.stated]
    if settings.judge and stated:
        if len(stated) < len(suite.cases):
            raise InputError(
                f"{len(suite.cases) - len(stated)} of {len(suite.cases)} cases of {suite.name} have no "
                "metadata.requirements to judge: give every case some, or unset GEMS_JUDGE"
            )
        judge = opened(settings.judge) if opened else open_judge(settings.judge, settings)
        return JudgeScorer(judge, stated_requirements)
    if settings.generator == "embedded" and all(map(is_readable, suite.cases)):
        return JudgeScorer(EmbeddedJudge(), embedded_requirements)
    return None


def is_readable(case: Case) -> bool:
    """Whether the prompt is about the embedded world."""
    try:
        read_prompt(case.prompt)
    except NotInWorldError:
        return False
    return True
