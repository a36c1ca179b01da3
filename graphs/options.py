"""What a caller may say about a run: the fields of ``RunContext``, typed for editors and checkers."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict


class RunOptions(TypedDict, total=False):
    """Options of a run; one that is left out or None has its default. See ``RunContext``."""

    rounds: int | None
    """At most this many rounds, 1 to 50; 5."""
    candidates: int | None
    """Pictures a round, 1 to 16, the best one kept; 1."""
    verify: Literal["each", "together", "votes", "never"] | None
    """A call a question, one call for all, that twice, or no questions at all; together."""
    second_looks: bool | None
    """Ask again before a narrow decision counts; True."""
    skill: str | None
    """auto, none, a skill's name, or several joined by +; auto."""
    memory: bool | None
    """Use and keep experiences across runs; True."""
    seed: int | None
    """0 to 2**63 - 1; gives every picture's seed. Drawn at random and recorded."""
    width: int | None
    """Pixels, 16 to 8192; the generator's own."""
    height: int | None
    """Pixels, 16 to 8192; the generator's own."""
    max_images: int | None
    """Stop after so many pictures."""
    max_mllm_calls: int | None
    """Stop after so many requests to the MLLM."""
    max_seconds: float | None
    """Stop after so many seconds of work."""
    max_cost: float | None
    """Stop before so much money is spent, by the prices that GEMS_PRICES names."""
    mllm: str | None
    """openai:MODEL, langchain:PROVIDER:MODEL or embedded; the GEMS_MLLM setting."""
    generator: str | None
    """diffusers:MODEL, openai:MODEL, gems-http:URL or embedded; the GEMS_GENERATOR setting."""
    shown_images: int | None
    """How many past pictures the refiner sees, 0 to 50; 5."""
    verifiers: str | None
    """The judges that answer the questions, with commas; the GEMS_VERIFIERS setting."""
    review: Literal["never", "on_failure", "every_round"] | None
    """When the run waits for a person to look at a judged round; never."""
    ask: bool | None
    """Wait before the first picture for a person to look at requirements and questions; False."""
    planner_prompt: str | None
    """What the planner is told, instead of the packaged instructions; so for every role below."""
    skill_writer_prompt: str | None
    decomposer_prompt: str | None
    clarifier_prompt: str | None
    reviser_prompt: str | None
    verifier_prompt: str | None
    verifier_all_prompt: str | None
    compressor_prompt: str | None
    refiner_prompt: str | None
