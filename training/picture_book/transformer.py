"""Trains the transformer of the picture book.

Needs no autoencoder, since the latents are a code (``code.py``), and no picture. Resumable: started
again with the same folder it goes on from its checkpoint, ``transformer.pt``, also with another number
of images. ``curve.txt`` keeps how many prompts of each sort come out right.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .. import generator
from ..generator import BATCH, Trainer
from .captions import sample
from .code import encode
from .measure import measure
from .pipeline import SHIFT, write
from .tokens import build_tokenizer
from .world import JITTER, MAX_OBJECTS

IMAGES = 1_000_000
CURRICULUM = 6_000
"""Images after which scenes may hold one object more."""


class PictureBook:
    """The picture book; see ``World``."""

    shift = SHIFT

    def __init__(self) -> None:
        self.tokenizer = build_tokenizer()

    def batch(self, rng: np.random.Generator, images: int) -> tuple[Tensor, list[str]]:
        """See ``World.batch``."""
        most = min(MAX_OBJECTS, 1 + images // CURRICULUM)
        samples = [sample(rng, most) for _ in range(BATCH)]
        shifts = [rng.integers(-JITTER, JITTER + 1, (len(s.items), 2)) for s in samples]
        latents = [encode(s.items, s.ground, m) for s, m in zip(samples, shifts, strict=True)]
        return torch.from_numpy(np.stack(latents)), [s.caption for s in samples]


def train(out: Path, images: int) -> None:
    """Trains until ``images``; now and then appends a line to the curve and, where there is a decoder,
    writes the pipeline ``out/weights``."""

    def note(trainer: Trainer) -> None:
        line = f"{trainer.images} {measure(*trainer.average, trainer.tokenizer)}"
        print(line, flush=True)
        with (out / "curve.txt").open("a", encoding="utf-8") as curve:
            curve.write(line + "\n")
        if (out / "vae").is_dir():
            write(trainer, out / "vae", out / "weights")

    out.mkdir(parents=True, exist_ok=True)
    generator.train(generator.Trainer(PictureBook()), images, out / "transformer.pt", note)
