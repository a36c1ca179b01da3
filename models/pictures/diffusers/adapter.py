"""The diffusers adapter: any text-to-image pipeline, from a folder or a hub, drawn in batches.

torch and diffusers are imported in this file and in ``diffusers_call``, inside functions only: the
first picture loads them. The embedded model is a folder like any other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ....errors import GemsError, RefusedError
from ....settings import Settings, load_settings
from ...needs import require
from ..card import Card
from ..generator import Draw, OnStep, Picture
from ..presets import Preset, own_preset, preset_for
from .call import check_call, draw_batch
from .errors import draw_error, load_error
from .worker import AbandonedError, Request, Worker

EMBEDDED = Path(__file__).parents[2] / "embedded" / "weights"
AUTOMATIC_DTYPE = {"cuda": "bfloat16", "mps": "float16"}
CLOSE_SECONDS = 10.0
PACKAGES = {name: name for name in ("torch", "diffusers", "transformers", "safetensors")}


class DiffusersGenerator:
    """Draws with a diffusers pipeline; see ``Generator``.

    Args:
        model: a folder or a hub's ``owner/name``; may be left out where ``pipeline`` is given.
        settings: device, dtype, steps and so on; None: the process' own.
        name: the spec, for records.
        pipeline: a loaded pipeline on its device, instead of loading ``model``. It must not be used
            elsewhere meanwhile.
        preset: how to call it, instead of the model's own or published settings.
    """

    def __init__(
        self,
        model: str = "",
        settings: Settings | None = None,
        *,
        name: str | None = None,
        pipeline: Any = None,
        preset: Preset | None = None,
    ) -> None:
        self.name = name or f"diffusers:{model or type(pipeline).__name__}"
        self._model = model
        self._settings = settings or load_settings()
        self._pipeline = pipeline
        self._preset = preset
        self._ready: tuple[Any, Preset] | None = None
        self._worker = Worker(self.name, self._load, self._draw)

    @classmethod
    def open(cls, spec: str, settings: Settings) -> DiffusersGenerator:
        """The generator for ``diffusers:MODEL_OR_PATH`` or ``embedded``. Loads nothing yet.

        Raises:
            RefusedError: a path without a pipeline, or with settings that cannot be used; a package
                that every pipeline needs is not installed.
        """
        require(spec, **PACKAGES)
        if spec == "embedded":
            return cls(str(EMBEDDED), settings, name="embedded")
        model = spec.partition(":")[2]
        folder = Path(model).expanduser()
        if folder.is_dir():
            model = str(folder)
        check_model(model)
        return cls(model, settings, name=spec)

    def check(self) -> str:
        """What would be drawn with, for ``gems doctor``; loads no weights.

        Raises:
            RefusedError: it could not be loaded.
        """
        if self._pipeline is not None:
            device, dtype = self._pipeline.device, self._pipeline.dtype
        else:
            check_model(self._model)
            device = pick_device(self._settings)
            dtype = pick_dtype(self._settings, device)
        hub = self._pipeline is None and not Path(self._model).is_dir()
        source = " from the hub or its cache" if hub else ""
        return f"{self.name}{source} on {device} in {dtype}, torch {version('torch')}"

    @property
    def card(self) -> Card:
        """See ``Generator``."""
        return Card(name=self.name)

    async def draw(self, draws: Sequence[Draw], on_step: OnStep | None = None) -> list[Picture]:
        """See ``Generator``. ``on_step`` is called from the worker's thread."""
        request = Request(draws, on_step)
        self._worker.submit(request)
        try:
            waits = [asyncio.wrap_future(job.future) for job in request.jobs]
            return list(await asyncio.gather(*waits))
        finally:
            for job in request.jobs:
                job.future.cancel()

    def close(self) -> None:
        """Stops drawing at the next step, cancels what waits and lets go of the pipeline."""
        self._worker.stop(CLOSE_SECONDS)
        self._pipeline = self._ready = None

    def _load(self) -> int:
        """Loads what is not loaded yet; returns how many pictures may be drawn at once."""
        if self._ready is None:
            try:
                self._ready = self._make_ready()
            except GemsError:
                raise
            except Exception as exc:
                raise load_error(exc, self.name, self._model) from exc
        own = self._ready[1].batch
        # A model knows what fits it; who sets GEMS_BATCH knows the machine.
        chosen = "batch" in self._settings.model_fields_set
        return self._settings.batch if chosen or own is None else own

    def _make_ready(self) -> tuple[Any, Preset]:
        pipeline = self._pipeline
        if pipeline is None:
            pipeline = load_pipeline(self._model, self._settings)
        preset = self._preset or preset_for(self._model, type(pipeline).__name__)
        check_call(pipeline, preset)
        pipeline.set_progress_bar_config(disable=True)
        return pipeline, preset

    def _draw(self, draws: Sequence[Draw], on_step: OnStep) -> list[Picture | Exception]:
        assert self._ready is not None
        pipeline, preset = self._ready
        try:
            return draw_batch(pipeline, preset, self._settings, draws, on_step)
        except (AbandonedError, GemsError):
            pipeline.maybe_free_model_hooks()
            raise
        except Exception as exc:
            error = draw_error(exc, self.name)
            pipeline.maybe_free_model_hooks()
            empty_cache()
            raise error from exc


def check_model(model: str) -> None:
    """Checks a path and the settings in it without loading it; a hub's name is left to the hub.

    Raises:
        RefusedError: there is no such folder, no pipeline in it, or its settings are off.
    """
    folder = Path(model)
    if folder.is_dir():
        if not (folder / "model_index.json").is_file():
            raise RefusedError(
                f"{model} holds no diffusers pipeline: model_index.json is missing; name the folder "
                "that save_pretrained wrote"
            )
        own_preset(folder)
        return
    parts = model.split("/")
    if len(parts) != 2 or not all(parts) or model.startswith((".", "~", "/")) or folder.exists():
        raise RefusedError(
            f"there is no model folder {model}: give a folder that save_pretrained wrote, or a hub's "
            "owner/name"
        )


def pick_device(settings: Settings) -> str:
    """The torch device the settings name, or the best there is.

    Raises:
        RefusedError: this torch has no such device.
    """
    import torch

    here = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if settings.device == "auto":
        return next(kind for kind, present in here.items() if present)
    kind, _, index = settings.device.partition(":")
    if not here.get(kind) or (index and not index.isdecimal()):
        have = ", ".join(kind for kind, present in here.items() if present)
        raise RefusedError(
            f"GEMS_DEVICE={settings.device}: torch {torch.__version__} has {have} here; choose one of "
            "them or auto"
        )
    return settings.device


def pick_dtype(settings: Settings, device: str) -> str:
    """The name of the torch dtype to load weights in."""
    if settings.dtype != "auto":
        return settings.dtype
    return AUTOMATIC_DTYPE.get(device.partition(":")[0], "float32")


def load_pipeline(model: str, settings: Settings) -> Any:
    """Loads the pipeline and puts it where the settings say.

    Raises:
        RefusedError: the device is not there or cannot do what is asked.
    """
    import torch
    from diffusers import DiffusionPipeline

    check_model(model)
    device = pick_device(settings)
    if settings.offload != "none" and not device.startswith("cuda"):
        raise RefusedError(
            f"GEMS_OFFLOAD={settings.offload} needs a CUDA device and this is {device}; set it to none"
        )
    hush()
    dtype = getattr(torch, pick_dtype(settings, device))
    pipeline = DiffusionPipeline.from_pretrained(model, dtype=dtype)
    if settings.offload == "model":
        pipeline.enable_model_cpu_offload(device=device)
    elif settings.offload == "sequential":
        pipeline.enable_sequential_cpu_offload(device=device)
    else:
        pipeline.to(device)
    return pipeline


def hush() -> None:
    """Keeps the libraries' bars and chatter off the terminal; their errors are raised anyway."""
    from diffusers.utils import logging as diffusers_logging
    from transformers.utils import logging as transformers_logging

    for library in (diffusers_logging, transformers_logging):
        library.set_verbosity(library.CRITICAL)
        library.disable_progress_bar()


def empty_cache() -> None:
    """Gives back what a failed call left in the device's cache."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()
