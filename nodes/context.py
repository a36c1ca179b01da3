"""The knobs of a run: the context schema of the graph, as Studio shows it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


def _at(*nodes: str) -> dict[str, Any]:
    """Marks a knob as belonging to nodes, so that Studio shows it there."""
    return {"langgraph_nodes": list(nodes)}


class RunContext(BaseModel):
    """Every knob with the method's default."""

    model_config = ConfigDict(extra="forbid", validate_default=True)

    rounds: int = Field(
        5,
        ge=1,
        le=50,
        title="Rounds",
        description="At most this many rounds of drawing and looking.",
        json_schema_extra=_at("refiner"),
    )
    candidates: int = Field(
        1,
        ge=1,
        le=16,
        title="Candidates a round",
        description="Pictures drawn in one batch each round; the best one is kept.",
        json_schema_extra=_at("generator"),
    )
    verify: Literal["each", "together"] = Field(
        "each",
        title="Verification",
        description="'each': one call a question, side by side. 'together': all questions in one call.",
        json_schema_extra=_at("verifier"),
    )
    skill: str = Field(
        "auto",
        min_length=1,
        title="Skill",
        description="'auto': the planner chooses. 'none': no skill. Otherwise the name of a skill.",
        json_schema_extra=_at("planner"),
    )
    memory: bool = Field(
        True,
        title="Memory",
        description="Use and keep experiences across runs.",
        json_schema_extra=_at("planner", "refiner", "recorder"),
    )
    seed: int | None = Field(
        None,
        ge=0,
        lt=2**63,
        title="Seed",
        description="Gives every round's and candidate's seed. Empty: drawn at random and recorded.",
        json_schema_extra=_at("intake"),
    )
    width: int | None = Field(
        None,
        ge=16,
        le=8192,
        title="Width",
        description="Width of the picture in pixels. Empty: the generator's own.",
        json_schema_extra=_at("generator"),
    )
    height: int | None = Field(
        None,
        ge=16,
        le=8192,
        title="Height",
        description="Height of the picture in pixels. Empty: the generator's own.",
        json_schema_extra=_at("generator"),
    )
    max_images: int | None = Field(
        None, ge=1, title="Image budget", description="Stop after this many pictures."
    )
    max_mllm_calls: int | None = Field(
        None, ge=1, title="Call budget", description="Stop after this many requests to the MLLM."
    )
    max_seconds: float | None = Field(
        None, gt=0, title="Time budget", description="Stop after this many seconds of work."
    )
    mllm: str | None = Field(
        None,
        title="MLLM",
        description="openai:MODEL, langchain:PROVIDER:MODEL or embedded. Empty: the GEMS_MLLM setting.",
        json_schema_extra=_at("planner", "decomposer", "verifier", "compressor", "refiner"),
    )
    generator: str | None = Field(
        None,
        title="Generator",
        description=(
            "diffusers:MODEL_OR_PATH, openai:MODEL, gems-http:URL or embedded. "
            "Empty: the GEMS_GENERATOR setting."
        ),
        json_schema_extra=_at("generator"),
    )
    shown_images: int = Field(
        5,
        ge=0,
        le=50,
        title="Pictures shown to the refiner",
        description="How many past pictures, the latest, the refiner sees. 0: words only.",
        json_schema_extra=_at("refiner"),
    )
