"""Where commands print: streams that take every character, and whose reader may leave at any moment."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from rich.console import Console
from rich.text import Text

from ..models.text import clean_text


def prepare_streams() -> None:
    """Has stdout and stderr write a "?" for what their encoding lacks. One that was closed before the
    command began writes nowhere, and no file that is opened later takes its number."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def as_typed(argument: str) -> str:
    """A command's argument as the user typed it. In the C locale Python reads one byte by byte, and
    what is no ASCII as halves of characters; terminals send UTF-8."""
    try:
        return os.fsencode(argument).decode("utf-8")
    except UnicodeError:
        return argument


def flush_output() -> None:
    """Writes what stdout holds back, so that a failure is met here and not when Python ends.

    Raises:
        OSError: it cannot be written; of a reader that left, ``BrokenPipeError``.
    """
    if sys.stdout is not None:
        sys.stdout.flush()


def silence_output() -> None:
    """Lets all that is still written to stdout vanish: nobody can read it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError, ValueError):
        os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


class LenientConsole(Console):
    """A console that goes quiet where rich's would end the process: when its reader leaves."""

    def on_broken_pipe(self) -> None:
        """See ``Console``."""
        self.quiet = True
        silence_output()


def open_console(*, stderr: bool = False, file: IO[str] | None = None, **options: Any) -> Console:
    """Where a command prints; ``file`` instead of the streams."""
    return LenientConsole(highlight=False, stderr=stderr, file=file, **options)


def plain(text: str, style: str = "") -> Text:
    """``text`` as data: neither markup nor what steers a terminal."""
    return Text(clean_text(text), style)
