"""Caps on what a whole benchmark may spend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import CapError
from .records import Record


@dataclass(frozen=True)
class Caps:
    """Upper limits over all arms; None: none. What is under way is finished, so a block of prompts can
    go beyond one."""

    images: int | None = None
    mllm_calls: int | None = None

    def check(self, records: Sequence[Record]) -> None:
        """Looks at what finished runs have spent.

        Raises:
            CapError: that reaches a cap.
        """
        for name, most in (("images", self.images), ("mllm_calls", self.mllm_calls)):
            spent = sum(getattr(record, name) for record in records)
            if most is not None and spent >= most:
                option = name.replace("_", "-")
                raise CapError(
                    f"stopped at {spent} {name.replace('_', ' ')}: the cap is {most}; what is finished "
                    f"is kept, and the same command with a higher --max-{option} goes on"
                )


NO_CAPS = Caps()
