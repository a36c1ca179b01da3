"""The card of a diffusers model, from the small files of its folder: no weights are loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ....settings import Settings
from ..card import Ability, Card
from ..families import Facts, facts_for, published_class
from ..presets import Preset, preset_for
from .call import LARGEST_SIDE, size_multiple
from .prompts import ENDLESS, prompt_room

CLIPS_MARKS = 2
"""Tokens that CLIP sets around every prompt."""
PATCHED = {"ZImagePipeline", "QwenImagePipeline", "FluxPipeline", "StableDiffusion3Pipeline"}
"""Transformers that take the latent picture in patches of two by two."""


def card_of(name: str, model: str, pipeline: Any, preset: Preset | None, settings: Settings) -> Card:
    """The card of ``model``.

    Args:
        name: the spec.
        model: a folder, or a hub's name, of which only what is published is known.
        pipeline: the pipeline, where it is loaded.
        preset: how to call it, instead of the model's own or published settings.
    """
    kind = type(pipeline).__name__ if pipeline is not None else class_in(Path(model))
    kind = kind or published_class(model)
    preset = preset or preset_for(model, kind or "")
    facts = preset.card.over(facts_for(model, kind))
    tokens = tokens_read(Path(model), pipeline, preset, kind)
    if tokens is not None and preset.card.prompt_tokens is None:
        facts = facts.model_copy(update={"prompt_tokens": tokens})
    multiple = vae_multiple(Path(model), kind) if pipeline is None else size_multiple(pipeline)
    return Card(
        name=name,
        abilities=abilities_of(facts, preset, settings),
        sizes=enlarged_sizes(preset),
        size_multiple=1 if preset.enlarge > 1 else multiple,
        batch=batch_limit(preset, settings),
        **facts.model_dump(exclude={"guided_above"}),
    )


def tokens_read(folder: Path, pipeline: Any, preset: Preset, kind: str | None) -> int | None:
    """How many tokens of a prompt are read; None: what the family says.

    A loaded pipeline's tokenizers know it exactly; before, the settings of the call and the length of
    CLIP's tokenizer are what there is.
    """
    if pipeline is not None:
        return prompt_room(pipeline, preset)
    called_with = preset.call.get("max_sequence_length")
    if isinstance(called_with, int):
        return called_with
    if kind not in {"StableDiffusionPipeline", "StableDiffusionXLPipeline"}:
        return None
    length = read_json(folder / "tokenizer" / "tokenizer_config.json").get("model_max_length")
    return length - CLIPS_MARKS if isinstance(length, int) and CLIPS_MARKS < length < ENDLESS else None


def abilities_of(facts: Facts, preset: Preset, settings: Settings) -> frozenset[Ability]:
    """A seed always; a negative prompt where the guidance is on that would heed it."""
    chosen = settings.generator_guidance
    guidance = preset.guidance if chosen is None else chosen
    if facts.guided_above is None or guidance is None or guidance <= facts.guided_above:
        return frozenset({"seed"})
    return frozenset({"seed", "negative_prompt"})


def batch_limit(preset: Preset, settings: Settings) -> int:
    """Pictures drawn at once, at most: ``GEMS_BATCH`` where it is set, else what the model's preset
    says."""
    # A model knows what fits it; who sets GEMS_BATCH knows the machine.
    chosen = "batch" in settings.model_fields_set
    return settings.batch if chosen or preset.batch is None else preset.batch


def enlarged_sizes(preset: Preset) -> tuple[tuple[int, int], ...]:
    """The sizes of a model that draws one and enlarges it; of any other model none."""
    if preset.enlarge == 1 or preset.size is None:
        return ()
    width, height = preset.size
    return tuple((width * n, height * n) for n in range(1, LARGEST_SIDE // max(width, height) + 1))


def class_in(folder: Path) -> str | None:
    """The class of pipeline that ``model_index.json`` names; None: it is not there or is broken."""
    name = read_json(folder / "model_index.json").get("_class_name")
    return name if isinstance(name, str) else None


def vae_multiple(folder: Path, kind: str | None) -> int:
    """What sides must be multiples of, by the depth of the folder's autoencoder; 1: not known."""
    config = read_json(folder / "vae" / "config.json")
    if "temperal_downsample" in config:
        halvings = len(config["temperal_downsample"])
    elif "block_out_channels" in config:
        halvings = len(config["block_out_channels"]) - 1
    else:
        return 1
    return 1 << (halvings + (kind in PATCHED))


def read_json(path: Path) -> dict[str, Any]:
    """A small JSON file's object; empty: there is none. What is broken is told when it is loaded."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
