"""Published settings of text-to-image models, and those a model folder carries in ``gems.json``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...errors import RefusedError
from .families import Facts, published_name

OWN_SETTINGS = "gems.json"
Pixels = Annotated[int, Field(ge=1)]


class Preset(BaseModel):
    """How to call a pipeline. None: what the pipeline does by itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: tuple[Pixels, Pixels] | None = Field(default=None, description="width and height in pixels")
    steps: int | None = Field(default=None, ge=1)
    guidance: float | None = Field(default=None, ge=0)
    sigmas: list[float] | None = Field(
        default=None, min_length=1, description="noise levels from 1 down, without the last 0"
    )
    enlarge: int = Field(
        default=1,
        ge=1,
        le=64,
        description="above 1: only `size` is drawn, then enlarged by this factor",
    )
    batch: int | None = Field(default=None, ge=1, description="pictures drawn at once, at most")
    call: dict[str, Any] = Field(default_factory=dict, description="more arguments of the call")
    card: Facts = Field(
        default=Facts(), description="what the generator's card says, before what its family does"
    )


QWEN = Preset(size=(1328, 1328), steps=50, guidance=4.0, call={"negative_prompt": " "})
"""Without a negative prompt, if only a blank, Qwen-Image ignores its guidance."""
TURBO = Preset(size=(1024, 1024), steps=9, guidance=0.0)
"""Distilled: guidance went into the weights."""

PUBLISHED: dict[str, dict[str, Preset]] = {
    "ZImagePipeline": {
        "z-image(-base)?$": Preset(size=(1024, 1024), steps=50, guidance=4.0),
        "": TURBO,
    },
    "QwenImagePipeline": {"": QWEN},
    "FluxPipeline": {
        "schnell": Preset(size=(1024, 1024), steps=4, guidance=0.0, call={"max_sequence_length": 256}),
        "": Preset(size=(1024, 1024), steps=28, guidance=3.5),
    },
    "StableDiffusionXLPipeline": {
        "turbo": Preset(size=(512, 512), steps=1, guidance=0.0),
        "": Preset(steps=30, guidance=5.0),
    },
    "StableDiffusionPipeline": {
        "turbo": Preset(size=(512, 512), steps=1, guidance=0.0),
        "": Preset(steps=30, guidance=7.5),
    },
    "StableDiffusion3Pipeline": {
        "turbo": Preset(size=(1024, 1024), steps=4, guidance=0.0),
        "": Preset(size=(1024, 1024), steps=28, guidance=4.5),
    },
}
"""By pipeline class, then by a pattern in the model's name, the more specific first."""


def own_preset(folder: Path) -> Preset | None:
    """The preset in ``folder``; None: it carries none.

    Raises:
        RefusedError: the file is no preset.
    """
    path = folder / OWN_SETTINGS
    if not path.is_file():
        return None
    try:
        return Preset.model_validate_json(path.read_bytes())
    except ValidationError as exc:
        first = exc.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or "the file"
        known = ", ".join(Preset.model_fields)
        raise RefusedError(f"{path}: {name}: {first['msg']}; it may hold {known}") from exc
    except OSError as exc:
        raise RefusedError(f"{path} cannot be read: {exc}; make it readable or remove it") from exc


def preset_for(model: str, pipeline_class: str) -> Preset:
    """The settings for a model: its folder's own, else by its class and name, else none."""
    own = own_preset(Path(model))
    if own is not None:
        return own
    name = published_name(model)
    presets = PUBLISHED.get(pipeline_class, {})
    return next((preset for part, preset in presets.items() if re.search(part, name)), Preset())
