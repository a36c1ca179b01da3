"""Loads a pipeline from a folder or a hub onto a device; checks what can be checked before."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from ....errors import RefusedError
from ....settings import Settings
from ..presets import own_preset

AUTOMATIC_DTYPE = {"cuda": "bfloat16", "mps": "float16"}
"""Elsewhere float32: many processors emulate the others, slowly."""


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


_forked_with_torch = False


def note_fork() -> None:
    """In the child of a fork: remembers whether torch was there before."""
    global _forked_with_torch
    _forked_with_torch = _forked_with_torch or "torch" in sys.modules


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=note_fork)


def limit_threads_after_fork() -> None:
    """Keeps torch to one thread in a process that was forked after torch was imported: the fork may
    have come while the parent's OpenMP was starting threads, whose lock the child then waits for."""
    if _forked_with_torch:
        import torch

        torch.set_num_threads(1)
