"""Opens models by their specs: ``openai:MODEL``, ``diffusers:PATH``, ``embedded`` and so on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from ..errors import InputError
from ..settings import Settings
from .chat.mllm import MLLM
from .judges.judge import Judge
from .pictures.generator import Generator

MLLM_SPECS = "openai:MODEL, langchain:PROVIDER:MODEL or embedded"
GENERATOR_SPECS = "diffusers:MODEL_OR_PATH, openai:MODEL, gems-http:URL or embedded"

BackendT = TypeVar("BackendT")


def open_mllm(spec: str, settings: Settings) -> MLLM:
    """The MLLM that ``spec`` names. Loads what it needs, sends nothing.

    Raises:
        InputError: no such kind of model.
    """
    kind, _, rest = spec.partition(":")
    if spec == "embedded":
        from .embedded.mllm import EmbeddedMLLM

        return EmbeddedMLLM()
    if kind in {"openai", "langchain"} and rest:
        from .chat.langchain import LangChainMLLM

        return LangChainMLLM.open(spec, settings)
    raise InputError(f"no MLLM is called {spec!r}: use {MLLM_SPECS}")


def open_generator(spec: str, settings: Settings) -> Generator:
    """The generator that ``spec`` names; a diffusers model loads on its first picture.

    Raises:
        InputError: no such kind of generator.
    """
    kind, _, rest = spec.partition(":")
    if spec == "embedded" or (kind == "diffusers" and rest):
        from .pictures.diffusers.adapter import DiffusersGenerator

        return DiffusersGenerator.open(spec, settings)
    if kind == "openai" and rest:
        from .pictures.openai import OpenAIImages

        return OpenAIImages.open(spec, settings)
    if kind == "gems-http" and rest:
        from .pictures.gems_http import GemsHttp

        return GemsHttp.open(spec, settings)
    raise InputError(f"no generator is called {spec!r}: use {GENERATOR_SPECS}")


class Backends:
    """Opens each model once a process and hands the same one to every run that names it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._mllms: dict[str, MLLM] = {}
        self._generators: dict[str, Generator] = {}

    def mllm(self, spec: str) -> MLLM:
        """The MLLM for ``spec``; see ``open_mllm``."""
        return self._once(self._mllms, spec, open_mllm)

    def generator(self, spec: str) -> Generator:
        """The generator for ``spec``; see ``open_generator``."""
        return self._once(self._generators, spec, open_generator)

    def judge(self, spec: str) -> Judge:
        """The judge for ``spec``."""
        raise InputError(f"no judge is called {spec!r}: use mllm or mllm:SPEC")

    async def aclose(self) -> None:
        """Closes what was opened."""

    def _once(
        self,
        opened: dict[str, BackendT],
        spec: str,
        opener: Callable[[str, Settings], BackendT],
    ) -> BackendT:
        with self._lock:
            if spec not in opened:
                opened[spec] = opener(spec, self._settings)
            return opened[spec]
