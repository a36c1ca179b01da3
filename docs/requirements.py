"""Writes requirements-api.txt from pyproject.toml; with ``--check`` fails if it is out of date."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "requirements-api.txt"
LOCAL_ONLY = {"diffusers", "opencv-python-headless", "safetensors", "torch", "transformers"}
"""What only the embedded models and pipelines on this machine need."""
HEAD = """\
# What GEMS needs where models are called over HTTP only: made by docs/requirements.py.
#   pip install -r requirements-api.txt && pip install --no-deps .
"""


def render() -> str:
    """The file: the package's dependencies without those of local models.

    Raises:
        SystemExit: a name in ``LOCAL_ONLY`` is no dependency (any more).
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[^\w.-]", line, maxsplit=1)[0]: line for line in project["dependencies"]}
    if unknown := LOCAL_ONLY - set(wanted):
        sys.exit(f"docs/requirements.py leaves out what pyproject.toml does not ask for: {unknown}")
    return HEAD + "".join(f"{line}\n" for name, line in wanted.items() if name not in LOCAL_ONLY)


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        if not TARGET.is_file() or TARGET.read_text() != render():
            sys.exit("requirements-api.txt is out of date: run python docs/requirements.py")
    else:
        TARGET.write_text(render())
