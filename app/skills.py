"""`gems skills validate`: what the Agent Skills standard says of some folders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..errors import InputError
from ..skills.folders import Found, skill_folders
from ..skills.front_matter import shown
from ..skills.skill import Inspection, inspect


def validate(roots: Sequence[Path]) -> bool:
    """Prints a line a skill, and one for all that could not be looked into. Whether all is well.

    What the standard only recommends is a warning, with which all is well.

    Raises:
        InputError: a folder does not exist, or there is no skill in any of them.
    """
    folders, troubles = search(roots)
    if not folders:
        raise InputError("; ".join(troubles))
    inspections = [inspect(folder) for folder in folders]
    for inspection in inspections:
        print(f"{shown(inspection.folder)}: {says(inspection)}")
    for line in [*troubles, *twins(inspections)]:
        print(line)
    bad = sum(bool(inspection.problems) for inspection in inspections)
    unusable = sum(inspection.skill is None for inspection in inspections)
    if len(folders) > 1:
        print(f"{len(folders)} skills: {bad} break the standard, {unusable} cannot be used")
    return not (bad or troubles)


def search(roots: Sequence[Path]) -> Found:
    """The skill folders of all ``roots``, each once; a root without any is a trouble."""
    folders: dict[Path, None] = {}
    troubles: list[str] = []
    for root in roots:
        found = skill_folders(root)
        folders.update(dict.fromkeys(found.folders))
        troubles += found.troubles
        if found == Found([], []):
            troubles.append(
                f"no SKILL.md in {shown(root)}: name folders that have one, or that hold such folders"
            )
    return Found(list(folders), troubles)


def says(inspection: Inspection) -> str:
    """A skill's verdict on one line."""
    warnings = [f"warning: {line}" for line in inspection.advice]
    if not inspection.problems:
        return "; ".join(["ok", *warnings])
    end = "cannot be used" if inspection.skill is None else "used all the same"
    return "; ".join([*inspection.problems, *warnings, end])


def twins(inspections: Sequence[Inspection]) -> list[str]:
    """A line for every name that several folders have."""
    folders: dict[str, list[str]] = {}
    for inspection in inspections:
        if inspection.skill:
            folders.setdefault(inspection.skill.name, []).append(shown(inspection.folder))
    return [
        f"{len(same)} skills are called {name!r}: {', '.join(same)}"
        for name, same in folders.items()
        if len(same) > 1
    ]
