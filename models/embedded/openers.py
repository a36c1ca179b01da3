"""Opens the embedded world's models; says what is missing where a plain install was made without."""

from __future__ import annotations

from pathlib import Path

from ...settings import Settings
from ..capabilities import Health
from ..missing import LOCAL_EYE, LOCAL_PICTURES, require
from ..pictures.diffusers.adapter import DiffusersGenerator
from .judge import EmbeddedJudge
from .mllm import EmbeddedMLLM

WEIGHTS = Path(__file__).parent / "weights"
"""The embedded generator: a folder as ``save_pretrained`` writes it."""


class EmbeddedGenerator(DiffusersGenerator):
    """The packaged pipeline, a folder like any other; see ``Generator``."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(str(WEIGHTS), settings, name="embedded")

    async def check(self) -> Health:
        """See ``Checkable``. A note: it draws nothing but its own small world."""
        return (await super().check())._replace(note=True)


def open_mllm(spec: str, settings: Settings) -> EmbeddedMLLM:
    """The MLLM ``embedded``.

    Raises:
        InputError: what it looks at pictures with is not installed.
    """
    require(spec, LOCAL_EYE)
    return EmbeddedMLLM()


def open_generator(spec: str, settings: Settings) -> EmbeddedGenerator:
    """The generator ``embedded``. Loads nothing yet.

    Raises:
        InputError: torch, diffusers or transformers are not installed.
    """
    require(spec, LOCAL_PICTURES)
    return EmbeddedGenerator(settings)


def open_judge(spec: str, settings: Settings) -> EmbeddedJudge:
    """The judge ``embedded``.

    Raises:
        InputError: what it looks at pictures with is not installed.
    """
    require(spec, LOCAL_EYE)
    return EmbeddedJudge()
