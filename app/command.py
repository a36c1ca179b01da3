"""What all commands share: errors in one line, and options that several have."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Thread = Annotated[str, typer.Argument(help="The run's thread id.", metavar="THREAD")]


def Share(text: str) -> Any:  # noqa: N802
    """An option that is a probability."""
    return typer.Option(min=0.0, max=1.0, help=text, show_default=False)


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Ends the command with one line on stderr and the error's exit code.

    Only what GEMS raises on purpose is shortened, and output that cannot be written; anything else is a
    bug and keeps its traceback. Output that nobody wants to read is no error.
    """
    from ..errors import BudgetError, GemsError, NotInWorldError
    from ..models.text import clean_text
    from .output import flush_output, silence_output

    try:
        yield
        flush_output()
    except BrokenPipeError:
        silence_output()
    except OSError as exc:
        # What fails to be stored is a GemsError; errors of other files name them.
        if exc.filename is not None:
            raise
        silence_output()
        print(f"gems: cannot write the output: {exc.strerror or exc}", file=sys.stderr)
        raise typer.Exit(1) from None
    except GemsError as exc:
        line = " ".join(str(exc).split())
        thread = exc.thread_id
        hopeless = exc.exit_code != 1 or isinstance(exc, NotInWorldError)
        if thread and "gems resume" not in line and not hopeless:
            more = " --max-cost MORE" if isinstance(exc, BudgetError) else ""
            line += f" | then: gems resume {thread}{more}"
        print(f"gems: {clean_text(line)}", file=sys.stderr)
        if exc.details:
            print(clean_text(exc.details), file=sys.stderr)
        raise typer.Exit(exc.exit_code) from None
    except KeyboardInterrupt:
        print("gems: stopped", file=sys.stderr)
        raise typer.Exit(130) from None
