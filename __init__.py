"""GEMS: agents that draw a picture, look at it, and draw it again until it is right.

What is listed in ``__all__`` is public; everything else may change between versions.

>>> from gems import generate
>>> result = generate("two red circles and a blue square", seed=7)  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .errors import (
        AccessError,
        AnswerError,
        BackendError,
        CancelledRunError,
        Cost,
        DeclinedError,
        GemsError,
        InputError,
        NotInWorldError,
        RefusedError,
        RunError,
        StorageError,
        UnreachableError,
    )
    from .events import Event
    from .graphs.api import agenerate, aresume, astream, follow_up, generate, resume, stream
    from .graphs.options import RunOptions
    from .graphs.pruning import Pruned
    from .graphs.refinement import build_graph
    from .graphs.session import Session
    from .graphs.streams import RunStream
    from .memory.state import RunReport, RunResult
    from .models.chat.mllm import MLLM, Reply, Role
    from .models.judges.judge import Judge, Judgement, Requirement, Verdict
    from .models.pictures.card import Card
    from .models.pictures.generator import Draw, Generator, Picture
    from .nodes.context import RunContext
    from .settings import Settings

PUBLIC = {
    "graphs.api": ("agenerate", "aresume", "astream", "follow_up", "generate", "resume", "stream"),
    "graphs.session": ("Session",),
    "graphs.streams": ("RunStream",),
    "graphs.options": ("RunOptions",),
    "graphs.pruning": ("Pruned",),
    "graphs.refinement": ("build_graph",),
    "nodes.context": ("RunContext",),
    "settings": ("Settings",),
    "events": ("Event",),
    "memory.state": ("RunReport", "RunResult"),
    "models.chat.mllm": ("MLLM", "Reply", "Role"),
    "models.judges.judge": ("Judge", "Judgement", "Requirement", "Verdict"),
    "models.pictures.card": ("Card",),
    "models.pictures.generator": ("Draw", "Generator", "Picture"),
    "errors": (
        "AccessError",
        "AnswerError",
        "BackendError",
        "CancelledRunError",
        "Cost",
        "DeclinedError",
        "GemsError",
        "InputError",
        "NotInWorldError",
        "RefusedError",
        "RunError",
        "StorageError",
        "UnreachableError",
    ),
}
"""Where each public name is: loaded on first use, so that ``import gems`` is quick."""

__all__ = [
    "MLLM",
    "AccessError",
    "AnswerError",
    "BackendError",
    "CancelledRunError",
    "Card",
    "Cost",
    "DeclinedError",
    "Draw",
    "Event",
    "GemsError",
    "Generator",
    "InputError",
    "Judge",
    "Judgement",
    "NotInWorldError",
    "Picture",
    "Pruned",
    "RefusedError",
    "Reply",
    "Requirement",
    "Role",
    "RunContext",
    "RunError",
    "RunOptions",
    "RunReport",
    "RunResult",
    "RunStream",
    "Session",
    "Settings",
    "StorageError",
    "UnreachableError",
    "Verdict",
    "agenerate",
    "aresume",
    "astream",
    "build_graph",
    "follow_up",
    "generate",
    "resume",
    "stream",
]


if not TYPE_CHECKING:  # else type checkers would believe in any name

    def __getattr__(name: str) -> Any:
        for module, names in PUBLIC.items():
            if name in names:
                return getattr(import_module(f".{module}", __name__), name)
        raise AttributeError(f"module 'gems' has no attribute {name!r}")
