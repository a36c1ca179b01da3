"""What happens in a run, as it happens: the same events for library, terminal, page and graph API.

Every event is a JSON object whose ``event`` names its kind. The graph streams them in LangGraph's
stream mode ``custom``; ``Session.stream`` yields them, with ``result`` as the last.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypeAlias

from typing_extensions import TypedDict

from .memory.state import Outcome, PauseReason, Requirement, RunResult, VerdictValue


class RunStarted(TypedDict):
    """The run has a name; also when it is resumed."""

    event: Literal["started"]
    thread_id: str
    seed: int
    mllm: str
    """The spec of the model that thinks."""
    generator: str
    """The spec of the model that draws."""


class SkillChosen(TypedDict):
    """The planner chose a skill; None: the prompt goes on as it is."""

    event: Literal["planned"]
    skill: str | None
    recalled: int
    """How many experiences of earlier runs it was shown."""
    known: NotRequired[bool]
    """Whether the right picture of an earlier run of this request and seed is drawn again."""


class RequirementsFound(TypedDict):
    """The decomposer turned the prompt into questions; empty: it could not, and nothing will be
    judged."""

    event: Literal["requirements"]
    requirements: list[Requirement]


class PromptWritten(TypedDict):
    """What the next round draws, and why."""

    event: Literal["prompt"]
    round: int
    action: str
    """rewrite or resample; the first round's draft is a rewrite."""
    prompt: str
    reasoning: str
    """The role's own words, empty where it gave none."""
    strategy: str
    """What it does differently from the round before; empty in the first round."""


class DrawingStarted(TypedDict):
    """A round begins to draw; steps follow, from generators that report any."""

    event: Literal["drawing"]
    round: int
    prompt: str
    count: int
    """Pictures of this round."""


class StepDone(TypedDict):
    """A denoising step is done: ``done`` of ``total``, the mean of the round's pictures."""

    event: Literal["step"]
    round: int
    done: int
    total: int


class PicturesDrawn(TypedDict):
    """A round's pictures are stored, before any of them is judged."""

    event: Literal["drawn"]
    round: int
    images: list[str]
    """Absolute paths, one a candidate."""


class VerdictGiven(TypedDict):
    """A requirement was judged on a candidate's picture."""

    event: Literal["verdict"]
    round: int
    candidate: int
    requirement: str
    """The requirement's id."""
    value: VerdictValue
    reason: str


class RoundJudged(TypedDict):
    """A round's verdicts are complete; the figures are those of its best candidate."""

    event: Literal["judged"]
    round: int
    passed: int
    total: int


class ExperienceWritten(TypedDict):
    """The compressor wrote down what the round taught, in at most 100 words."""

    event: Literal["experience"]
    round: int
    experience: str


class Waiting(TypedDict):
    """A model's server is busy, or did not answer; it is asked again after a while."""

    event: Literal["waiting"]
    seconds: float
    why: str
    """In a word or two: "rate limit"."""


class RunFinished(TypedDict):
    """The graph came to its end; a run that pauses or fails does not get here."""

    event: Literal["finished"]
    outcome: Outcome
    cost: NotRequired[float]
    """What the run cost in money; left out where a model has no price."""


class RunPaused(TypedDict):
    """The run waits; ``resume`` goes on with it."""

    event: Literal["paused"]
    thread_id: str
    reason: PauseReason
    message: str
    """Why, in one line."""


class ResultReady(TypedDict):
    """The last event of a stream; the graph itself, as servers run it, streams none."""

    event: Literal["result"]
    result: RunResult


Event: TypeAlias = (
    RunStarted
    | SkillChosen
    | RequirementsFound
    | PromptWritten
    | DrawingStarted
    | StepDone
    | PicturesDrawn
    | VerdictGiven
    | RoundJudged
    | ExperienceWritten
    | Waiting
    | RunFinished
    | RunPaused
    | ResultReady
)
