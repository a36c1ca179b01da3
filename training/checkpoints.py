"""Checkpoints that a kill cannot break: one is replaced when the next is complete."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch


def keep(state: dict[str, Any], path: Path) -> None:
    """Writes ``state`` beside ``path`` and puts it there in one move."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)
