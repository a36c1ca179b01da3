"""The factual memory: the state of the graph, raw and small.

Everything here is JSON: it goes through checkpoints, Studio and the graph API as it is. Pictures are
references into the image store, never bytes.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from typing_extensions import TypedDict

from ..models.judges.judge import Cause as Cause
from ..models.judges.judge import Requirement as Requirement
from ..models.judges.judge import Verdict as Verdict
from ..models.judges.judge import VerdictValue as VerdictValue
from .reducers import add_spent, add_work, join, join_new, latest, merge, merge_busy, replace
from .rows import RecalledRow, RecipeRow, TrackRow
from .said import Briefing as Briefing
from .said import Clarification as Clarification
from .said import Review as Review

Outcome = Literal[
    "all_passed", "accepted", "max_rounds", "budget", "unverified", "unreliable", "failed", "cancelled",
    "paused",
]  # fmt: skip
"""How a run ended. ``accepted``: a person took the picture as it is. ``unverified``: its judges failed.
``unreliable``: they contradicted themselves; ``failed``: it could not go on; of both ``reason`` says
why. ``paused`` has not ended, it waits to be resumed."""
Judged = tuple[Requirement, Verdict]
"""A requirement with the verdict that counts on some attempt."""


class KnownFact(TypedDict):
    """Something that a request leaves to knowledge."""

    fact: str
    """What is meant, by name, as the decomposer knows it."""
    sure: bool
    """Whether it is sure of that."""
    found: NotRequired[list[str]]
    """What was looked up about it: others' words, to be weighed as such."""


class ImageRef(TypedDict):
    """A picture in the image store, by name; the bytes stay out of checkpoints."""

    sha256: str
    """Of the PNG file, in hex; it names the file."""
    path: str
    """Relative to the store's root, so that ``GEMS_HOME`` can move."""
    width: int
    """In pixels, as ``height``."""
    height: int


class Basis(TypedDict):
    """The best picture of the turn before, from which a follow-up goes out."""

    request: str
    """What was drawn then, in full."""
    drawn: str
    """The prompt that it was drawn from."""
    image: ImageRef
    edits: bool
    """Whether the generator changes that picture; False: it draws anew."""


class Attempt(TypedDict):
    """One picture that was drawn, and what it was drawn from."""

    round: int
    """From 1."""
    candidate: int
    """From 0, within the round."""
    prompt: str
    seed: int
    image: ImageRef


class AttemptRef(TypedDict):
    """Names one attempt of a run by its round, from 1, and candidate, from 0."""

    round: int
    candidate: int


class Draft(TypedDict):
    """What the next round draws, why, and which attempt it goes out from."""

    round: int
    action: str
    """A row of the table of actions: rewrite, resample."""
    prompt: str
    reasoning: str
    strategy: NotRequired[str]
    """The refiner's name for what it does differently from the round before."""
    written: NotRequired[str]
    """The refiner's own words, where ``prompt`` had something added that they had lost."""
    start: NotRequired[AttemptRef]
    """The attempt it starts from; the first round's draft starts from none."""
    seed: NotRequired[int]
    """Of its first candidate, where it is known."""


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


class Work(Spent):
    """What a node did, all its times together; nodes side by side are counted one by one."""

    times: int
    seconds: float


class RunState(TypedDict):
    """The state of a run. Keys appear as nodes write them."""

    prompt: str
    """The user's own words."""
    request: NotRequired[str]
    """What is drawn, in full, where a person said more of it than the prompt; empty or missing: the
    prompt says it all."""
    follow_up: NotRequired[str]
    """What is to be different about the thread's picture, until a run takes it up."""
    basis: NotRequired[Basis | None]
    """What a follow-up goes out from; None or missing: the run draws its prompt by itself."""
    turns: NotRequired[list[dict[str, Any]]]
    """The facts of the turns before, in order; see ``memory/turns.py``."""
    earlier: NotRequired[list[EarlierTurn]]
    inquiries: NotRequired[list[str]]
    """What the clarifier would like to know before the first picture."""
    briefing: NotRequired[Briefing | None]
    """What a person said before the first picture; None or missing: nobody was asked yet."""
    offered: NotRequired[list[Requirement]]
    """The requirements that they were shown then."""
    refused: NotRequired[str]
    """Why what they said cannot be worked in, so that they are asked again."""
    seed: int
    """The run's seed; every picture's seed follows from it."""
    skill: str | None
    """Name of the skill the planner chose."""
    requirements: list[Requirement]
    facts: NotRequired[list[KnownFact]]
    """What the request leaves to knowledge; missing in older checkpoints."""
    draft: Draft
    """What is drawn next."""
    drafts: Annotated[list[Draft], join]
    """Every draft so far, one a round."""
    attempts: Annotated[list[Attempt], join]
    verdicts: Annotated[dict[str, Verdict], merge]
    """By ``ROUND.CANDIDATE.REQUIREMENT``, for example ``2.0.q3``."""
    experiences: Annotated[dict[str, str], merge]
    """The compressed experience of each round, by round number."""
    generator_lessons: Annotated[dict[str, str], merge]
    """What each round taught about the generator, by round number; empty where it taught nothing."""
    recalled: Annotated[list[RecalledRow], join]
    """Experiences of earlier runs that the planner was shown; lines of text in older checkpoints."""
    recalled_lessons: list[str]
    """What earlier runs taught about the generator, as the last role asked was told."""
    recipe: NotRequired[RecipeRow | None]
    """How the first picture is drawn where an earlier run got the same request right."""
    track_record: list[TrackRow]
    """What skills and strategies were worth in earlier runs, as the last role asked was shown it; lines
    of text in older checkpoints."""
    spent: Annotated[Spent, add_spent]
    busy: Annotated[list[list[float]], merge_busy]
    """When the run was at work, in seconds since the epoch."""
    work: Annotated[dict[str, Work], add_work]
    """What each node did."""
    memory_failed: NotRequired[bool]
    """Whether the collection of experiences could not be used; the run then goes on without."""
    warnings: Annotated[list[str], join_new]
    knobs: Annotated[dict[str, Any], merge]
    """The options that the thread was given, which count where a caller gives none."""
    reviews: Annotated[list[Review], join]
    """What people said of rounds."""
    asked: NotRequired[str]
    """The id of the message that the run answers; empty or missing: it was given a bare prompt."""
    references: NotRequired[list[ImageRef]]
    """Pictures that came with the prompt, of things that should look the same."""
    failure: NotRequired[Annotated[str, latest]]
    """Why the run cannot go on; empty or missing: it can."""
    exhausted: NotRequired[Annotated[str, replace]]
    """What may not cost more, of the run or of who began it; empty or missing: all could be paid."""
    thread_id: NotRequired[str]
    outcome: NotRequired[Outcome | None]
    """None while the run is under way."""
    reason: NotRequired[str]
    image: NotRequired[str]
    best_round: NotRequired[int]
    passed: NotRequired[int]
    total: NotRequired[int]
    rounds: NotRequired[list[RoundResult]]
    usage: NotRequired[Usage]
