"""What happens in a run, as it happens: the same events for library, terminal, page and graph API.

Every event is a JSON object whose ``event`` names its kind. The graph streams them in LangGraph's
stream mode ``custom``; ``Session.stream`` yields them, with ``result`` as the last.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

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
    """The planner is done."""

    event: Literal["planned"]
    skill: str | None
    recalled: int
    """How many experiences of earlier runs it was shown."""


class RequirementsFound(TypedDict):
    """The decomposer is done."""

    event: Literal["requirements"]
    requirements: list[Requirement]


class PromptWritten(TypedDict):
    """What the next round draws."""

    event: Literal["prompt"]
    round: int
    action: str
    prompt: str
    reasoning: str
    strategy: str


class DrawingStarted(TypedDict):
    """A round begins to draw."""

    event: Literal["drawing"]
    round: int
    prompt: str
    count: int
    """Pictures of this round."""


class StepDone(TypedDict):
    """A denoising step is done."""

    event: Literal["step"]
    round: int
    done: int
    total: int


class PicturesDrawn(TypedDict):
    """A round's pictures are stored."""

    event: Literal["drawn"]
    round: int
    images: list[str]
    """Absolute paths, one a candidate."""


class VerdictGiven(TypedDict):
    """A requirement was judged on a picture."""

    event: Literal["verdict"]
    round: int
    candidate: int
    requirement: str
    """The requirement's id."""
    value: VerdictValue
    reason: str


class RoundJudged(TypedDict):
    """A round's verdicts are complete."""

    event: Literal["judged"]
    round: int
    passed: int
    total: int


class ExperienceWritten(TypedDict):
    """The compressor is done."""

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
    """The graph came to its end."""

    event: Literal["finished"]
    outcome: Outcome


class RunPaused(TypedDict):
    """The run waits; ``resume`` goes on with it."""

    event: Literal["paused"]
    thread_id: str
    reason: PauseReason
    message: str
    """Why, in one line."""


class ResultReady(TypedDict):
    """The last event of a stream."""

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
