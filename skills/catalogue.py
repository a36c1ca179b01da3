"""The catalogue of skills: what a run can choose from, out of the packaged folder and the user's.

It is made for collections as they are found in the wild: whatever lies in a folder, the catalogue
opens, with the skills that can be used, and names the rest in warnings.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path

from ..errors import InputError, StorageError
from ..settings import Settings
from .folders import identity_of, skill_folders
from .front_matter import shown
from .skill import Inspection, Skill, cut, inspect

PACKAGED = Path(__file__).parent
MANIFEST_LIMIT, SHORTEST = 60_000, 60
"""Characters of all descriptions that a planner is shown, and what each keeps at least."""
LINE_LIMIT, NAMES_SHOWN = 10, 20
"""Warnings logged of one catalogue, and names in one line."""
logger = logging.getLogger("gems.skills")


class Catalogue:
    """The skills of some folders; of equal names the later folder's counts, and in one the nearest."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self.folders = list(folders)
        self.warnings: list[str] = []
        """What was skipped, and what is used although it breaks the standard, one line each."""
        self._skills: dict[str, Skill] = {}
        self._skipped: dict[str, str] = {}
        for root in self.folders:
            self._read(root)
        for line in at_most(self.warnings, LINE_LIMIT):
            logger.warning("%s", line)

    @classmethod
    def from_settings(cls, settings: Settings) -> Catalogue:
        """The packaged skills, those in ``GEMS_HOME/skills`` and in the folders of ``GEMS_SKILLS``."""
        return cls(folders_of(settings))

    def _read(self, root: Path) -> None:
        if identity_of(root) is None:
            self.warnings.append(f"no folder of skills can be read at {shown(root)}; see GEMS_SKILLS")
            return
        found = skill_folders(root)
        self.warnings += found.troubles
        inspections = [inspect(folder) for folder in found.folders]
        self.warnings += skipped_lines(inspections) + used_lines(inspections)
        self._add(inspections)
        if not found.folders and not found.troubles:
            self.warnings.append(f"no SKILL.md in {shown(root)} or below it")

    def _add(self, inspections: list[Inspection]) -> None:
        """Takes the skills of one root, and names those that share a name."""
        here: dict[str, Skill] = {}
        for folder, skill, problems, _ in inspections:
            if skill is None:
                self._skipped[shown(folder.name)] = f"{shown(folder)}: {'; '.join(problems)}"
            elif skill.name in here:
                self._name_twins(counts=here[skill.name], other=skill)
            else:
                here[skill.name] = skill
                if skill.name in self._skills and self._skills[skill.name].folder.parent != PACKAGED:
                    self._name_twins(counts=skill, other=self._skills[skill.name])
        self._skills.update(here)

    def _name_twins(self, counts: Skill, other: Skill) -> None:
        """Two folders with one name are named, unless they are one folder."""
        if os.path.realpath(counts.folder) != os.path.realpath(other.folder):
            self.warnings.append(
                f"two skills are called {counts.name!r}: {shown(counts.folder)} counts, "
                f"{shown(other.folder)} does not"
            )

    def names(self) -> list[str]:
        """The skills' names, sorted: what ``skill=`` and a planner may say, besides none."""
        return sorted(self._skills)

    def skills(self) -> list[Skill]:
        """The skills, sorted by name."""
        return [self._skills[name] for name in self.names()]

    def manifest(self) -> list[dict[str, str]]:
        """Name and description of every skill: all that a planner is shown.

        Of a large collection the descriptions are cut, so that they fit a model's context.
        """
        skills = self.skills()
        limit = max(SHORTEST, MANIFEST_LIMIT // max(1, len(skills)))
        if sum(len(skill.description) for skill in skills) <= MANIFEST_LIMIT:
            limit = MANIFEST_LIMIT
        return [{"name": skill.name, "description": cut(skill.description, limit)} for skill in skills]

    def get(self, name: str) -> Skill:
        """The skill called ``name``.

        Raises:
            InputError: there is none; the message says why, where its folder was skipped.
        """
        if name in self._skills:
            return self._skills[name]
        if name in self._skipped:
            raise InputError(f"the skill {name!r} cannot be used: {self._skipped[name]}")
        names = self.names()
        near = get_close_matches(name, names, NAMES_SHOWN) if len(names) > NAMES_SHOWN else []
        some = ", ".join((near or names)[:NAMES_SHOWN])
        rest = f" ({len(names)} in all: gems skills list)" if len(names) > NAMES_SHOWN else ""
        raise InputError(f"no skill is called {name!r}: use auto, none or one of {some}{rest}")

    def chosen(self, names: str) -> list[Skill]:
        """The skills that ``names`` asks for: one name, or several joined by ``+``, in that order.

        Raises:
            InputError: there is no such skill.
        """
        return [self.get(name) for name in self.split(names)]

    def split(self, names: str) -> list[str]:
        """The single names in ``names``. One with a ``+`` of its own is one name."""
        return [names] if names in self._skills else [name.strip() for name in names.split("+")]

    def instructions(self, names: str) -> tuple[dict[str, str], list[str]]:
        """The instructions of those in ``names`` that can still be read, and why the others cannot."""
        bodies: dict[str, str] = {}
        problems: list[str] = []
        for name in self.split(names):
            try:
                bodies[name] = self.get(name).body
            except (InputError, StorageError) as exc:
                problems.append(f"going on without the skill {name!r}: {exc}")
        return bodies, problems


def folders_of(settings: Settings) -> list[Path]:
    """The folders that a catalogue of these settings reads, the packaged one first.

    ``GEMS_HOME/skills`` may be missing or empty; whoever names a folder in ``GEMS_SKILLS`` means one.
    """
    home = settings.root / "skills"
    parts = [part.strip() for part in settings.skills.split(os.pathsep)]
    own = [Path(part).expanduser() for part in parts if part]
    return [PACKAGED, *([home] if holds_something(home) else []), *own]


def holds_something(folder: Path) -> bool:
    """Whether there is a folder that is not empty, or one that cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is not None
    except FileNotFoundError:
        return False
    except OSError:
        return True


def skipped_lines(inspections: Iterable[Inspection]) -> list[str]:
    """A line for every folder that no run can use."""
    return [
        f"skipped: {shown(folder)} is no skill: {'; '.join(problems)}"
        for folder, skill, problems, _ in inspections
        if skill is None
    ]


def used_lines(inspections: Iterable[Inspection]) -> list[str]:
    """One line for all skills that are used although something is to be said of them."""
    odd = [item for item in inspections if item.skill and (item.problems or item.advice)]
    if not odd:
        return []
    if len(odd) == 1:
        folder, _, problems, advice = odd[0]
        return [f"used all the same: {shown(folder)}: {'; '.join([*problems, *advice])}"]
    names = [item.skill.name for item in odd if item.skill]
    more = ", ..." if len(names) > NAMES_SHOWN else ""
    return [
        f"{len(odd)} skills depart from the standard and are used all the same: "
        f"{', '.join(names[:NAMES_SHOWN])}{more}; gems skills validate says how"
    ]


def at_most(lines: list[str], limit: int) -> Iterator[str]:
    """The first lines, and in place of the others how many there are."""
    yield from lines if len(lines) <= limit else lines[: limit - 1]
    if len(lines) > limit:
        yield f"and {len(lines) - limit + 1} more about skills: gems skills validate"
