"""The catalogue of skills: reads the packaged folder and the user's folders.

A skill is a folder with a ``SKILL.md`` after the Agent Skills standard: YAML front matter with
``name`` (equal to the folder's) and ``description``, then the body. Only the front matter is read
here; the body when a skill is chosen. The split at two lines of ``---`` is by hand, which a library
would do no better; what lies between them is PyYAML's.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ..errors import InputError, StorageError
from ..settings import Settings

PACKAGED = Path(__file__).parent
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NAME_LIMIT, DESCRIPTION_LIMIT, BODY_LINES = 64, 1024, 500
logger = logging.getLogger("gems.skills")


@dataclass(frozen=True)
class Skill:
    """One skill; ``body`` is read from disk when asked for."""

    name: str
    """The folder's name too: at most 64 of a-z, 0-9 and single hyphens."""
    description: str
    """When to use it and when not, on one line: all that a planner sees of it."""
    folder: Path

    @property
    def body(self) -> str:
        """The instructions, without the front matter.

        Raises:
            StorageError: the file went away or became unreadable.
        """
        return split_front_matter(read_text(self.folder / "SKILL.md"))[1].strip()


def read_text(path: Path) -> str:
    """A file's text.

    Raises:
        StorageError: it cannot be read, or is no UTF-8.
    """
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise StorageError(f"cannot read {path}: {exc}; make it readable UTF-8 text") from exc


def split_front_matter(text: str) -> tuple[str, str]:
    """The YAML between the leading ``---`` lines, and the rest. No front matter: ``("", text)``."""
    lines = text.lstrip("\ufeff").splitlines()
    if lines and lines[0].strip() == "---":
        for number, line in enumerate(lines[1:], 1):
            if line.strip() == "---":
                return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :])
    return "", text


def front_matter_of(text: str) -> dict[str, Any]:
    """The front matter as a mapping.

    Raises:
        ValueError: there is none, or it is no YAML mapping.
    """
    head, _ = split_front_matter(text)
    if not head:
        raise ValueError("has no front matter: begin with --- and name and description")
    try:
        fields = yaml.safe_load(head)
    except yaml.YAMLError as exc:
        raise ValueError(f"front matter is no YAML: {' '.join(str(exc).split())}") from exc
    if not isinstance(fields, dict):
        raise ValueError("front matter is no list of names and values")
    return fields


def problems_of(folder: Path) -> list[str]:
    """What keeps ``folder`` from being a skill, one line each; empty: it is one."""
    try:
        text = read_text(folder / "SKILL.md")
        fields = front_matter_of(text)
    except (StorageError, ValueError) as exc:
        return [str(exc)]
    name, description = fields.get("name"), fields.get("description")
    found = []
    if not isinstance(name, str) or not NAME.fullmatch(name) or len(name) > NAME_LIMIT:
        found.append(f"name {name!r} is not 1 to {NAME_LIMIT} of a-z, 0-9 and single hyphens")
    elif name != folder.name:
        found.append(f"name {name!r} is not the folder's name {folder.name!r}")
    if not isinstance(description, str) or not description.strip():
        found.append("description is missing")
    elif len(description) > DESCRIPTION_LIMIT:
        found.append(f"description has {len(description)} characters, at most {DESCRIPTION_LIMIT}")
    body = split_front_matter(text)[1].strip()
    if not body:
        found.append("has no instructions after the front matter")
    elif len(body.splitlines()) > BODY_LINES:
        found.append(f"has {len(body.splitlines())} lines of instructions, at most {BODY_LINES}")
    return found


def skill_folders(root: Path) -> list[Path]:
    """The folders in ``root`` that hold a SKILL.md, sorted; ``root`` alone where it holds one
    itself."""
    if (root / "SKILL.md").is_file():
        return [root]
    return sorted(path.parent for path in root.glob("*/SKILL.md"))


def load_skill(folder: Path) -> Skill:
    """The skill in ``folder``, its description on one line; the body is checked and not kept.

    Raises:
        InputError: it is not one; the message says why.
    """
    problems = problems_of(folder)
    if problems:
        raise InputError(f"{folder} is no skill: {'; '.join(problems)}")
    fields = front_matter_of(read_text(folder / "SKILL.md"))
    return Skill(fields["name"], " ".join(fields["description"].split()), folder)


class Catalogue:
    """The skills of some folders; of equal names the later folder's counts."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self.folders = list(folders)
        self._skills: dict[str, Skill] = {}
        for root in self.folders:
            self._read(root)

    @classmethod
    def from_settings(cls, settings: Settings) -> Catalogue:
        """The packaged skills, those in ``GEMS_HOME/skills`` and in the folders of ``GEMS_SKILLS``."""
        own = [Path(part).expanduser() for part in settings.skills.split(os.pathsep) if part]
        return cls([PACKAGED, settings.root / "skills", *own])

    def _read(self, root: Path) -> None:
        if not root.is_dir():
            if root not in (PACKAGED,) and root.name != "skills":
                logger.warning("no folder of skills at %s; see GEMS_SKILLS", root)
            return
        for folder in skill_folders(root):
            try:
                skill = load_skill(folder)
            except InputError as exc:
                logger.warning("skipped: %s", exc)
                continue
            self._skills[skill.name] = skill

    def names(self) -> list[str]:
        """The skills' names, sorted: what ``skill=`` and a planner may say, besides none."""
        return sorted(self._skills)

    def manifest(self) -> list[dict[str, str]]:
        """Name and description of every skill: all that a planner is shown."""
        return [{"name": name, "description": self._skills[name].description} for name in self.names()]

    def get(self, name: str) -> Skill:
        """The skill called ``name``.

        Raises:
            InputError: there is none.
        """
        if name not in self._skills:
            raise InputError(
                f"no skill is called {name!r}: use auto, none or one of {', '.join(self.names())}"
            )
        return self._skills[name]

    def chosen(self, names: str) -> list[Skill]:
        """The skills that ``names`` asks for: one name, or several joined by ``+``, in that order.

        Raises:
            InputError: there is no such skill.
        """
        return [self.get(name.strip()) for name in names.split("+")]
