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
    found = [skill_folders(root) for root in roots]
    troubles = [line for one in found for line in one.troubles]
    empty = [shown(root) for root, one in zip(roots, found, strict=True) if one == Found([], [])]
    folders = list(dict.fromkeys(folder for one in found for folder in one.folders))
    if not folders:
        raise InputError("; ".join([*troubles, *(f"no SKILL.md in {root}" for root in empty)]))
    inspections = [inspect(folder) for folder in folders]
    for inspection in inspections:
        print(f"{shown(inspection.folder)}: {says(inspection)}")
    for line in [*troubles, *(f"no SKILL.md in {root}" for root in empty), *twins(inspections)]:
        print(line)
    bad = sum(bool(inspection.problems) for inspection in inspections)
    unusable = sum(inspection.skill is None for inspection in inspections)
    if len(folders) > 1:
        print(f"{len(folders)} skills: {bad} break the standard, {unusable} cannot be used")
    return not (bad or troubles or empty)


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
