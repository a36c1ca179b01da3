"""One call of a diffusers pipeline: its arguments, its progress, and the pictures it returns."""

from __future__ import annotations

import inspect
import io
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any

import numpy as np
from PIL import Image

from ....errors import AnswerError, DeclinedError, InputError, RefusedError
from ....settings import Settings
from ..generator import Draw, OnStep, Picture
from ..presets import Preset
from .prompts import unread

LARGEST_SIDE = 4096
"""Of a picture that is enlarged, in pixels."""
SEEDS = 2**63
"""torch takes no seed beyond."""


def draw_batch(
    pipeline: Any, preset: Preset, settings: Settings, draws: Sequence[Draw], on_step: OnStep
) -> list[Picture | Exception]:
    """Draws ``draws``, all of one size, in one call of the pipeline.

    Raises:
        InputError: the model cannot draw that size.
    """
    factor, width, height = picture_size(pipeline, preset, draws[0])
    wanted = call_arguments(pipeline, preset, settings, draws)
    wanted |= {"width": width, "height": height}
    wanted["callback_on_step_end"] = step_callback(on_step, wanted["num_inference_steps"])
    known = inspect.signature(pipeline.__call__).parameters
    output = pipeline(**{k: v for k, v in wanted.items() if v is not None and k in known})
    flagged = getattr(output, "nsfw_content_detected", None) or [False] * len(draws)
    return [
        finish(draw, drawn, factor, unsafe, unread(pipeline, preset, draw.prompt))
        for draw, drawn, unsafe in zip(draws, output.images, flagged, strict=True)
    ]


def check_call(pipeline: Any, preset: Preset) -> None:
    """Checks that the pipeline takes the arguments a model's own settings want to give it.

    Raises:
        RefusedError: it takes no such argument, or draws no picture from text.
    """
    kind, known = type(pipeline).__name__, inspect.signature(pipeline.__call__).parameters
    if "prompt" not in known:
        raise RefusedError(f"a {kind} draws no pictures from text: choose a text-to-image model")
    unknown = [name for name in preset.call if name not in known]
    if unknown:
        raise RefusedError(
            f"a {kind} takes no argument {unknown[0]!r}: remove it from `call` in the model's gems.json"
        )


def call_arguments(
    pipeline: Any, preset: Preset, settings: Settings, draws: Sequence[Draw]
) -> dict[str, Any]:
    """What to call the pipeline with, but for the size; None where the pipeline decides."""
    import torch

    guidance = settings.generator_guidance
    arguments: dict[str, Any] = {
        "prompt": [draw.prompt for draw in draws],
        # One each, on the CPU: a seed gives the same noise in any batch and on any device.
        "generator": [torch.Generator("cpu").manual_seed(draw.seed % SEEDS) for draw in draws],
        "num_inference_steps": settings.generator_steps or preset.steps or default_steps(pipeline),
        guidance_name(pipeline): preset.guidance if guidance is None else guidance,
        "output_type": "np",
        # A copy: some pipelines write into what they are given.
        **deepcopy(preset.call),
    }
    usual = arguments.get("negative_prompt")
    if isinstance(usual, str) or any(draw.negative_prompt for draw in draws):
        arguments["negative_prompt"] = [draw.negative_prompt or usual or "" for draw in draws]
    if preset.sigmas:
        steps = settings.generator_steps or preset.steps or len(preset.sigmas)
        arguments |= {"num_inference_steps": steps, "sigmas": interpolate_sigmas(preset.sigmas, steps)}
    return arguments


def guidance_name(pipeline: Any) -> str:
    """What the pipeline calls classifier-free guidance; Qwen-Image's ``guidance_scale`` is another
    thing, and Flux takes both names and means the usual one."""
    return "true_cfg_scale" if type(pipeline).__name__.startswith("Qwen") else "guidance_scale"


def default_steps(pipeline: Any) -> int:
    """The steps a pipeline takes by itself; 50, diffusers' usual number, where it does not say."""
    parameter = inspect.signature(pipeline.__call__).parameters.get("num_inference_steps")
    return parameter.default if parameter and isinstance(parameter.default, int) else 50


def interpolate_sigmas(sigmas: Sequence[float], steps: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """The curve of ``sigmas``, which ends in 0, at ``steps`` points. An array, not a list: UniPC's
    scheduler multiplies it."""
    curve = [*sigmas, 0.0]
    points = np.linspace(0, len(sigmas), steps + 1)[:-1]
    return np.interp(points, np.arange(len(curve)), curve).astype(np.float32)


def picture_size(pipeline: Any, preset: Preset, draw: Draw) -> tuple[int, int | None, int | None]:
    """By how much to enlarge, and the width and height to draw; None: the pipeline's own.

    Raises:
        InputError: the model cannot draw that size.
    """
    width, height = preset.size or (None, None)
    if preset.enlarge > 1 and preset.size:
        return enlargement(preset, preset.size, draw), width, height
    multiple = size_multiple(pipeline)
    for name, pixels in (("width", draw.width), ("height", draw.height)):
        if pixels is not None and (pixels < multiple or pixels % multiple):
            low = max(pixels // multiple, 1) * multiple
            raise InputError(
                f"this model draws no {name} of {pixels}: ask for a multiple of {multiple}, "
                f"for example {low} or {low + multiple}"
            )
    return 1, draw.width or width, draw.height or height


def enlargement(preset: Preset, native: tuple[int, int], draw: Draw) -> int:
    """The factor that makes a picture of the ``native`` size as large as ``draw`` asks for."""
    asked = (draw.width, draw.height)
    if asked == (None, None):
        return preset.enlarge
    factors = [pixels / own for pixels, own in zip(asked, native, strict=True) if pixels]
    largest, usual = LARGEST_SIDE // max(native), preset.enlarge
    if len(set(factors)) > 1 or factors[0] not in range(1, largest + 1):
        raise InputError(
            f"this model draws {native[0]}x{native[1]} pixels and enlarges them 1 to {largest} "
            f"times, which cannot give {asked[0] or 'any'}x{asked[1] or 'any'}: ask for "
            f"{native[0] * usual}x{native[1] * usual}, or for no size"
        )
    return int(factors[0])


def size_multiple(pipeline: Any) -> int:
    """What the sides of a picture must be multiples of, in pixels."""
    config: Mapping[str, Any] = getattr(getattr(pipeline, "image_processor", None), "config", {})
    # Stable Diffusion 3 alone keeps the size of its transformer's patches out of that figure.
    patch = pipeline.patch_size if type(pipeline).__name__ == "StableDiffusion3Pipeline" else 1
    return int(config.get("vae_scale_factor", 1)) * int(patch)


def step_callback(on_step: OnStep, total: int) -> Callable[..., dict[str, Any]]:
    """``on_step`` as diffusers calls it. What it raises ends the call there and then: that also
    stops pipelines that know no ``_interrupt``, and saves the decoding of a picture nobody wants."""

    def on_step_end(pipe: Any, step: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        # Some schedulers take a step more than asked for, or two for one.
        on_step(step + 1, getattr(pipe, "num_timesteps", total))
        return tensors

    return on_step_end


def finish(
    draw: Draw, drawn: Any, factor: int, unsafe: bool, notes: tuple[str, ...]
) -> Picture | Exception:
    """The picture as a file with its ``notes``, or why it is none."""
    if unsafe:
        return DeclinedError(
            f"the model's safety checker blacked out the picture of seed {draw.seed}: reword the "
            "prompt or change the seed"
        )
    if not isinstance(drawn, Image.Image):
        if not np.isfinite(drawn).all():
            return AnswerError(
                f"the picture of seed {draw.seed} came out as NaN: set GEMS_DTYPE=bfloat16 or float32"
            )
        drawn = Image.fromarray((np.clip(drawn, 0.0, 1.0) * 255).round().astype(np.uint8))
    return Picture(to_png(drawn, factor), draw.seed, notes)


def to_png(picture: Image.Image, factor: int) -> bytes:
    """``picture``, enlarged for human eyes, as a PNG file."""
    if factor > 1:
        size = (picture.width * factor, picture.height * factor)
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()
