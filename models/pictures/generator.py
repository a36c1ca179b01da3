"""What every picture generator looks like to the rest of GEMS."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

OnStep = Callable[[int, int], None]
"""Called with (steps done, steps in all), possibly from another thread."""


@dataclass(frozen=True)
class Draw:
    """One picture to draw. ``width`` and ``height`` in pixels; None: the generator's own size."""

    prompt: str
    seed: int
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True)
class Picture:
    """A drawn picture: a complete encoded file (PNG, JPEG or WebP) and the seed that made it."""

    data: bytes
    seed: int


class Generator(Protocol):
    """Draws pictures from prompts."""

    name: str
    """The spec that opens this generator, for records."""

    async def draw(self, draws: Sequence[Draw], on_step: OnStep | None = None) -> list[Picture]:
        """Draws every one of ``draws``, in order. All or nothing.

        May be called from any event loop and many times at once. The same draw gives the same
        picture, alone or among others, where the backend takes a seed. Cancelling the call stops
        the drawing at the next step where the backend can be stopped.

        Raises:
            UnreachableError, RefusedError, AnswerError: see ``errors``.
            InputError: a size this generator cannot draw.
        """
        ...
