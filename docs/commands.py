"""Writes docs/commands.md from ``gems --help``; with ``--check`` fails if it is out of date."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gems.app.cli import app
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

TARGET = Path(__file__).with_name("commands.md")


def names(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """A command and everything under it, as it is called."""
    yield path
    if isinstance(command, TyperGroup):
        for name, member in command.commands.items():
            yield from names(member, (*path, name))


def render() -> str:
    """The page."""
    runner = CliRunner(env={"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"})
    parts = ["# The command line\n\nMade from `--help` by `python docs/commands.py`.\n"]
    for command in names(get_command(app)):
        said = runner.invoke(app, [*command, "--help"], prog_name="gems").stdout
        lines = "\n".join(line.rstrip() for line in said.strip().splitlines())
        parts.append(f"## gems {' '.join(command)}".rstrip() + f"\n\n```\n{lines}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        if not TARGET.is_file() or TARGET.read_text() != render():
            sys.exit("docs/commands.md is out of date: run python docs/commands.py")
    else:
        TARGET.write_text(render())
