"""What a model may be able to do besides its work: be checked, be closed. Asked for with isinstance."""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable


class Health(NamedTuple):
    """What a check found, in one line for a person."""

    says: str
    note: bool = False
    """Whether it works and there is still something to know about it."""


@runtime_checkable
class Checkable(Protocol):
    """A model that can say whether it would work."""

    async def check(self) -> Health:
        """Looks at what the model needs (a server, a folder, a device) without using the model.

        May be called from any event loop.

        Raises:
            GemsError: it would not work; the message says what to do.
        """
        ...


@runtime_checkable
class Closeable(Protocol):
    """A model that holds connections, threads or memory."""

    async def aclose(self) -> None:
        """Lets go of all it holds; what is under way fails. More than once does no harm.

        May be called from any event loop. A model of a server may be used again afterwards.
        """
        ...


@runtime_checkable
class Steady(Protocol):
    """A model that may give the same answer to the same question every time."""

    @property
    def steady(self) -> bool:
        """Whether it does: asking it again tells nothing."""
        ...


@runtime_checkable
class Apart(Protocol):
    """A generator that may send a request a picture."""

    @property
    def apart(self) -> bool:
        """Whether it does: nothing is gained by asking for several pictures at once."""
        ...


def is_apart(model: object) -> bool:
    """Whether ``model`` says that it draws every picture by itself."""
    return isinstance(model, Apart) and model.apart


def is_steady(model: object) -> bool:
    """Whether ``model`` says that it answers alike every time."""
    return isinstance(model, Steady) and model.steady
