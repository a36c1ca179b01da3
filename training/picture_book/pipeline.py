"""The pipeline of the picture book: how it samples, and its folder."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
from diffusers import AutoencoderKL

from ..generator import Trainer
from ..pipeline import assemble, export, settings
from .world import PICTURE

SHIFT = 6.0
COMPOSING_STEPS = 16
LAST = 0.2
"""The noise level before the last step."""
ENLARGE = 6
PROMPT_STYLE = (
    'the objects as counts, colours and kinds, for example "two blue cats and a red house", or a '
    'layout that gives each one a cell; letters as "the word CAT"'
)


def sigmas() -> list[float]:
    """Noise levels from 1 down: t = shift u / (1 + (shift - 1) u) for even u, then the last one."""
    u = np.linspace(1.0, 1.0 / COMPOSING_STEPS, COMPOSING_STEPS)
    levels = SHIFT * u / (1 + (SHIFT - 1) * u)
    return [*(round(float(t), 6) for t in levels if t > LAST), LAST]


def write(trainer: Trainer, vae: Path, out: Path) -> None:
    """Writes the averaged weights and the decoder as a pipeline folder."""
    model, text = (copy.deepcopy(part) for part in trainer.average)
    pipeline = assemble(model, text, AutoencoderKL.from_pretrained(vae), trainer.tokenizer)
    export(pipeline, out, settings(sigmas(), PICTURE, ENLARGE, PROMPT_STYLE))
