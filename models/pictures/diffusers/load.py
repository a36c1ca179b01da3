"""Loads a pipeline from a folder or a hub onto a device; checks what can be checked before."""

from __future__ import annotations

import os
import re
import sys
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ....errors import RefusedError
from ....settings import Settings
from ..presets import own_preset
from .folder import INDEX, check_folder, pick_variant

HUBS = re.compile(r"\w[\w.-]*/\w[\w.-]*")
HUB_SECONDS = 5.0
NO_FILE = "no file named"
"""By these words diffusers and transformers tell that a folder lacks the weights asked for."""
AUTOMATIC_DTYPE = {"cuda": "bfloat16", "mps": "float16"}
"""Elsewhere float32: many processors emulate the others, slowly."""


def check_model(model: str) -> None:
    """Checks a path and what lies there without loading it; a hub's name is left to the hub.

    Raises:
        RefusedError: there is no such folder, no whole pipeline in it, or its settings are off.
    """
    folder = Path(model)
    try:
        if folder.is_dir():
            check_pipeline(folder)
        elif not could_be_hubs(model) or is_typo(folder):
            raise RefusedError(no_folder(folder))
    except OSError as exc:
        raise RefusedError(f"{model} cannot be read: {exc.strerror or exc}") from exc


def check_pipeline(folder: Path) -> None:
    """Checks a folder that is there."""
    if not (folder / INDEX).is_file():
        inside = (folder.parent / INDEX).is_file()
        instead = f"name {folder.parent}" if inside else "name the folder that save_pretrained wrote"
        raise RefusedError(f"{folder} holds no diffusers pipeline: {INDEX} is missing; {instead}")
    own_preset(folder)
    check_folder(folder)


def could_be_hubs(model: str) -> bool:
    """Whether ``model`` has the form of a hub's ``owner/name``."""
    return bool(HUBS.fullmatch(model)) and not Path(model).exists()


def is_typo(folder: Path) -> bool:
    """Whether what could be a hub's name is a path gone wrong: models lie beside where it leads, and
    the hub's cache has none of that name."""
    return bool(neighbours(folder)) and cached_index(str(folder)) is None


def neighbours(folder: Path) -> list[str]:
    """The names of the model folders beside ``folder``."""
    if not folder.parent.is_dir():
        return []
    return sorted(path.parent.name for path in folder.parent.glob(f"*/{INDEX}"))


def no_folder(folder: Path) -> str:
    """What to say of a path where no folder is."""
    if folder.exists():
        return (
            f"there is no model folder {folder}: it is a file, and only folders that save_pretrained "
            "wrote can be opened; convert it with diffusers' from_single_file"
        )
    near = get_close_matches(folder.name, neighbours(folder), 1)
    if near:
        return f"there is no model folder {folder}: did you mean {folder.parent / near[0]}?"
    return (
        f"there is no model folder {folder}: give a folder that save_pretrained wrote, or a hub's "
        "owner/name"
    )


def cached_index(model: str) -> Path | None:
    """The ``model_index.json`` of a hub's model in the hub's cache on this machine."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(model, INDEX)
    return Path(found) if isinstance(found, str) else None


def ask_hub(model: str) -> None:
    """Asks the hub whether it has ``model``; lets pass what its client raises."""
    from huggingface_hub import model_info

    model_info(model, timeout=HUB_SECONDS)


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
    pipeline = read_pipeline(DiffusionPipeline, model, dtype)
    if settings.offload == "model":
        pipeline.enable_model_cpu_offload(device=device)
    elif settings.offload == "sequential":
        pipeline.enable_sequential_cpu_offload(device=device)
    else:
        pipeline.to(device)
    return pipeline


def read_pipeline(kind: Any, model: str, dtype: Any) -> Any:
    """The pipeline with its plain weights, or with a variant's where there are no others."""
    if Path(model).is_dir():
        return kind.from_pretrained(model, dtype=dtype, variant=pick_variant(Path(model)))
    try:
        return kind.from_pretrained(model, dtype=dtype)
    except OSError as exc:
        index = cached_index(model)
        variant = pick_variant(index.parent) if index and NO_FILE in str(exc) else None
        # What the hub has is not known before: without plain weights it sent none at all.
        if NO_FILE not in str(exc):
            raise
        try:
            return kind.from_pretrained(model, dtype=dtype, variant=variant or "fp16")
        except (OSError, ValueError):
            # Nobody asked for a variant: what is missing is the weights.
            raise exc from None


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
