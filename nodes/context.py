"""The options of a run: the context schema of the graph, as Studio shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..errors import InputError
from .prompts import packaged_prompt


def _at(*nodes: str) -> dict[str, Any]:
    """Marks an option as belonging to nodes, so that Studio shows it there."""
    return {"langgraph_nodes": list(nodes)}


def _prompt_at(node: str) -> dict[str, Any]:
    """The same for a role's instructions, which Studio lets people edit there."""
    return {"langgraph_nodes": [node], "langgraph_type": "prompt"}


class RunContext(BaseModel):
    """Every option of a run, with the default that the method has."""

    model_config = ConfigDict(extra="forbid", validate_default=True)

    rounds: int = Field(
        default=5,
        ge=1,
        le=50,
        title="Rounds",
        description="At most this many rounds of drawing and looking.",
        json_schema_extra=_at("refiner"),
    )
    candidates: int = Field(
        default=1,
        ge=1,
        le=16,
        title="Candidates a round",
        description="Pictures drawn in one batch each round; the best one is kept.",
        json_schema_extra=_at("generator"),
    )
    verify: Literal["each", "together", "votes", "never"] = Field(
        default="together",
        title="Verification",
        description=(
            "'together': all questions in one call, which takes less than half of the calls; a model "
            "that cannot is asked one by one. 'each': one call a question, side by side. "
            "'votes': all in one call, twice, and what differs a third time. Narrow decisions are "
            "looked at again, whichever it is. 'never': nothing is asked, the first picture is taken."
        ),
        json_schema_extra=_at("verifier"),
    )
    second_looks: bool = Field(
        default=True,
        title="Second looks",
        description=(
            "Ask again before a narrow decision counts, and end a run whose judge contradicts itself. "
            "Off: every verdict counts as it was first given, for comparisons."
        ),
        json_schema_extra=_at("recorder"),
    )
    skill: str = Field(
        default="auto",
        min_length=1,
        title="Skill",
        description=(
            "'auto': the planner chooses. 'none': no skill. Otherwise the name of a skill, or of "
            "several joined by +."
        ),
        json_schema_extra=_at("planner"),
    )
    memory: bool = Field(
        default=True,
        title="Memory",
        description="Use and keep experiences across runs.",
        json_schema_extra=_at("planner", "refiner", "recorder"),
    )
    seed: int | None = Field(
        default=None,
        ge=0,
        lt=2**63,
        title="Seed",
        description="Gives every round's and candidate's seed. Empty: drawn at random and recorded.",
        json_schema_extra=_at("intake"),
    )
    width: int | None = Field(
        default=None,
        ge=16,
        le=8192,
        title="Width",
        description="Width of the picture in pixels. Empty: the generator's own.",
        json_schema_extra=_at("generator"),
    )
    height: int | None = Field(
        default=None,
        ge=16,
        le=8192,
        title="Height",
        description="Height of the picture in pixels. Empty: the generator's own.",
        json_schema_extra=_at("generator"),
    )
    max_images: int | None = Field(
        default=None, ge=1, title="Image budget", description="Stop after this many pictures."
    )
    max_mllm_calls: int | None = Field(
        default=None,
        ge=1,
        title="Call budget",
        description="Stop after this many requests to the MLLM.",
    )
    max_seconds: float | None = Field(
        default=None, gt=0, title="Time budget", description="Stop after this many seconds of work."
    )
    max_cost: float | None = Field(
        default=None,
        gt=0,
        allow_inf_nan=False,
        title="Money budget",
        description="Stop before this much money is spent, by the prices that GEMS_PRICES names.",
    )
    mllm: str | None = Field(
        default=None,
        title="MLLM",
        description="openai:MODEL, langchain:PROVIDER:MODEL or embedded. Empty: the GEMS_MLLM setting.",
        json_schema_extra=_at("planner", "decomposer", "verifier", "compressor", "refiner"),
    )
    generator: str | None = Field(
        default=None,
        title="Generator",
        description=(
            "diffusers:MODEL_OR_PATH, openai:MODEL, gems-http:URL or embedded. "
            "Empty: the GEMS_GENERATOR setting."
        ),
        json_schema_extra=_at("generator"),
    )
    shown_images: int = Field(
        default=5,
        ge=0,
        le=50,
        title="Pictures shown to the refiner",
        description="How many past pictures, the latest, the refiner sees. 0: words only.",
        json_schema_extra=_at("refiner"),
    )
    verifiers: str | None = Field(
        default=None,
        title="Verifiers",
        description=(
            "The judges that answer the questions, separated by commas, in order of preference: mllm "
            "(the run's own), mllm:SPEC, or a kind that a package adds. Empty: the GEMS_VERIFIERS "
            "setting."
        ),
        json_schema_extra=_at("verifier"),
    )
    review: Literal["never", "on_failure", "every_round"] = Field(
        default="never",
        title="Review by a person",
        description=(
            "When the run waits for a person to look at a judged round: 'never', 'on_failure', or "
            "'every_round'."
        ),
        json_schema_extra=_at("review"),
    )
    ask: bool = Field(
        default=False,
        title="Ask before drawing",
        description=(
            "Before the first picture the run waits for a person to look at the requirements and at up "
            "to three questions about the request."
        ),
        json_schema_extra=_at("clarifier", "briefing"),
    )
    planner_prompt: str = Field(
        default=packaged_prompt("planner"),
        title="Planner's instructions",
        description="What the role that chooses a skill is told.",
        json_schema_extra=_prompt_at("planner"),
    )
    skill_writer_prompt: str = Field(
        default=packaged_prompt("skill_writer"),
        title="Skill writer's instructions",
        description="What the role that writes the first prompt with a skill is told.",
        json_schema_extra=_prompt_at("skill_writer"),
    )
    decomposer_prompt: str = Field(
        default=packaged_prompt("decomposer"),
        title="Decomposer's instructions",
        description="What the role that turns the request into questions is told.",
        json_schema_extra=_prompt_at("decomposer"),
    )
    clarifier_prompt: str = Field(
        default=packaged_prompt("clarifier"),
        title="Clarifier's instructions",
        description="What the role that asks people about the request is told.",
        json_schema_extra=_prompt_at("clarifier"),
    )
    reviser_prompt: str = Field(
        default=packaged_prompt("reviser"),
        title="Reviser's instructions",
        description="What the role that works what people say into the request is told.",
        json_schema_extra=_prompt_at("reviser"),
    )
    verifier_prompt: str = Field(
        default=packaged_prompt("verifier"),
        title="Verifier's instructions",
        description="What the role that answers one question about a picture is told.",
        json_schema_extra=_prompt_at("verifier"),
    )
    verifier_all_prompt: str = Field(
        default=packaged_prompt("verifier_all"),
        title="Verifier's instructions, all questions at once",
        description="The same for 'together', where one call answers all questions.",
        json_schema_extra=_prompt_at("verifier"),
    )
    compressor_prompt: str = Field(
        default=packaged_prompt("compressor"),
        title="Compressor's instructions",
        description="What the role that writes down what a round taught is told.",
        json_schema_extra=_prompt_at("compressor"),
    )
    refiner_prompt: str = Field(
        default=packaged_prompt("refiner"),
        title="Refiner's instructions",
        description="What the role that decides what the next round draws is told.",
        json_schema_extra=_prompt_at("refiner"),
    )

    def prompt_for(self, role: str) -> str:
        """The instructions this run gives ``role``; the packaged ones where nobody changed them."""
        text: str = getattr(self, f"{role}_prompt")
        return text


def check_context(options: Mapping[str, Any]) -> RunContext:
    """``options`` as a context; None stands for the default.

    Raises:
        InputError: an option does not exist or has a value out of range; the message names it.
    """
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return RunContext.model_validate(given)
    except ValidationError as exc:
        first = exc.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        unknown = first["type"] == "extra_forbidden"
        problem = "there is no such option" if unknown else first["msg"]
        raise InputError(f"{name} = {first.get('input')!r}: {problem}") from exc


def given_options(context: object) -> dict[str, Any]:
    """The options that a caller gave, out of whatever context the graph was handed: its own, or that of
    a graph that it is a node of, whose other fields are none of ours."""
    if isinstance(context, RunContext):
        return context.model_dump(exclude_unset=True, exclude_none=True)
    fields = context if isinstance(context, Mapping) else ContextFields(context)
    found = {name: fields.get(name) for name in RunContext.model_fields}
    # An object under one of our names is something else of the same name.
    return {name: v for name, v in found.items() if isinstance(v, str | int | float)}


class ContextFields:
    """The attributes of a context that is an object, read like a mapping."""

    def __init__(self, context: object) -> None:
        self._context = context

    def get(self, name: str) -> object:
        """The field's value; None: there is none."""
        return getattr(self._context, name, None)


def context_from(given: Mapping[str, Any], kept: Mapping[str, Any]) -> RunContext:
    """The context of a run: what its caller gave now, before what its thread was given earlier. Options
    of another version are passed over.

    Raises:
        InputError: a value is out of range.
    """
    known = {name: value for name, value in kept.items() if name in RunContext.model_fields}
    return check_context({**known, **given})
