"""The models of a benchmark that has caps."""

from __future__ import annotations

from ..models.chat.mllm import MLLM
from ..models.judges.judge import Judge
from ..models.pictures.generator import Generator
from ..models.prices import NO_PRICES, Prices
from ..models.registry import Backends
from ..nodes.priced import priced_generator, priced_judge, priced_mllm
from ..settings import Settings
from .capped_judge import capped_judge
from .caps import REPAIRS, CappedGenerator, CappedMLLM, Purse
from .money import MoneyPurse


class CappedBackends(Backends):
    """Opens models that are paid from purses.

    Args:
        settings: as for ``Backends``.
        purse: of pictures and requests.
        money: of money; None: that has no cap.
        prices: what is paid from it.
    """

    def __init__(
        self,
        settings: Settings,
        purse: Purse,
        money: MoneyPurse | None = None,
        prices: Prices = NO_PRICES,
    ) -> None:
        super().__init__(settings)
        self._purse = purse
        self._money = money
        self._prices = prices if money else NO_PRICES
        self._requests = 1 + settings.mllm_retries + REPAIRS

    def mllm(self, spec: str) -> MLLM:
        """See ``Backends``."""
        capped = CappedMLLM(super().mllm(spec), self._purse, self._requests)
        return priced_mllm(capped, self._prices, self._money)

    def generator(self, spec: str) -> Generator:
        """See ``Backends``."""
        capped = CappedGenerator(super().generator(spec), self._purse)
        return priced_generator(capped, self._prices, self._money)

    def judge(self, spec: str) -> Judge:
        """See ``Backends``."""
        capped = capped_judge(super().judge(spec), self._purse, self._requests)
        return priced_judge(capped, self._prices, self._money)
