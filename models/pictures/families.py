"""What is known of published model families: how their prompts should be, and what else they take.

From the diffusers source (defaults of ``max_sequence_length``, how guidance is switched on) and the
model cards. A model folder's ``gems.json`` may say otherwise in its ``card``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Facts(BaseModel):
    """The part of a card that goes by the model, not by how it is run. Empty or None: not known."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    family: str = Field("", description="for example Qwen-Image")
    prompt_tokens: int | None = Field(None, ge=1, description="tokens of a prompt that are read")
    languages: tuple[str, ...] = Field((), description="languages it reads, as BCP 47 tags")
    prompt_style: str = Field("", description="how prompts should be worded, in a sentence")
    guided_above: float | None = Field(
        None, ge=0, description="a negative prompt counts while the guidance is above; None: never"
    )

    def on_a_server(self) -> dict[str, Any]:
        """What holds wherever the model runs. Servers have limits of their own for prompts."""
        return self.model_dump(include={"family", "languages", "prompt_style"})

    def over(self, other: Facts) -> Facts:
        """These facts, and ``other``'s where these say nothing."""
        return other.model_copy(update=self.model_dump(exclude_defaults=True))


DETAILED = (
    "a detailed description in whole sentences; words to appear in the picture stand in double quotes"
)
PHRASES = "short phrases separated by commas, the most important first"

Z_IMAGE = Facts(
    family="Z-Image",
    prompt_tokens=512,
    languages=("en", "zh"),
    prompt_style=DETAILED,
    guided_above=0.0,
)
QWEN_IMAGE = Facts(
    family="Qwen-Image",
    prompt_tokens=512,
    languages=("en", "zh"),
    prompt_style=DETAILED,
    guided_above=1.0,
)
# FLUX has its guidance distilled in; its true_cfg_scale, which would heed a negative prompt, is off.
FLUX = Facts(family="FLUX.1", prompt_tokens=512, languages=("en",), prompt_style=DETAILED)
# Of CLIP's 77 tokens two are marks of its own.
SDXL = Facts(
    family="Stable Diffusion XL",
    prompt_tokens=75,
    languages=("en",),
    prompt_style=PHRASES,
    guided_above=1.0,
)
SD = SDXL.model_copy(update={"family": "Stable Diffusion"})
SD3 = Facts(
    family="Stable Diffusion 3",
    prompt_tokens=256,
    languages=("en",),
    prompt_style=DETAILED,
    guided_above=1.0,
)

BY_CLASS = {
    "ZImagePipeline": Z_IMAGE,
    "QwenImagePipeline": QWEN_IMAGE,
    "FluxPipeline": FLUX,
    "StableDiffusionXLPipeline": SDXL,
    "StableDiffusionPipeline": SD,
    "StableDiffusion3Pipeline": SD3,
}
"""By the class of a pipeline."""
BY_NAME = {
    r"^z-image": "ZImagePipeline",
    r"^qwen-image(?!-(edit|layered))": "QwenImagePipeline",
    r"^flux\.?1": "FluxPipeline",
    r"stable-diffusion-xl|sdxl": "StableDiffusionXLPipeline",
    r"stable-diffusion-3": "StableDiffusion3Pipeline",
    r"stable-diffusion": "StableDiffusionPipeline",
}
"""The class by a pattern in a published name, the more specific first."""


def facts_for(model: str, pipeline_class: str | None = None) -> Facts:
    """What is known of a model by its class, else by the name it was published under."""
    return BY_CLASS.get(pipeline_class or published_class(model) or "", Facts())


def published_class(model: str) -> str | None:
    """The class of pipeline that a published name stands for; None: the name says nothing."""
    name = published_name(model)
    return next((kind for part, kind in BY_NAME.items() if re.search(part, name)), None)


def published_name(model: str) -> str:
    """The last part of a hub's name or path; in the hub's cache the folder is named by a hash."""
    path = Path(model)
    if path.parent.name == "snapshots":
        path = path.parent.parent
    return path.name.casefold().replace("_", "-")
