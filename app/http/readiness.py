"""Whether a server's models and stores answer, and who does not and why."""

from __future__ import annotations

import asyncio
import time

from ...errors import GemsError
from ...settings import Settings
from ..doctor import (
    Check,
    Finding,
    check_experiences,
    check_generator,
    check_home,
    check_mllm,
    check_objects,
    findings_of,
)

CHECKS: tuple[Check, ...] = (
    check_home,
    check_mllm,
    check_generator,
    check_experiences,
    check_objects,
)
KEPT_SECONDS = 10.0
"""How long an answer is given again: whoever watches a server asks often."""


class Readiness:
    """Asks every backend, at most once in ``KEPT_SECONDS``."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._asked = float("-inf")
        self._found: list[Finding] = []
        self._lock = asyncio.Lock()

    async def findings(self) -> list[Finding]:
        """What ``gems doctor`` says of them."""
        async with self._lock:
            if time.monotonic() - self._asked > KEPT_SECONDS:
                self._found = await asyncio.to_thread(self._ask)
                self._asked = time.monotonic()
            return self._found

    def _ask(self) -> list[Finding]:
        try:
            return findings_of(self._settings, CHECKS)
        except GemsError as exc:
            return [Finding("settings", "fail", str(exc))]
