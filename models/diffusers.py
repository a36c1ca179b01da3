"""The diffusers adapter: any text-to-image pipeline, local or from a hub, drawn in batches.

A pipeline belongs to one worker thread. Requests of all runs are queued and drawn together as far as
they fit. torch and diffusers are imported here and nowhere else, when the first picture is drawn.
"""

from __future__ import annotations

import asyncio
import inspect
import io
import logging
import queue
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..errors import AnswerError, BackendError, InputError, RefusedError, UnreachableError
from ..settings import Settings
from .generator import Draw, OnStep, Picture
from .presets import Preset, preset_for

EMBEDDED = Path(__file__).parent / "embedded" / "weights"
GATHER_SECONDS = 0.01
"""How long a worker waits for more requests before it draws."""
logger = logging.getLogger("gems.diffusers")


@dataclass
class Job:
    """One draw in the queue."""

    draw: Draw
    on_step: OnStep | None
    future: Future[Picture] = field(default_factory=Future)


class DiffusersGenerator:
    """Draws with a diffusers pipeline; see ``Generator``.

    Args:
        model: a folder or a hub's ``owner/name``.
        pipeline: a loaded pipeline, instead of loading ``model``.
        preset: how to call it, instead of the model's own or published settings.
    """

    def __init__(
        self,
        model: str,
        settings: Settings,
        *,
        name: str | None = None,
        pipeline: Any = None,
        preset: Preset | None = None,
    ) -> None:
        self.name = name or f"diffusers:{model}"
        self._model = model
        self._settings = settings
        self._pipeline = pipeline
        self._preset = preset
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None

    @classmethod
    def open(cls, spec: str, settings: Settings) -> DiffusersGenerator:
        """The generator for ``diffusers:MODEL_OR_PATH`` or ``embedded``. Loads nothing yet.

        Raises:
            RefusedError: a path without a pipeline.
        """
        if spec == "embedded":
            return cls(str(EMBEDDED), settings, name="embedded")
        model = spec.partition(":")[2]
        folder = Path(model).expanduser()
        if folder.is_dir():
            model = str(folder)
        check_model(model)
        return cls(model, settings, name=spec)

    def check(self) -> str:
        """What would be drawn with, for ``gems doctor``; loads no weights."""
        check_model(self._model)
        return f"{self.name} on {pick_device(self._settings)}, torch {version('torch')}"

    async def draw(self, draws: Sequence[Draw], on_step: OnStep | None = None) -> list[Picture]:
        """See ``Generator``."""
        jobs = [Job(draw, on_step) for draw in draws]
        with self._lock:
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name=self.name, daemon=True)
                self._worker.start()
        for job in jobs:
            self._jobs.put(job)
        try:
            return list(await asyncio.gather(*(asyncio.wrap_future(job.future) for job in jobs)))
        finally:
            for job in jobs:
                job.future.cancel()

    def _work(self) -> None:
        """The worker: loads the pipeline at the first job, then draws batch after batch."""
        waiting: list[Job] = []
        while True:
            waiting = self._gather(waiting)
            # The worker's edge: whatever breaks belongs to those who wait for it.
            try:
                batch, waiting = self._compatible(waiting)
                self._draw_batch(batch)
            except Exception as exc:
                for job in batch:
                    if not job.future.done():
                        job.future.set_exception(translate(exc, self.name))

    def _gather(self, waiting: list[Job]) -> list[Job]:
        """``waiting`` and what arrives shortly; blocks while there is nothing."""
        jobs = [job for job in waiting if not job.future.cancelled()]
        if not jobs:
            jobs.append(self._jobs.get())
        deadline = time.monotonic() + GATHER_SECONDS
        while True:
            try:
                jobs.append(self._jobs.get(timeout=max(0.0, deadline - time.monotonic())))
            except queue.Empty:
                return [job for job in jobs if not job.future.cancelled()]

    def _compatible(self, jobs: list[Job]) -> tuple[list[Job], list[Job]]:
        """The next batch, of one size, and the rest."""
        if not jobs:
            return [], []
        limit = (self._preset and self._preset.batch) or self._settings.batch
        size = (jobs[0].draw.width, jobs[0].draw.height)
        fit = [job for job in jobs if (job.draw.width, job.draw.height) == size][:limit]
        return fit, [job for job in jobs if job not in fit]

    def _draw_batch(self, jobs: list[Job]) -> None:
        if not jobs:
            return
        pipeline, preset = self._load()
        draws = [job.draw for job in jobs]
        arguments = call_arguments(pipeline, preset, draws, self._settings)
        arguments["callback_on_step_end"] = step_callback(jobs, arguments["num_inference_steps"])
        enlarge = arguments.pop("enlarge")
        arguments = accepted(pipeline, arguments)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pictures = pipeline(**arguments).images
        for job, picture in zip(jobs, pictures, strict=True):
            if not job.future.done():
                job.future.set_result(Picture(to_png(picture, enlarge), job.draw.seed))

    def _load(self) -> tuple[Any, Preset]:
        if self._pipeline is None:
            self._pipeline = load_pipeline(self._model, self._settings)
        if self._preset is None:
            self._preset = preset_for(self._model, type(self._pipeline).__name__)
        self._pipeline.set_progress_bar_config(disable=True)
        return self._pipeline, self._preset


def check_model(model: str) -> None:
    """Checks a path without loading it; a hub's name is left to the hub.

    Raises:
        RefusedError: there is no such folder, or no pipeline in it.
    """
    folder = Path(model)
    if folder.is_dir():
        if not (folder / "model_index.json").is_file():
            raise RefusedError(
                f"{model} holds no diffusers pipeline: model_index.json is missing; name the folder "
                "that save_pretrained wrote"
            )
        return
    parts = model.split("/")
    if len(parts) != 2 or not all(parts) or model.startswith((".", "~", "/")) or folder.exists():
        raise RefusedError(
            f"there is no model folder {model}: give a folder that save_pretrained wrote, or a hub's "
            "owner/name"
        )


def pick_device(settings: Settings) -> str:
    """The torch device the settings name, or the best there is."""
    import torch

    if settings.device != "auto":
        return settings.device
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def load_pipeline(model: str, settings: Settings) -> Any:
    """Loads the pipeline and puts it where the settings say."""
    import torch
    from diffusers import DiffusionPipeline
    from diffusers.utils import logging as diffusers_logging
    from transformers.utils import logging as transformers_logging

    check_model(model)
    for library in (diffusers_logging, transformers_logging):
        library.set_verbosity_error()
        library.disable_progress_bar()
    device = pick_device(settings)
    automatic = {"cuda": "bfloat16", "mps": "float16"}.get(device.split(":")[0], "float32")
    dtype = getattr(torch, automatic if settings.dtype == "auto" else settings.dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipeline = DiffusionPipeline.from_pretrained(model, torch_dtype=dtype)
    if settings.offload == "none":
        return pipeline.to(device)
    if not device.startswith("cuda"):
        raise RefusedError(f"GEMS_OFFLOAD={settings.offload} needs a CUDA device, not {device}")
    if settings.offload == "model":
        pipeline.enable_model_cpu_offload(device=device)
    else:
        pipeline.enable_sequential_cpu_offload(device=device)
    return pipeline


def scale_of(preset: Preset, draw: Draw) -> int:
    """By how much the picture is enlarged, where a model draws one size only.

    Raises:
        InputError: the size asked for is no multiple of it.
    """
    assert preset.size is not None
    wide, high = preset.size
    width, height = draw.width or draw.height, draw.height or draw.width
    if width is None or height is None:
        return preset.enlarge
    if width % wide or height % high or width // wide != height // high:
        raise InputError(
            f"this model draws {wide} x {high} pixels, enlarged by whole numbers: "
            f"{width} x {height} cannot be had; ask for {wide * preset.enlarge} x {high * preset.enlarge}"
        )
    return width // wide


def call_arguments(
    pipeline: Any, preset: Preset, draws: Sequence[Draw], settings: Settings
) -> dict[str, Any]:
    """The arguments for drawing ``draws`` in one call; ``enlarge`` among them is ours."""
    import numpy as np
    import torch

    steps = settings.generator_steps or preset.steps or default_steps(pipeline)
    guidance = preset.guidance if settings.generator_guidance is None else settings.generator_guidance
    width, height = draws[0].width, draws[0].height
    enlarge = 1
    if preset.enlarge > 1:
        enlarge, width, height = scale_of(preset, draws[0]), None, None
    size = preset.size or (None, None)
    arguments: dict[str, Any] = {
        "prompt": [draw.prompt for draw in draws],
        # On the CPU, so that a seed gives the same noise on every device.
        "generator": [torch.Generator("cpu").manual_seed(draw.seed) for draw in draws],
        "num_inference_steps": steps,
        "width": width or size[0],
        "height": height or size[1],
        "guidance_scale": guidance,
        **preset.call,
        "enlarge": enlarge,
    }
    if "true_cfg_scale" in inspect.signature(pipeline.__call__).parameters:
        arguments["true_cfg_scale"] = arguments.pop("guidance_scale")
    if "negative_prompt" in arguments:
        arguments["negative_prompt"] = [arguments["negative_prompt"]] * len(draws)
    if preset.sigmas is not None and settings.generator_steps is None:
        # An array: some schedulers multiply what they are given.
        arguments["sigmas"] = np.array(preset.sigmas, np.float32)
        arguments["num_inference_steps"] = len(preset.sigmas)
    return arguments


def default_steps(pipeline: Any) -> int:
    """The steps a pipeline takes by itself."""
    parameter = inspect.signature(pipeline.__call__).parameters.get("num_inference_steps")
    return int(parameter.default) if parameter else 50


def accepted(pipeline: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    """``arguments`` without those that are None or that this pipeline does not take."""
    known = inspect.signature(pipeline.__call__).parameters
    return {k: v for k, v in arguments.items() if v is not None and k in known}


def step_callback(jobs: Sequence[Job], total: int) -> Callable[..., dict[str, Any]]:
    """Tells every job its progress, and interrupts the pipeline once nobody waits any more."""

    def on_step_end(pipe: Any, step: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        for tell in {id(job.on_step): job.on_step for job in jobs if job.on_step}.values():
            try:
                tell(step + 1, total)
            except Exception:
                # A watcher's own error must not spoil the pictures of the others.
                logger.exception("a progress callback failed")
        if all(job.future.cancelled() for job in jobs):
            pipe._interrupt = True
        return tensors

    return on_step_end


def to_png(picture: Any, enlarge: int) -> bytes:
    """A PIL picture as PNG, enlarged for human eyes."""
    from PIL import Image

    if enlarge > 1:
        size = (picture.width * enlarge, picture.height * enlarge)
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()


def translate(exc: Exception, name: str) -> Exception:
    """Our error for what torch, diffusers or the hub raised."""
    reason = " ".join(str(exc).split())[:300] or type(exc).__name__
    if isinstance(exc, (BackendError, InputError)):
        return exc
    if "out of memory" in reason.casefold() or isinstance(exc, MemoryError):
        error: BackendError = RefusedError(
            f"{name}: out of memory; try GEMS_OFFLOAD=model, GEMS_BATCH=1 or a smaller size"
        )
    elif isinstance(exc, (ConnectionError, TimeoutError)) or "couldn't connect" in reason.casefold():
        error = UnreachableError(
            f"{name}: the model could not be fetched from its hub ({reason}); check the network, or "
            "give a local folder"
        )
    elif isinstance(exc, (OSError, ValueError, KeyError)):
        error = RefusedError(f"{name}: the model cannot be loaded or called: {reason}")
    else:
        error = AnswerError(f"{name}: drawing failed: {type(exc).__name__}: {reason}")
    error.__cause__ = exc
    return error
