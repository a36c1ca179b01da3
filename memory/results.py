"""What a run gives back, when it has ended and before."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from ..models.judges.judge import VerdictValue

Outcome = Literal[
    "all_passed", "accepted", "max_rounds", "budget", "unverified", "unreliable", "failed", "cancelled",
    "paused",
]  # fmt: skip
"""How a run ended. ``accepted``: a person took the picture as it is. ``unverified``: its judges failed.
``unreliable``: they contradicted themselves; ``failed``: it could not go on; of both ``reason`` says
why. ``paused`` has not ended, it waits to be resumed."""


class Spent(TypedDict):
    """What a run has used so far; budgets are held against it."""

    mllm_calls: int
    """Requests made to the MLLM, retries and repairs included."""
    images: int
    input_tokens: int
    output_tokens: int
    cost: NotRequired[float]
    """Money, by the operator's prices; left out where a model that was used has none."""


class Usage(Spent):
    """``Spent`` and the seconds in which the run was at work."""

    seconds: float


class QuestionVerdict(TypedDict):
    """A requirement's question and what became of it, as results show it."""

    question: str
    verdict: VerdictValue


class RoundResult(TypedDict):
    """One round as results show it: its best candidate."""

    round: int
    prompt: str
    seed: int
    image: str
    """Path of the picture."""
    verdicts: list[QuestionVerdict]
    experience: str | None
    """What the round taught; None: the run ended with it."""


class EarlierTurn(TypedDict):
    """A turn of the thread before this one, as results show it."""

    prompt: str
    """What was said."""
    request: str
    """What was drawn, in full."""
    outcome: Outcome | None
    image: str
    """Path of its best picture."""
    best_round: int
    passed: int
    total: int
    rounds: list[RoundResult]


PauseReason = Literal["person", "limit"]


class PauseAsk(TypedDict):
    """What one interrupt asks."""

    id: str
    value: Any
    """What the node that asks gave to LangGraph's ``interrupt``."""


class PauseInfo(TypedDict):
    """Why a paused run waits, and before what."""

    reason: PauseReason
    message: str
    """One line for a person; empty where none was given."""
    waits_for: list[str]
    """The nodes that run next."""
    asks: NotRequired[list[PauseAsk]]
    """Where answers are waited for: ``resume`` takes one for all of them, or one an id."""


class RunResult(TypedDict):
    """What a run returns, from the library, the graph API and ``gems generate --json`` alike."""

    thread_id: str
    """Names the run; empty where a graph was invoked without a thread."""
    outcome: Outcome
    """How it ended; whichever it is, the picture is the best one of all rounds."""
    prompt: str
    """The user's own words."""
    request: NotRequired[str]
    """What is drawn, in full: the prompt, with whatever else a person said of it."""
    skill: str | None
    """The skill's name; None: without one."""
    image: str
    """Path of the best picture; empty where a run paused before the first was drawn."""
    best_round: int
    """The round of the best picture, from 1; 0 where there is none yet."""
    passed: int
    """Requirements that the best picture passes, of ``total``."""
    total: int
    """0: the prompt could not be turned into questions."""
    rounds: list[RoundResult]
    """In order, one a round that drew something."""
    usage: Usage
    warnings: list[str]
    """What went wrong on the way without stopping the run, one line each."""
    earlier: NotRequired[list[EarlierTurn]]
    """Of a follow-up: the turns before, in order."""
    reason: NotRequired[str]
    """Of a failed or unreliable run, in one line: the node that could not go on and why, or what the
    judge did; of one that is out of money, what it may cost."""
    pause: NotRequired[PauseInfo]
    """Of a paused run only."""


class RunReport(TypedDict):
    """What a run has so far: a result's keys, for runs that have not ended as well."""

    thread_id: str
    outcome: Outcome | None
    """None while the run is unfinished."""
    prompt: str
    request: NotRequired[str]
    skill: str | None
    image: str
    """Path of the best picture so far; empty before the first."""
    best_round: int
    passed: int
    total: int
    rounds: list[RoundResult]
    usage: Usage
    warnings: list[str]
    earlier: NotRequired[list[EarlierTurn]]
    reason: NotRequired[str]
    """As in a result."""
    pause: NotRequired[PauseInfo]
    """Of a run that waits only."""
