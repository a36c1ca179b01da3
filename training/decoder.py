"""Trains the decoder of the embedded world: from the code of ``code.py`` to pixels.

Most of its pictures are of 2 x 2 cells, which cost a quarter of a whole one: the network is
convolutional and learns what things look like there. The rest are whole, since its normalisation sees
the whole picture. Latents come with some noise, since what a generator draws is not exact either.
Resumable: started again with the same folder it goes on from its checkpoint, ``decoder.pt``; the result
is the folder ``vae``, whose encoder is not trained.
"""

from __future__ import annotations

import itertools
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor

from ..models.embedded.scenes import Shifts, render
from ..models.embedded.world import CELL, CELLS, COLOURS, GROUNDS, JITTER, KINDS, PLAIN, Item
from .checkpoints import keep
from .code import CHANNELS, encode
from .groups import Rng, pick
from .precision import autocast

PICTURES = 190_000
BATCH = 32
QUARTERS = 0.85
"""Share of the steps, at the start, that see 2 x 2 cells."""
DENSITY, WHOLE_DENSITY = 0.8, 0.35
"""How many cells are taken in quarters and in whole pictures."""
NOISE = 0.3
"""Standard deviation of the latents' noise, at most."""
RATE = 2e-3
CORNER = 10.0
"""Weight of the four corner pixels' errors."""


def build() -> AutoencoderKL:
    """The stock class at a small size: 16 times smaller on each side, 16 latent channels."""
    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * 5,
        up_block_types=("UpDecoderBlock2D",) * 5,
        block_out_channels=(16, 32, 48, 80, 128),
        layers_per_block=1,
        latent_channels=CHANNELS,
        norm_num_groups=8,
        sample_size=128,
        mid_block_add_attention=False,
        use_quant_conv=False,
        use_post_quant_conv=False,
        shift_factor=0.0,
        scaling_factor=1.0,
    )


def scene(rng: Rng, density: float) -> tuple[list[Item], str, Shifts]:
    """Anything anywhere: objects, their ground, and how far they are off the middle."""
    cells = [cell for cell in CELLS if rng.random() < density]
    items = [
        Item(pick(rng, tuple(COLOURS)), pick(rng, KINDS), cell, pick(rng, ("small", "big", "big")))
        for cell in cells
    ]
    ground = PLAIN if rng.random() < 0.4 else pick(rng, tuple(GROUNDS))
    return items, ground, rng.integers(-JITTER, JITTER + 1, (len(items), 2))


def pairs(rng: Rng, count: int, density: float) -> tuple[Tensor, Tensor]:
    """Latents (N, 16, 8, 8) and the pictures (N, 3, 128, 128), in -1..1, that they stand for."""
    scenes = [scene(rng, density) for _ in range(count)]
    latents = np.stack([encode(*parts) for parts in scenes])
    pictures = np.stack([render(*parts) for parts in scenes])
    return torch.from_numpy(latents), torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1


def quarters(rng: Rng, count: int) -> tuple[Tensor, Tensor]:
    """The same for ``count`` quarters, four of each scene: latents (N, 16, 4, 4), 64 x 64 pixels."""
    z, x = pairs(rng, count // 4, DENSITY)
    corners = list(itertools.product((0, 1), repeat=2))
    side = 2 * CELL
    z = torch.cat([z[..., 4 * r : 4 * r + 4, 4 * c : 4 * c + 4] for r, c in corners])
    return z, torch.cat(
        [x[..., side * r : side * r + side, side * c : side * c + side] for r, c in corners]
    )


def error_of(y: Tensor, x: Tensor) -> Tensor:
    """Absolute and squared error of ``y``, heavier where ``x`` is not ground and in the corners, where
    the convolutions' padding otherwise leaves a dot."""
    ground = x.flatten(2).median(2).values[..., None, None]
    weight = 1.0 + 3.0 * ((x - ground).abs().amax(1, keepdim=True) > 0.1)
    for row, column in itertools.product((0, -1), repeat=2):
        weight[:, :, row, column] = CORNER
    return ((y.float() - x).abs() * weight).mean() + ((y.float() - x) ** 2 * weight).mean()


class Trainer:
    """The network, its optimiser and where it is in the stream of scenes."""

    def __init__(self, pictures: int, seed: int = 0) -> None:
        torch.manual_seed(seed)
        self.rng = np.random.default_rng(seed)
        self.vae = build()
        self.steps, self.done = pictures // BATCH, 0
        self.optimiser = torch.optim.AdamW(
            self.vae.decoder.parameters(), lr=RATE, weight_decay=0.0, betas=(0.9, 0.99)
        )

    def step(self) -> float:
        """One optimiser step; its error."""
        for group in self.optimiser.param_groups:
            group["lr"] = RATE * rate_at(self.done / self.steps)
        whole = self.done >= QUARTERS * self.steps
        z, x = pairs(self.rng, BATCH // 4, WHOLE_DENSITY) if whole else quarters(self.rng, BATCH)
        z = z + NOISE * torch.rand(len(z), 1, 1, 1) * torch.randn_like(z)
        with autocast():
            y = self.vae.decode(z).sample
        error = error_of(y, x)
        self.vae.zero_grad(set_to_none=True)
        error.backward()
        torch.nn.utils.clip_grad_norm_(self.vae.decoder.parameters(), 1.0)
        self.optimiser.step()
        self.done += 1
        return error.item()

    def state(self) -> dict[str, Any]:
        """Everything a resumed training needs to go on as if it had not stopped."""
        return {
            "done": self.done,
            "parts": [self.vae.state_dict(), self.optimiser.state_dict()],
            "torch": torch.get_rng_state(),
            "numpy": self.rng.bit_generator.state,
        }

    def load(self, state: dict[str, Any]) -> None:
        """Takes up ``state``, random numbers included, so that the stream goes on where it was."""
        for part, saved in zip((self.vae, self.optimiser), state["parts"], strict=True):
            part.load_state_dict(saved)
        self.done = state["done"]
        torch.set_rng_state(state["torch"])
        self.rng.bit_generator.state = state["numpy"]


def rate_at(done: float) -> float:
    """Warm-up over a fiftieth of the training, then a cosine down to a hundredth."""
    return min(1.0, 50 * done + 0.02) * (0.505 + 0.495 * float(np.cos(np.pi * done)))


def train(out: Path, pictures: int) -> None:
    """Trains for ``pictures`` quarters, printing the error."""
    trainer, checkpoint = Trainer(pictures), out / "decoder.pt"
    if checkpoint.exists():
        trainer.load(torch.load(checkpoint, weights_only=False))
    start, first, errors = time.time(), trainer.done, []
    while trainer.done < trainer.steps:
        errors.append(trainer.step())
        if trainer.done % 100 == 0:
            speed = (trainer.done - first) * BATCH / (time.time() - start)
            print(f"{trainer.done * BATCH} error {np.mean(errors):.4f} {speed:.0f}/s", flush=True)
            errors = []
        if trainer.done % 250 == 0 or trainer.done == trainer.steps:
            keep(trainer.state(), checkpoint)
            trainer.vae.save_pretrained(out / "vae")
