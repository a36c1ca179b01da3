"""Writes the README's Python examples to files, so that type checkers read what users copy.

``python docs/examples.py FOLDER``: block N of the README becomes ``FOLDER/readme_N.py``.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def blocks(text: str) -> list[str]:
    """The bodies of a Markdown text's ``python`` blocks, in order."""
    return re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def write(folder: Path) -> None:
    """Writes one file a block and removes those of blocks that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("readme_*.py"):
        old.unlink()
    for number, block in enumerate(blocks(README.read_text()), 1):
        (folder / f"readme_{number}.py").write_text(block)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
