"""Published settings of text-to-image models, and those a model folder carries in ``gems.json``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..errors import RefusedError

OWN_SETTINGS = "gems.json"


class Preset(BaseModel):
    """How to call a pipeline. None: what the pipeline does by itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: tuple[int, int] | None = Field(None, description="width and height drawn, in pixels")
    steps: int | None = Field(None, ge=1)
    guidance: float | None = None
    sigmas: list[float] | None = Field(None, description="noise levels, instead of steps alone")
    enlarge: int = Field(1, ge=1, le=64, description="factor the drawn picture is enlarged by")
    batch: int | None = Field(None, ge=1, description="pictures drawn at once, at most")
    call: dict[str, Any] = Field(default_factory=dict, description="more arguments of the call")


PUBLISHED: dict[str, Preset] = {
    "z-image-turbo": Preset(size=(1024, 1024), steps=9, guidance=0.0),
    "z-image": Preset(size=(1024, 1024), steps=50, guidance=4.0),
    "qwen-image": Preset(size=(1328, 1328), steps=50, guidance=4.0, call={"negative_prompt": " "}),
    "flux.1-schnell": Preset(size=(1024, 1024), steps=4, guidance=0.0),
    "flux.1-dev": Preset(size=(1024, 1024), steps=28, guidance=3.5),
    "sdxl-turbo": Preset(size=(512, 512), steps=1, guidance=0.0),
    "stable-diffusion-xl": Preset(size=(1024, 1024), steps=30, guidance=5.0),
}
"""By a part of the model's name, the more specific first."""

FAMILIES: dict[str, Preset] = {
    "QwenImagePipeline": Preset(steps=50, guidance=4.0, call={"negative_prompt": " "}),
}
"""By pipeline class, for models whose name says nothing."""


def own_preset(folder: Path) -> Preset | None:
    """The preset in ``folder``; None: it carries none.

    Raises:
        RefusedError: the file is no preset.
    """
    path = folder / OWN_SETTINGS
    if not path.is_file():
        return None
    try:
        return Preset.model_validate(json.loads(path.read_text("utf-8")))
    except ValidationError as exc:
        first = exc.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise RefusedError(f"{path}: {name}: {first['msg']}") from exc
    except (OSError, ValueError) as exc:
        raise RefusedError(f"{path} cannot be read: {exc}") from exc


def preset_for(model: str, pipeline_class: str) -> Preset:
    """The settings for a model: its folder's own, else by its name, else by its class."""
    own = own_preset(Path(model))
    if own is not None:
        return own
    name = Path(model).name.casefold()
    for part, preset in PUBLISHED.items():
        if part in name:
            return preset
    return FAMILIES.get(pipeline_class, Preset())
