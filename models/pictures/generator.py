"""What every picture generator looks like to the rest of GEMS."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ...errors import InputError
from .card import Ability, Card

OnStep = Callable[[int, int], None]
"""Called with (steps done, steps in all), possibly from another thread."""


@dataclass(frozen=True)
class Draw:
    """One picture to draw. ``width`` and ``height`` in pixels; None: the generator's own size."""

    prompt: str
    seed: int
    width: int | None = None
    height: int | None = None
    negative_prompt: str | None = None
    """What should not be in the picture."""
    source: Path | None = None
    """A picture to start from and change."""
    mask: Path | None = None
    """A picture of the source's size, white where it may change and black where it must not."""
    references: tuple[Path, ...] = ()
    """Pictures of things that should look the same in the new one."""

    @property
    def needs(self) -> frozenset[Ability]:
        """The abilities a generator must have for it."""
        wanted: list[tuple[Ability, object]] = [
            ("edit", self.source),
            ("mask", self.mask),
            ("references", self.references),
            ("negative_prompt", self.negative_prompt),
        ]
        return frozenset(ability for ability, value in wanted if value)


@dataclass(frozen=True)
class Picture:
    """A drawn picture: a complete encoded file (PNG, JPEG or WebP) and the seed that made it."""

    data: bytes
    seed: int
    notes: tuple[str, ...] = ()
    """What its draw asked for and it does not have, a line each for the user: the end of a prompt that
    was not read, another size."""


class Generator(Protocol):
    """Draws pictures from prompts and, where its card says so, from other pictures."""

    @property
    def name(self) -> str:
        """The spec that opens this generator, for records."""
        ...

    @property
    def card(self) -> Card:
        """What it can do. May read small files on first use; loads no weights, sends nothing."""
        ...

    async def draw(self, draws: Sequence[Draw], on_step: OnStep | None = None) -> list[Picture]:
        """Draws every one of ``draws``, in order. All or nothing.

        May be called from any event loop and many times at once. The same draw gives the same
        picture, alone or among others, where the backend takes a seed. Cancelling the call stops
        the drawing at the next step where the backend can be stopped.

        Raises:
            UnreachableError, RefusedError, AnswerError: see ``errors``.
            InputError: a size this generator cannot draw, or a draw that needs what it cannot do.
        """
        ...


def check_able(card: Card, draws: Sequence[Draw]) -> None:
    """Checks that a generator can do what ``draws`` ask for.

    Raises:
        InputError: it cannot; nothing was drawn.
    """
    lacking = frozenset[Ability]().union(*(draw.needs for draw in draws)) - card.abilities
    if lacking:
        raise InputError(
            f"{card.name} cannot do what this draw asks for ({', '.join(sorted(lacking))}): choose "
            "another generator"
        )
