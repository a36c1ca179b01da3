"""A generator's card: what it can do and how it wants to be asked, as roles and actions read it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Ability = Literal["edit", "mask", "references", "negative_prompt", "seed"]
Pixels = Annotated[int, Field(ge=1)]


class Card(BaseModel):
    """What is known of a generator. Empty or None: not known, or no limit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(default="", description="the spec that opens it")
    family: str = Field(default="", description="the model family, for example Qwen-Image")
    abilities: frozenset[Ability] = Field(
        default=frozenset({"seed"}),
        description="edit: draws from a source picture; mask: changes only what a mask marks; "
        "references: takes reference pictures; negative_prompt; seed: repeats a picture",
    )
    sizes: tuple[tuple[Pixels, Pixels], ...] = Field(
        default=(), description="the only widths and heights it draws, in pixels; empty: others too"
    )
    size_multiple: int = Field(default=1, ge=1, description="sides are multiples of this, in pixels")
    batch: int | None = Field(default=None, ge=1, description="pictures drawn at once, at most")
    prompt_tokens: int | None = Field(
        default=None,
        ge=1,
        description="tokens of a prompt that its text encoder reads, the rest is cut off",
    )
    languages: tuple[str, ...] = Field(default=(), description="languages it reads, as BCP 47 tags")
    prompt_style: str = Field(default="", description="how prompts should be worded, in a sentence")

    def can(self, needed: frozenset[Ability]) -> bool:
        """Whether it has every ability in ``needed``; True where none is."""
        return needed <= self.abilities

    def for_writers(self) -> dict[str, Any]:
        """What a role that writes prompts is shown: JSON values, what is not known left out."""
        facts = self.model_dump(mode="json", exclude={"sizes", "size_multiple", "batch"})
        facts["abilities"] = sorted(self.abilities - {"seed"})
        return {name: value for name, value in facts.items() if value}
