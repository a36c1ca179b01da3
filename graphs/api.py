"""The one-liners of the library: a session of the process's settings, made once, behind functions."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

from typing_extensions import Unpack

from ..memory.state import RunResult
from ..settings import Settings, load_settings
from .options import RunOptions
from .session import Session
from .streams import OnEvent, RunStream

_sessions: dict[Settings, Session] = {}
_lock = threading.Lock()


def default_session() -> Session:
    """The session of the process's settings, made once, so that models load once."""
    settings = load_settings()
    with _lock:
        if settings not in _sessions:
            _sessions[settings] = Session(settings)
        return _sessions[settings]


def _forget_after_fork() -> None:
    """Connections and worker threads are the parent's; a forked child opens its own."""
    global _lock
    _lock = threading.Lock()
    _sessions.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)


def generate(
    prompt: str,
    *,
    thread_id: str | None = None,
    out: Path | str | None = None,
    fresh: bool = False,
    on_event: OnEvent | None = None,
    **options: Unpack[RunOptions],
) -> RunResult:
    """From a prompt to a verified picture; arguments and errors are those of ``Session.generate``.

    >>> generate("two red circles and a blue square", seed=7)["outcome"]  # doctest: +SKIP
    'all_passed'
    """
    return default_session().generate(
        prompt, thread_id=thread_id, out=out, fresh=fresh, on_event=on_event, **options
    )


async def agenerate(
    prompt: str,
    *,
    thread_id: str | None = None,
    out: Path | str | None = None,
    fresh: bool = False,
    on_event: OnEvent | None = None,
    **options: Unpack[RunOptions],
) -> RunResult:
    """``generate`` for callers in an event loop; see ``Session.agenerate``."""
    return await default_session().agenerate(
        prompt, thread_id=thread_id, out=out, fresh=fresh, on_event=on_event, **options
    )


def stream(
    prompt: str,
    *,
    thread_id: str | None = None,
    out: Path | str | None = None,
    fresh: bool = False,
    **options: Unpack[RunOptions],
) -> RunStream:
    """``generate`` as its events, the result last; see ``Session.stream``.

    >>> for event in stream("two red circles", seed=7):  # doctest: +SKIP
    ...     print(event["event"])
    """
    return default_session().stream(prompt, thread_id=thread_id, out=out, fresh=fresh, **options)


def astream(
    prompt: str,
    *,
    thread_id: str | None = None,
    out: Path | str | None = None,
    fresh: bool = False,
    **options: Unpack[RunOptions],
) -> RunStream:
    """The same for ``async for``.

    >>> async for event in astream("two red circles", seed=7):  # doctest: +SKIP
    ...     print(event["event"])
    """
    return default_session().stream(prompt, thread_id=thread_id, out=out, fresh=fresh, **options)


def resume(thread_id: str, *, answer: Any = None, on_event: OnEvent | None = None) -> RunResult:
    """Goes on with an unfinished or paused run; see ``Session.resume``."""
    return default_session().resume(thread_id, answer=answer, on_event=on_event)


def follow_up(thread_id: str, change: str, *, on_event: OnEvent | None = None) -> RunResult:
    """Changes the best picture of a finished run; see ``Session.follow_up``."""
    return default_session().follow_up(thread_id, change, on_event=on_event)


async def aresume(thread_id: str, *, answer: Any = None, on_event: OnEvent | None = None) -> RunResult:
    """``resume`` for callers in an event loop; cancelling it stops the run, which can be resumed
    again."""
    return await default_session().aresume(thread_id, answer=answer, on_event=on_event)
