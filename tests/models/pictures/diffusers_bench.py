"""What the tests of the diffusers adapter share: how pictures are drawn, compared and recorded."""

from __future__ import annotations

import asyncio
import functools
import io
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diffusers import ZImagePipeline
from gems.errors import GemsError
from gems.models.pictures.generator import Picture
from gems.models.pictures.presets import Preset
from PIL import Image

FAMILIES = ["z-image", "qwen-image", "stable-diffusion", "enlarged"]
SMALL = Preset(size=(16, 16), steps=3, guidance=2.0, call={"max_sequence_length": 64})
SHORT = "a cat"
LONG = "a considerably longer prompt, about a cat and a red hat"


def run(work: Coroutine[Any, Any, list[Picture]]) -> list[np.ndarray[Any, Any]]:
    """What ``draw`` returns, as arrays of int."""
    return [pixels(picture) for picture in asyncio.run(work)]


def pixels(picture: Picture) -> np.ndarray[Any, Any]:
    with Image.open(io.BytesIO(picture.data)) as image:
        assert image.format == "PNG"
        return np.asarray(image).astype(int)


def difference(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> int:
    return int(np.abs(one - other).max())


def one_line(error: GemsError) -> str:
    said = str(error)
    assert "\n" not in said
    return said


def with_settings(folder: Path, text: str) -> Path:
    (folder / "model_index.json").write_text("{}")
    (folder / "gems.json").write_text(text)
    return folder


def record_calls(monkeypatch: pytest.MonkeyPatch, kind: Any) -> list[dict[str, Any]]:
    """The arguments of every call of a pipeline class from now on."""
    calls: list[dict[str, Any]] = []
    real = kind.__call__

    @functools.wraps(real)
    def call(self: Any, **arguments: Any) -> Any:
        # The pipeline writes its templates into the list of prompts.
        calls.append({**arguments, "prompt": list(arguments["prompt"])})
        return real(self, **arguments)

    monkeypatch.setattr(kind, "__call__", call)
    return calls


def record_batches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pictures each call of a Z-Image pipeline draws."""
    batches: list[int] = []
    real = ZImagePipeline.__call__

    @functools.wraps(real)
    def call(self: Any, **arguments: Any) -> Any:
        batches.append(len(arguments["prompt"]))
        return real(self, **arguments)

    monkeypatch.setattr(ZImagePipeline, "__call__", call)
    return batches


def wait_until(true: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(1000):
        if true():
            return
        pause.wait(0.01)
    raise AssertionError("it did not come true")
