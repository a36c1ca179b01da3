"""The tasks there are, by the names that the command line takes."""

from __future__ import annotations

from pathlib import Path

from ...errors import InputError
from .crea import ArtiMuse, Crea
from .dpg import Dpg
from .geneval import GenEval
from .geneval2 import GenEval2
from .longtext import LongTextEn, LongTextZh
from .oneig import OneIGEn, OneIGZh
from .spatial import SpatialGenEval
from .task import Task
from .wise import WiseLegacy, WiseVerified
from .wording import choose_wording

TASKS: dict[str, type[Task]] = {
    kind.name: kind
    for kind in (
        GenEval2, GenEval, Dpg, OneIGEn, OneIGZh, WiseLegacy, WiseVerified, LongTextEn, LongTextZh,
        SpatialGenEval, Crea, ArtiMuse,
    )
}  # fmt: skip


def open_task(name: str, wording: Path | None = None) -> Task:
    """The task called ``name``, asked in the words of the file ``wording``, or in ours.

    Raises:
        InputError: there is no such task, or the file cannot be used.
    """
    if name == "wise":
        raise InputError("there are two WISE: wise-verified (since 2026-04-19) and wise-legacy")
    if name not in TASKS:
        raise InputError(f"no task {name!r}: one of {', '.join(TASKS)}")
    return TASKS[name](choose_wording(name, wording))
