"""The models of a benchmark that has caps."""

from __future__ import annotations

from ..models.chat.mllm import MLLM
from ..models.judges.judge import Judge
from ..models.pictures.generator import Generator
from ..models.registry import Backends
from ..settings import Settings
from .capped_judge import capped_judge
from .caps import REPAIRS, CappedGenerator, CappedMLLM, Purse


class CappedBackends(Backends):
    """Opens models that are paid from a purse."""

    def __init__(self, settings: Settings, purse: Purse) -> None:
        super().__init__(settings)
        self._purse = purse
        self._requests = 1 + settings.mllm_retries + REPAIRS

    def mllm(self, spec: str) -> MLLM:
        """See ``Backends``."""
        return CappedMLLM(super().mllm(spec), self._purse, self._requests)

    def generator(self, spec: str) -> Generator:
        """See ``Backends``."""
        return CappedGenerator(super().generator(spec), self._purse)

    def judge(self, spec: str) -> Judge:
        """See ``Backends``."""
        return capped_judge(super().judge(spec), self._purse, self._requests)
