"""GEMS: agents that draw a picture, look at it, and draw it again until it is right.

>>> from gems import generate
>>> result = generate("two red circles and a blue square", seed=7)  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .graphs.session import Session, agenerate, aresume, generate, resume

__all__ = ["Session", "agenerate", "aresume", "generate", "resume"]


def __getattr__(name: str) -> Any:
    """Loads the public names on first use, so that ``import gems`` and the command line are quick."""
    if name in __all__:
        from .graphs import session

        return getattr(session, name)
    raise AttributeError(f"module 'gems' has no attribute {name!r}")
