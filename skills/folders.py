"""Finds the folders with a ``SKILL.md`` in a collection, however deep they lie."""

from __future__ import annotations

import os
import stat
from collections import deque
from pathlib import Path
from typing import NamedTuple

from .front_matter import is_file, shown, skill_file

FOLDER_LIMIT = 10_000
"""Folders looked into. A collection has fewer; a home directory or a disk has more."""
PASSED_OVER = {".git", ".hg", ".svn", ".venv", "__pycache__", "node_modules", "site-packages"}
OF_A_SKILL = {"scripts", "references", "assets"}
"""A skill's own folders in the standard: a template of a SKILL.md in them is no skill."""
KERNEL = (Path("/proc"), Path("/sys"), Path("/dev"))
"""No files of anybody, and links to everywhere."""


class Found(NamedTuple):
    """What a folder holds."""

    folders: list[Path]
    """Absolute; the nearest first, then by name."""
    troubles: list[str]
    """What could not be looked into, one line each."""


def skill_folders(root: Path) -> Found:
    """The skill folders in ``root`` at any depth; it may be one itself, or its SKILL.md.

    Links are followed, each folder is looked into once. A folder that does not exist is a trouble.
    """
    try:
        # A link keeps its name, which is the skill's.
        start = Path(os.path.abspath(root))  # noqa: PTH100
    except OSError:
        return Found([], [f"cannot look into {shown(root)}: the current folder is gone"])
    if start.name.casefold() == "skill.md" and is_file(start):
        return Found([start.parent], [])
    walk = _Walk()
    if is_file(start):
        return Found([], [f"{shown(start)} is a file: name the folder of a SKILL.md"])
    walk.visit(start)
    while walk.waiting:
        if len(walk.seen) > FOLDER_LIMIT:
            walk.troubles.append(
                f"stopped after {FOLDER_LIMIT:,} folders in {shown(start)}: name the folders of skills"
            )
            break
        walk.look_into(walk.waiting.popleft())
    return Found(walk.found, walk.troubles)


class _Walk:
    """A walk, level by level."""

    def __init__(self) -> None:
        self.found: list[Path] = []
        self.troubles: list[str] = []
        self.waiting: deque[Path] = deque()
        self.seen = {identity for path in KERNEL if (identity := identity_of(path))}

    def visit(self, folder: Path) -> None:
        """Enters ``folder`` in the queue, unless it was met before, under whatever name."""
        try:
            status = folder.stat()
        except OSError as exc:
            self.troubles.append(f"cannot look into {shown(folder)}: {exc.strerror}")
            return
        identity = (status.st_dev, status.st_ino)
        if stat.S_ISDIR(status.st_mode) and identity not in self.seen:
            self.seen.add(identity)
            self.waiting.append(folder)

    def look_into(self, folder: Path) -> None:
        """Takes the folder's own SKILL.md, and enters the folders in it."""
        try:
            with os.scandir(folder) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as exc:
            self.troubles.append(f"cannot look into {shown(folder)}: {exc.strerror}")
            return
        skills = [entry.name for entry in found if entry.name.casefold() == "skill.md"]
        is_skill = bool(skills) and skill_file(folder) is not None
        if is_skill:
            self.found.append(folder)
        elif skills:
            self.troubles.append(f"{shown(folder / skills[0])} is no file, or a link to nothing")
        left_out = {*PASSED_OVER, *skills, *(OF_A_SKILL if is_skill else ())}
        for entry in found:
            if entry.name not in left_out and (entry.is_symlink() or entry.is_dir()):
                self.visit(folder / entry.name)


def identity_of(path: Path) -> tuple[int, int] | None:
    """What tells a folder from all others, whatever its name; None: it does not exist."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
