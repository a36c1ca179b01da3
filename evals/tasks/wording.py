"""The words that judges are asked with: ours, unless a user gives the official ones.

Official wordings whose licences forbid it are not in the package. A TOML file with the same names, its
texts copied from the official script by the user, makes a run's questions official.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ...errors import InputError

PACKAGED = Path(__file__).parent / "wording.toml"


@dataclass(frozen=True)
class Wording:
    """Texts by name; ``{field}`` in them stands for a field of the question."""

    texts: Mapping[str, str]
    given: bool = False
    """Whether a user gave them."""

    def text(self, name: str, **fields: object) -> str:
        """A text with its fields filled in; other braces stay as they are."""
        filled = self.texts[name]
        for key, value in fields.items():
            filled = filled.replace("{" + key + "}", str(value))
        return filled

    def digest(self) -> str:
        """8 hex digits that change with any word."""
        text = json.dumps(dict(self.texts), sort_keys=True)
        return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=4).hexdigest()


@cache
def packaged_wordings() -> dict[str, dict[str, str]]:
    """Our own texts by task."""
    return tomllib.loads(PACKAGED.read_text(encoding="utf-8"))


def choose_wording(task: str, path: Path | None) -> Wording:
    """The texts of a task: ours, or those of the file ``path``.

    Raises:
        InputError: the file cannot be read, or has other names than the task's.
    """
    own = packaged_wordings().get(task, {})
    if path is None:
        return Wording(own)
    try:
        texts = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise InputError(
            f"the wording {path} cannot be read: {exc}; give a readable TOML file"
        ) from exc
    if set(texts) != set(own) or not all(isinstance(text, str) for text in texts.values()):
        names = ", ".join(own) or "none: this task asks nothing"
        raise InputError(f"{path} must give a text for each of these names and no others: {names}")
    return Wording(texts, given=True)
