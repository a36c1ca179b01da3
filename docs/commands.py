"""Writes docs/commands.md from ``gems --help``; with ``--check`` fails if it is out of date."""

from __future__ import annotations

import sys
from pathlib import Path

from gems.app.cli import app
from typer.testing import CliRunner

COMMANDS: tuple[list[str], ...] = (
    [],
    ["generate"],
    ["resume"],
    ["runs"],
    ["show"],
    ["eval"],
    ["doctor"],
    ["skills"],
    ["skills", "list"],
    ["skills", "show"],
    ["skills", "validate"],
)
TARGET = Path(__file__).with_name("commands.md")


def render() -> str:
    """The page."""
    runner = CliRunner(env={"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"})
    parts = ["# The command line\n\nMade from `--help` by `python docs/commands.py`.\n"]
    for command in COMMANDS:
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
