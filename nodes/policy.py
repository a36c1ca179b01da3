"""What clients of a server may ask for: models that the operator named, and runs of a bounded size."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from ..errors import InputError
from ..settings import Settings
from .context import RunContext

SIDES = ("width", "height")
"""Options that are the generator's affair where nobody gives them."""


class Policy:
    """What a run's context may hold. Without ``limits`` and ``allowed``, as in the library: anything.

    Args:
        allowed: specs of models and judges, ``*`` for any characters; None: any.
        limits: the most of an option; what a client does not give is bounded by it, what it gives
            beyond is refused.
    """

    def __init__(
        self, allowed: Sequence[str] | None = None, limits: dict[str, float] | None = None
    ) -> None:
        self._allowed = allowed
        self._limits = limits or {}

    def check_model(self, spec: str) -> None:
        """Checks that a client may name a model or judge.

        Raises:
            InputError: the operator did not name it; nothing was opened or sent.
        """
        if self._allowed is not None and not any(fnmatchcase(spec, rule) for rule in self._allowed):
            raise InputError(
                f"this server does not open {spec[:100]!r}: leave it out, or ask its operator to name "
                "it in GEMS_ALLOW"
            )

    def bound(self, context: RunContext) -> RunContext:
        """``context`` within the limits.

        Raises:
            InputError: it asks for more, or for a model that the operator did not name.
        """
        for spec in (context.mllm, context.generator, *(context.verifiers or "").split(",")):
            if spec and spec.strip():
                self.check_model(spec.strip())
        bounds: dict[str, Any] = {}
        for name, most in self._limits.items():
            value = getattr(context, name)
            if value is not None and value > most and name in context.model_fields_set:
                raise InputError(f"{name} = {value:g}: this server allows at most {most:g}")
            if (value is None or value > most) and name not in SIDES:
                bounds[name] = most
        return context.model_copy(update=bounds) if bounds else context


def policy_of(settings: Settings) -> Policy:
    """A server's: the models that the settings use, those in ``GEMS_ALLOW``, and the limits."""
    named = [settings.mllm, settings.generator, *settings.verifiers.split(","), "mllm"]
    allowed = [spec.strip() for spec in (*named, *settings.allow.split(",")) if spec.strip()]
    limits: dict[str, float] = {
        "rounds": settings.limit_rounds,
        "candidates": settings.limit_candidates,
        "width": settings.limit_side,
        "height": settings.limit_side,
        "max_seconds": settings.limit_seconds,
    }
    if settings.limit_cost is not None:
        limits["max_cost"] = settings.limit_cost
    return Policy(allowed, limits)
