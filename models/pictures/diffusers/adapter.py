"""The diffusers adapter: any text-to-image pipeline, from a folder or a hub, drawn in batches.

torch and diffusers are imported in this folder only, inside functions: the first picture loads them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ....errors import GemsError
from ....settings import Settings, load_settings
from ...capabilities import Health
from ...missing import LOCAL_PICTURES, require
from ..card import Card
from ..generator import Draw, OnStep, Picture, check_able
from ..presets import Preset, preset_for
from .call import check_call, draw_batch
from .card import batch_limit, card_of
from .errors import draw_error, load_error
from .load import (
    ask_hub,
    cached_index,
    check_model,
    empty_cache,
    limit_threads_after_fork,
    load_pipeline,
    pick_device,
    pick_dtype,
)
from .worker import AbandonedError, Request, Worker

CLOSE_SECONDS = 10.0
"""How long closing waits for the step that is being computed."""


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
        self._card: Card | None = None
        self._worker = Worker(self.name, self._load, self._draw)

    @classmethod
    def open(cls, spec: str, settings: Settings) -> DiffusersGenerator:
        """The generator for ``diffusers:MODEL_OR_PATH``. Loads nothing yet.

        Raises:
            InputError: torch, diffusers or transformers are not installed.
            RefusedError: a path without a pipeline, or with settings that cannot be used.
        """
        require(spec, LOCAL_PICTURES)
        model = spec.partition(":")[2]
        # A user that does not exist has no home; the path is then told as it is.
        with suppress(RuntimeError):
            model = str(Path(model).expanduser()) if model.startswith("~") else model
        check_model(model)
        return cls(model, settings, name=spec)

    async def check(self) -> Health:
        """See ``Checkable``. Loads no weights, but torch, which takes its time."""
        return await asyncio.to_thread(self._check)

    def _check(self) -> Health:
        if self._pipeline is not None:
            device, dtype = self._pipeline.device, self._pipeline.dtype
        else:
            check_model(self._model)
            device = pick_device(self._settings)
            dtype = pick_dtype(self._settings, device)
        how = f"on {device} in {dtype}, torch {version('torch')}"
        if self._pipeline is not None or Path(self._model).is_dir():
            return Health(f"{self.name} {how}")
        return self._check_hub(how)

    def _check_hub(self, how: str) -> Health:
        if cached_index(self._model) is not None:
            return Health(f"{self.name} from the hub's cache {how}")
        try:
            ask_hub(self._model)
        # Whatever its client raises is told as when the model is loaded.
        except Exception as exc:
            raise load_error(exc, self.name, self._model) from exc
        return Health(f"{self.name} {how}; the first picture downloads it from the hub", note=True)

    @property
    def card(self) -> Card:
        """See ``Generator``. Of a hub's model it says more once that is loaded."""
        if self._card is None:
            pipeline = self._ready[0] if self._ready else self._pipeline
            self._card = card_of(self.name, self._model, pipeline, self._preset, self._settings)
        return self._card

    async def draw(self, draws: Sequence[Draw], on_step: OnStep | None = None) -> list[Picture]:
        """See ``Generator``. ``on_step`` is called from the worker's thread."""
        check_able(self.card, draws)
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

    async def aclose(self) -> None:
        """See ``Closeable``; it cannot be used again."""
        await asyncio.to_thread(self.close)

    def _load(self) -> int:
        """Loads what is not loaded yet; returns how many pictures may be drawn at once."""
        limit_threads_after_fork()
        if self._ready is None:
            try:
                self._ready = self._make_ready()
                self._card = None
            except GemsError:
                raise
            except Exception as exc:
                raise load_error(exc, self.name, self._model) from exc
        return batch_limit(self._ready[1], self._settings)

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
