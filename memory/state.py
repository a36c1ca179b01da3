"""The factual memory: the state of the graph, raw and small.

Everything here is JSON: it goes through checkpoints, Studio and the graph API as it is. Pictures are
references into the image store, never bytes.
"""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from typing_extensions import TypedDict

from ..models.judges.judge import Cause as Cause
from ..models.judges.judge import Requirement as Requirement
from ..models.judges.judge import Verdict as Verdict
from ..models.judges.judge import VerdictValue as VerdictValue
from .reducers import add_spent, add_work, join, join_new, latest, merge, merge_busy, replace
from .results import EarlierTurn as EarlierTurn
from .results import Outcome as Outcome
from .results import PauseAsk as PauseAsk
from .results import PauseInfo as PauseInfo
from .results import PauseReason as PauseReason
from .results import QuestionVerdict as QuestionVerdict
from .results import RoundResult as RoundResult
from .results import RunReport as RunReport
from .results import RunResult as RunResult
from .results import Spent as Spent
from .results import Usage as Usage
from .rows import RecalledRow, RecipeRow, TrackRow
from .said import Briefing as Briefing
from .said import Clarification as Clarification
from .said import Review as Review

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
