"""The roles' instructions: a Markdown file each beside the code that asks, replaceable by a folder or a
run.

What counts, in this order: the text in a run's context (``planner_prompt`` and so on, which Studio
edits at the node), ``ROLE.md`` in the folder of ``GEMS_PROMPTS``, the packaged file. Instructions hold
no data and no variables: what a role works on comes in its fields, the form of its answer in a schema.
"""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path

from ..errors import InputError
from ..models.judges.mllm import INSTRUCTIONS

HERE = Path(__file__).parent
PACKAGED: dict[str, Path] = {
    "planner": HERE / "planner.md",
    "skill_writer": HERE / "skill_writer.md",
    "decomposer": HERE / "decomposer.md",
    "clarifier": HERE / "clarifier.md",
    "reviser": HERE / "reviser.md",
    **INSTRUCTIONS,
    "compressor": HERE / "compressor.md",
    "refiner": HERE / "refiner.md",
}
logger = logging.getLogger("gems.prompts")


@cache
def packaged_prompt(role: str) -> str:
    """The instructions that ``role`` has when nobody changed them."""
    return PACKAGED[role].read_text("utf-8").strip()


class Prompts:
    """The instructions of every role, the folder's files read once.

    Raises:
        InputError: the folder is missing, or a file in it is empty or no UTF-8 text.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._own = {} if folder is None else read_folder(folder)

    def text(self, role: str, override: str = "") -> str:
        """What ``role`` is told; ``override`` counts where it says something of its own."""
        wanted = override.strip()
        if wanted and wanted != packaged_prompt(role):
            return wanted
        return self._own.get(role) or packaged_prompt(role)


def read_folder(folder: Path) -> dict[str, str]:
    """The instructions in ``folder``, by role; a file that is no role's is named in a warning.

    Raises:
        InputError: there is no such folder, or a role's file in it cannot be used.
    """
    if not folder.is_dir():
        raise InputError(f"GEMS_PROMPTS={folder} is no folder: make it, or unset GEMS_PROMPTS")
    found = {}
    for path in sorted(folder.glob("*.md")):
        if path.stem not in PACKAGED:
            logger.warning("%s is no role's: the roles are %s", path, ", ".join(PACKAGED))
            continue
        found[path.stem] = read_prompt(path)
    return found


def read_prompt(path: Path) -> str:
    """The instructions in one file, without the white space around them.

    Raises:
        InputError: it is empty, or no UTF-8 text.
    """
    try:
        text = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(
            f"the prompt {path} cannot be read: {exc}; make it UTF-8 text, or remove it"
        ) from exc
    if not text:
        raise InputError(f"the prompt {path} is empty: write instructions, or remove the file")
    return text
