"""What every judge looks like to the rest of GEMS: a picture and requirements in, verdicts out.

The verifier of the loop and the scorer of a benchmark use the same protocol, never the same judge's
verdicts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NotRequired, Protocol, runtime_checkable

from typing_extensions import TypedDict

from ...errors import (
    AccessError,
    BackendError,
    BudgetError,
    Cost,
    GemsError,
    NotInWorldError,
    UnreachableError,
)

VerdictValue = Literal["pass", "fail", "not_judged"]
Cause = Literal["unclear", "failed", "unasked", "void"]
"""Why a requirement is not judged. ``unclear``: the judge looked and cannot tell; ``failed``: the judge
did; ``unasked``: nobody was asked; ``void``: something that it depends on failed."""
RequirementKind = Literal["object", "count", "attribute", "position", "text", "style", "other"]


class Requirement(TypedDict):
    """One atomic yes/no question about the picture; "yes" means the requirement is met."""

    id: str
    """``q1``, ``q2`` and so on, in the decomposer's order."""
    question: str
    statement: str
    """The same requirement as words for a prompt: "exactly one blue square"."""
    kind: str
    """object, count, attribute, position, text, style or other."""
    parent: str | None
    """The first of ``parents``, for who reads one alone."""
    parents: NotRequired[list[str]]
    """The ids of the requirements without which this one makes no sense; left out: ``parent`` alone."""
    knowledge: NotRequired[list[str]]
    """What was looked up that may decide it, in others' words."""


class Verdict(TypedDict):
    """What a judge says of one requirement on one picture."""

    value: VerdictValue
    reason: str
    """What in the picture decides it; of ``not_judged``, why it could not be."""
    cause: NotRequired[Cause]
    """Of ``not_judged``; left out: ``unclear``, as a judge says that it cannot tell."""
    confidence: NotRequired[float]
    """How sure the judge is of ``value``, 0..1; left out where it cannot say."""
    credit: NotRequired[float]
    """Of ``fail``: how much of the requirement is met, 0..1, where the judge measured it."""
    votes: NotRequired[list[VerdictValue]]
    """What was said each time, where the judge looked more than once; ``value`` is the majority's."""
    judge: NotRequired[str]
    """The judge's name, where several could have been asked."""
    pending: NotRequired[bool]
    """Of ``not_judged``: only because the judge could not be reached, or paid, so it is worth asking
    again."""


@dataclass(frozen=True)
class Judgement:
    """The verdicts, one a requirement in the order asked, and what they cost."""

    verdicts: list[Verdict]
    cost: Cost = field(default_factory=Cost)
    problems: list[str] = field(default_factory=list)
    """What failed on the way where another judge stood in, one line each."""


class Judge(Protocol):
    """Looks at a picture and says which requirements it meets."""

    @property
    def name(self) -> str:
        """The spec that opens this judge, for records."""
        ...

    @property
    def kinds(self) -> frozenset[str] | None:
        """The kinds of requirement it can judge; None: all."""
        ...

    @property
    def at_once(self) -> int | None:
        """How many requirements it wants in one call of ``judge``; None: all there are. A run asks
        and stores verdicts in groups of this size."""
        ...

    async def judge(
        self,
        picture: Path,
        requirements: Sequence[Requirement],
        *,
        max_requests: int | None = None,
    ) -> Judgement:
        """Judges ``requirements``, any number of any kind, on the picture file ``picture``.

        A requirement it cannot decide is ``not_judged``, with the reason; it never guesses "fail".
        May be called from any event loop and many times at once. ``max_requests`` bounds the requests
        to a model; what is left unasked is ``not_judged``, with the cause.

        Raises:
            UnreachableError, RefusedError, AnswerError: it could judge nothing; see ``errors``.
            NotInWorldError: the embedded judge was asked what it does not know.
        """
        ...


@runtime_checkable
class LooksAgain(Protocol):
    """A judge that may say something else when it looks again, so that asking it twice says how far it
    can be relied on."""

    @property
    def steady(self) -> bool:
        """Whether it says the same every time after all: then it is not asked again."""
        ...

    async def look_again(
        self,
        picture: Path,
        requirements: Sequence[Requirement],
        look: int,
        *,
        max_requests: int | None = None,
    ) -> Judgement:
        """Judges afresh, in its ``look``-th look (2, 3, ...) at ``requirements`` on ``picture``.

        Raises: see ``Judge.judge``.
        """
        ...


def failed(error: GemsError) -> Verdict:
    """The verdict of a judge that failed: it judges nothing."""
    verdict = Verdict(value="not_judged", reason=str(error), cause="failed")
    if isinstance(error, BudgetError):
        verdict["cause"] = "unasked"
    if isinstance(error, UnreachableError | AccessError | BudgetError):
        verdict["pending"] = True
    return verdict


Failure = BackendError | NotInWorldError
"""What a judge raises that could judge nothing."""


def cost_of(failure: Failure) -> Cost:
    """What was paid for nothing."""
    return failure.cost if isinstance(failure, BackendError) else Cost()


def with_cost(failure: Failure, cost: Cost) -> Failure:
    """``failure``, which cost that much in all."""
    if isinstance(failure, BackendError):
        failure.cost = cost
    return failure
