"""One skill: what a folder's ``SKILL.md`` says, and what the Agent Skills standard says of it.

A skill is used if a run can use it: with a description to choose it by, and instructions. What breaks
the standard apart from that is a problem that is named; what it merely recommends is advice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ..errors import StorageError
from .front_matter import read_fields, read_skill, shown

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NAME_LIMIT, DESCRIPTION_LIMIT, BODY_LINES = 64, 1024, 500
RESERVED = {"auto", "none"}
"""What a caller says instead of a skill's name."""
PROBLEM_LIMIT = 300
"""Characters of a line about a folder."""


@dataclass(frozen=True)
class Skill:
    """One skill; ``body`` is read from disk when asked for."""

    name: str
    """What it is called in a run; mostly the folder's name too. On one line, at most 64 characters or
    as long as the folder's name."""
    description: str
    """When to use it and when not, on one line of at most 1,024 characters: a planner sees no more."""
    folder: Path

    @property
    def body(self) -> str:
        """The instructions, without the front matter and without control characters.

        Raises:
            StorageError: the file went away, became unreadable or empty.
        """
        body = read_skill(self.folder)[1]
        if not body:
            raise StorageError(f"there are no instructions in {shown(self.folder)} any more")
        return body


class Inspection(NamedTuple):
    """What became of a folder with a SKILL.md."""

    folder: Path
    skill: Skill | None
    """None: a run cannot use it, and ``problems`` say why."""
    problems: list[str]
    """Where it breaks the standard, one line each."""
    advice: list[str]
    """Where it departs from what the standard recommends, one line each."""


def inspect(folder: Path) -> Inspection:
    """Reads the skill in ``folder``. Whatever the file holds, this raises nothing."""
    try:
        head, body = read_skill(folder)
    except StorageError as exc:
        return Inspection(folder, None, [str(exc)], [])
    fields, problem = read_fields(head)
    problems, advice = [cut(problem, PROBLEM_LIMIT)] if problem else [], []
    name, off = name_of(fields.get("name", ""), shown(folder.name))
    description = " ".join(fields.get("description", "").split())
    if fields or not problem:
        problems += [*off, *missing(description, body)]
    if len(description) > DESCRIPTION_LIMIT:
        problems.append(
            f"description has {len(description)} characters, {DESCRIPTION_LIMIT} at most are used"
        )
    lines = len(body.splitlines())
    if lines > BODY_LINES:
        advice.append(f"has {lines} lines of instructions, recommended are {BODY_LINES} at most")
    usable = name and description and body
    skill = Skill(name, cut(description, DESCRIPTION_LIMIT), folder) if usable else None
    return Inspection(folder, skill, problems, advice)


def missing(description: str, body: str) -> Iterator[str]:
    """What no run can do without."""
    if not description:
        yield "description is missing"
    if not body:
        yield "has no instructions after the front matter"


def name_of(given: str, folder: str) -> tuple[str, list[str]]:
    """A skill's name, and what is wrong with it. One that cannot be used gives way to the folder's.

    "" means that neither can.
    """
    name = " ".join(given.split())
    stand_in = "" if folder.casefold() in RESERVED else " ".join(folder.split())
    use = f"; use {stand_in}" if stand_in else ""
    if not name:
        return stand_in, [f"name is missing{use}"]
    if name.casefold() in RESERVED:
        return stand_in, [f"name {name!r} is a word that chooses no skill{use}"]
    if len(name) > NAME_LIMIT:
        return stand_in, [f"name {cut(name, 20)!r} has {len(name)} characters, not {NAME_LIMIT}{use}"]
    if not NAME.fullmatch(name):
        return name, [f"name {name!r} is not 1 to {NAME_LIMIT} of a-z, 0-9 and single hyphens"]
    if name != folder:
        return name, [f"name {name!r} is not the folder's name {folder!r}"]
    return name, []


def cut(text: str, limit: int) -> str:
    """``text``, at most ``limit`` characters of it, the last a mark that there was more."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
