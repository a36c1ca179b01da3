"""The silhouettes of the embedded world, from ``glyphs.npz``; ``GLYPHS.md`` says whose they are."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .world import KINDS, SIZES

FILE = Path(__file__).with_name("glyphs.npz")


@cache
def glyphs() -> NDArray[np.float32]:
    """Coverage, (kinds, sizes, 32, 32) in 0..1, in the order of ``KINDS`` and ``SIZES``."""
    with np.load(FILE) as data:
        if data["kinds"].tolist() != list(KINDS):
            raise ValueError(f"{FILE.name} holds other kinds than the world: make it again (font.py)")
        masks: NDArray[np.float32] = data["masks"].astype(np.float32) / np.float32(255)
    assert masks.shape[1] == len(SIZES)
    return masks
