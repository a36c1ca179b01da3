"""A person's answers before the first picture, typed in the terminal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .output import open_console, plain

HELP = (
    "Enter: draw it | + ...: it must also be so | -q3: does not count | q3: ...: the same in better "
    "words | anything else: what you want, in words"
)
EDIT = re.compile(r"(q\d+)\s*[:=]\s*(.+)")
DROP = re.compile(r"-\s*(q\d+)")


def ask_before(question: Mapping[str, Any]) -> dict[str, Any]:
    """A person's answer to what a run asks before the first picture, in the form that it takes.

    Raises:
        EOFError: nobody is there to give one.
    """
    out = open_console()
    out.print(plain(f"Before it is drawn: {question['request']}", "bold"), soft_wrap=True)
    for item in question["requirements"]:
        out.print(plain(f"  {item['id']} {item['statement']}"), soft_wrap=True)
    answers = dict[str, str]()
    for item in question["questions"]:
        out.print(plain(f"{item['question']} (Enter: leave it open)", "bold"), soft_wrap=True)
        if said := input(f"{item['id']}> ").strip():
            answers[item["id"]] = said
    out.print(plain(HELP, "dim"), soft_wrap=True)
    there = [item["id"] for item in question["requirements"]]
    lines = list[str]()
    while line := input("gems> ").strip():
        if (name := named_in(line)) and name not in there:
            known = f"there are {', '.join(there)}" if there else "there is none"
            out.print(plain(f"no requirement is called {name!r}: {known}", "yellow"), soft_wrap=True)
        else:
            lines.append(line)
    return {"decision": "go_on", **read_lines(lines), **({"answers": answers} if answers else {})}


def named_in(line: str) -> str | None:
    """The requirement that a typed line is about; None: about none."""
    match = DROP.fullmatch(line) or EDIT.fullmatch(line)
    return str(match[1]) if match else None


def read_lines(lines: list[str]) -> dict[str, Any]:
    """What was typed, in the form that the run takes."""
    found: dict[str, Any] = {"add": [], "drop": [], "edit": {}, "words": []}
    for line in lines:
        if dropped := DROP.fullmatch(line):
            found["drop"].append(dropped[1])
        elif edited := EDIT.fullmatch(line):
            found["edit"][edited[1]] = edited[2]
        elif line.startswith("+"):
            found["add"].append(line[1:].strip())
        else:
            found["words"].append(line)
    found["words"] = "\n".join(found["words"])
    return {name: value for name, value in found.items() if value}
