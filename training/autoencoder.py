"""Trains the autoencoder of the embedded generator: 64 x 64 pixels to 8 x 8 x 16 latents and back.

``python -m gems.training.autoencoder --out DIR --checkpoint FILE [--images N]``, resumable.

Two phases. The first trains encoder and decoder. Four fifths of its pictures are quarters of a scene,
which cost a third of a whole one: the network is convolutional and learns shapes and edges there. The
rest are whole, since its normalisation sees the whole picture. The second, finishing, trains the
decoder alone, on whole pictures and on latents with some noise, since what a generator draws is not
exact either.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL

from ..models.embedded.scenes import render
from ..models.embedded.world import PICTURE, Item
from .checkpoints import keep
from .precision import autocast
from .stream import sample_scene

IMAGES = 100_000
BATCH = 32
FINISHING = 0.2
"""Share of the steps, at the end, that train the decoder alone."""
QUARTERS = 0.8
"""Share of the first phase, at its start, that sees quarters of scenes."""
CORNER = 40.0
"""Weight of the four corner pixels' errors."""
NOISE = 0.1
"""Standard deviation of the noise that is added while finishing, at most, in that of the latents."""


def build() -> AutoencoderKL:
    """The stock class at a small size; 8 times smaller on each side, 16 latent channels."""
    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(16, 32, 64, 64),
        layers_per_block=1,
        latent_channels=16,
        norm_num_groups=8,
        sample_size=64,
        mid_block_add_attention=False,
        use_quant_conv=False,
        use_post_quant_conv=False,
        shift_factor=0.0,
        scaling_factor=1.0,
    )


def pictures(rng: np.random.Generator, count: int) -> torch.Tensor:
    """``count`` random scenes as (N, 3, 64, 64) in -1..1."""
    return pictures_of(rng, [sample_scene(rng) for _ in range(count)])


def pictures_of(rng: np.random.Generator, scenes: Sequence[Sequence[Item]]) -> torch.Tensor:
    """``scenes`` as (N, 3, 64, 64) in -1..1."""
    batch = np.stack([render(scene, rng) for scene in scenes])
    return torch.from_numpy(batch).permute(0, 3, 1, 2).float() / 127.5 - 1


def quarters(rng: np.random.Generator, x: torch.Tensor) -> torch.Tensor:
    """One quarter, (N, C, H/2, W/2), cut from the same random place of every picture."""
    side = PICTURE // 2
    top, left = (int(v) for v in rng.integers(0, PICTURE - side + 1, 2))
    return x[:, :, top : top + side, left : left + side]


def error_of(y: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Absolute and squared error of ``y``, heavier where ``x`` is not ground and in the corners, where
    the convolutions' padding otherwise leaves a dot."""
    weight = 1.0 + 3.0 * ((x - x.amax(dim=(2, 3), keepdim=True)).abs().amax(1, keepdim=True) > 0.1)
    for row, column in itertools.product((0, -1), repeat=2):
        weight[:, :, row, column] = CORNER
    return ((y.float() - x).abs() * weight).mean() + ((y.float() - x) ** 2 * weight).mean()


def loss_of(vae: AutoencoderKL, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The error of (N, 3, H, W) pictures in -1..1 after the way there and back, and the KL term a
    value."""
    posterior = vae.encode(x).latent_dist
    y = vae.decode(posterior.sample()).sample
    return error_of(y, x), posterior.kl().mean() / x[0].numel()


def decoder_loss(vae: AutoencoderKL, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The error from noisy latents, and no KL term; no gradient reaches the encoder."""
    with torch.no_grad():
        z = vae.encode(x).latent_dist.mode()
        level = NOISE * torch.rand(len(z), 1, 1, 1) * z.std()
        z = z + level * torch.randn_like(z)
    return error_of(vae.decode(z).sample, x), torch.zeros(())


def measure(vae: AutoencoderKL) -> tuple[float, float]:
    """Mean and standard deviation of the latents, for ``shift_factor`` and ``scaling_factor``."""
    with torch.no_grad():
        z = vae.encode(pictures(np.random.default_rng(1), 256)).latent_dist.mode()
    return float(z.mean()), float(z.std())


class Trainer:
    """The network, its optimiser and where it is in the stream of scenes."""

    def __init__(self, images: int, seed: int = 0) -> None:
        torch.manual_seed(seed)
        self.rng = np.random.default_rng(seed)
        self.vae = build().to(memory_format=torch.channels_last)
        self.steps = images // BATCH
        self.first = round((1 - FINISHING) * self.steps)
        self.done = 0
        self.optimiser = torch.optim.AdamW(
            self.vae.parameters(), lr=2e-3, weight_decay=0.0, betas=(0.9, 0.99)
        )
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser, 2e-3, total_steps=self.first, pct_start=0.1
        )
        self.finisher = torch.optim.AdamW(
            self.vae.decoder.parameters(), lr=5e-4, weight_decay=0.0, betas=(0.9, 0.99)
        )
        self.finish = torch.optim.lr_scheduler.LinearLR(
            self.finisher, 1.0, 0.01, total_iters=self.steps - self.first
        )

    def step(self) -> tuple[float, float]:
        """One optimiser step on ``BATCH`` pictures; its error and KL term, 0 while finishing."""
        finishing = self.done >= self.first
        optimiser, schedule, loss = (
            (self.finisher, self.finish, decoder_loss)
            if finishing
            else (self.optimiser, self.schedule, loss_of)
        )
        x = pictures(self.rng, BATCH)
        x = quarters(self.rng, x) if self.done < QUARTERS * self.first else x
        x = x.contiguous(memory_format=torch.channels_last)
        with autocast():
            error, kl = loss(self.vae, x)
        self.vae.zero_grad(set_to_none=True)
        (error + 1e-3 * kl).backward()
        torch.nn.utils.clip_grad_norm_(self.vae.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        self.done += 1
        return error.item(), kl.item()

    def state(self) -> dict[str, Any]:
        """Everything a resumed training needs to go on as if it had not stopped."""
        parts = (self.vae, self.optimiser, self.schedule, self.finisher, self.finish)
        return {
            "done": self.done,
            "parts": [part.state_dict() for part in parts],
            "torch": torch.get_rng_state(),
            "numpy": self.rng.bit_generator.state,
        }

    def load(self, state: dict[str, Any]) -> None:
        """Takes up ``state``, random numbers included, so that the stream goes on where it was."""
        parts = (self.vae, self.optimiser, self.schedule, self.finisher, self.finish)
        for part, saved in zip(parts, state["parts"], strict=True):
            part.load_state_dict(saved)
        self.done = state["done"]
        torch.set_rng_state(state["torch"])
        self.rng.bit_generator.state = state["numpy"]


def train(out: Path, images: int, checkpoint: Path) -> None:
    """Trains for ``images`` pictures, printing the loss; writes the diffusers folder ``out``."""
    trainer = Trainer(images)
    if checkpoint.exists():
        trainer.load(torch.load(checkpoint, weights_only=False))
    start, first = time.time(), trainer.done
    while trainer.done < trainer.steps:
        error, kl = trainer.step()
        if trainer.done % 100 == 0:
            speed = (trainer.done - first) * BATCH / (time.time() - start)
            seen = trainer.done * BATCH
            print(f"{seen} error {error:.4f} kl {kl:.3f} {speed:.0f}/s", flush=True)
        if trainer.done % 500 == 0 or trainer.done == trainer.steps:
            keep(trainer.state(), checkpoint)
            save(trainer.vae, out)


def save(vae: AutoencoderKL, out: Path) -> None:
    """Writes ``vae`` with the latents' mean and scale in its configuration."""
    mean, deviation = measure(vae)
    vae.register_to_config(shift_factor=mean, scaling_factor=1 / deviation)
    vae.save_pretrained(out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--images", type=int, default=IMAGES)
    parser.add_argument("--checkpoint", type=Path, required=True)
    arguments = parser.parse_args()
    train(arguments.out, arguments.images, arguments.checkpoint)
