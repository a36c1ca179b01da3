"""Trains the transformer of the embedded generator and writes the whole pipeline.

``python -m gems.training.generator --vae DIR --out DIR [--images N] [--checkpoint FILE]``

Resumable: started again with the same checkpoint file it goes on from there, also with another
``--images``. The learning rate falls to zero over the last third.
"""

from __future__ import annotations

import argparse
import copy
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from ..models.embedded.world import MAX_OBJECTS, PICTURE
from .autoencoder import pictures_of
from .checkpoints import keep
from .forward import predict, rope_tables
from .muon import Muon
from .pipeline import (
    CAPTION_TOKENS,
    PROMPT_STYLE,
    SHIFT,
    assemble,
    build_text_encoder,
    build_tokenizer,
    build_transformer,
    export,
    settings,
    sigmas,
)
from .precision import autocast
from .stream import caption, sample_scene

IMAGES = 176_000
BATCH = 64
REUSE = 2
"""Each rendered scene is used this often, with other captions, noise and timesteps."""
DROPOUT = 0.1
"""Share of captions that are left empty."""
CURRICULUM = 12_000
"""Images after which scenes may hold one object more."""


class World(Protocol):
    """What a trainer draws its batches from."""

    tokenizer: PreTrainedTokenizerFast
    shift: float
    """Timesteps are t = shift u / (1 + (shift - 1) u) for even u."""

    def batch(self, rng: np.random.Generator, images: int) -> tuple[Tensor, list[str]]:
        """``BATCH`` clean latents (B, 16, 8, 8) and their captions; ``images`` were seen before."""
        ...


class Shapes:
    """The coloured shapes; see ``World``. Every scene is rendered and encoded."""

    shift = SHIFT

    def __init__(self, vae: AutoencoderKL) -> None:
        self.vae = vae.eval().requires_grad_(False)
        self.tokenizer = build_tokenizer()

    def batch(self, rng: np.random.Generator, images: int) -> tuple[Tensor, list[str]]:
        """See ``World.batch``. Each scene comes ``REUSE`` times, with other captions."""
        most = min(MAX_OBJECTS, 1 + images // CURRICULUM)
        scenes = [sample_scene(rng, most) for _ in range(BATCH // REUSE)]
        with torch.no_grad(), autocast():
            z = self.vae.encode(pictures_of(rng, scenes)).latent_dist.mode()
        z = (z.float() - self.vae.config.shift_factor) * self.vae.config.scaling_factor
        return z.repeat(REUSE, 1, 1, 1), [caption(rng, scene) for scene in scenes * REUSE]


class Trainer:
    """The model, its averaged copy, the optimisers, the position in the stream."""

    def __init__(self, world: World, seed: int = 0) -> None:
        torch.manual_seed(seed)
        self.rng = np.random.default_rng(seed)
        self.world = world
        self.tokenizer = world.tokenizer
        self.model = build_transformer()
        self.text = build_text_encoder(len(self.tokenizer))
        self.average = copy.deepcopy(self.model), copy.deepcopy(self.text)
        self.tables = rope_tables(self.model)
        self.predict = torch.compile(predict)
        self.images = 0
        self.optimisers = self._optimisers()

    def _optimisers(self) -> list[torch.optim.Optimizer]:
        blocks = [*self.model.noise_refiner, *self.model.context_refiner, *self.model.layers]
        inner = [
            p
            for block in blocks
            for name, p in block.named_parameters()
            if p.ndim == 2 and "adaLN" not in name
        ]
        known = {id(p) for p in inner}
        outer = [p for p in self.model.parameters() if id(p) not in known]
        outer.append(self.text.embed_tokens.weight)
        return [
            Muon(inner, lr=2e-3),
            torch.optim.AdamW(outer, lr=1.5e-3, weight_decay=0.0, betas=(0.9, 0.98)),
        ]

    def batch(self) -> tuple[Tensor, Tensor, Tensor]:
        """Clean latents (B, 16, 8, 8), caption ids (B, 32) and their mask."""
        z, captions = self.world.batch(self.rng, self.images)
        captions = ["" if self.rng.random() < DROPOUT else text for text in captions]
        tokens = self.tokenizer(
            captions,
            padding="max_length",
            truncation=True,
            max_length=CAPTION_TOKENS,
            return_tensors="pt",
        )
        return z, tokens.input_ids, tokens.attention_mask.bool()

    def loss(self) -> Tensor:
        """Squared error of the predicted clean latents at timesteps drawn towards noise."""
        z, ids, mask = self.batch()
        u = (torch.arange(len(z)) + torch.rand(len(z))) / len(z)
        shift = self.world.shift
        t = (shift * u / (1 + (shift - 1) * u)).clamp(max=1 - 1e-6)[torch.randperm(len(z))]
        noisy = z + t[:, None, None, None] * (torch.randn_like(z) - z)
        shown = (1000 - torch.floor(1000 * t)) / 1000
        with autocast():
            words = self.text.embed_tokens(ids).float()
            out = self.predict(self.model, noisy, shown, words, mask, self.tables)
        return (out + z).pow(2).mean()

    def step(self, rate: float) -> float:
        """One optimiser step at ``rate`` times the base learning rate."""
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group.setdefault("base", group["lr"])
                group["lr"] = group["base"] * rate
            optimiser.zero_grad(set_to_none=True)
        loss = self.loss()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
        self.images += BATCH
        self._average()
        return float(loss.detach())

    def _average(self) -> None:
        keep = min(0.998, 1 - 1 / (1 + self.images / BATCH / 10))
        with torch.no_grad():
            for mine, live in zip(self.average, (self.model, self.text), strict=True):
                ours, theirs = list(mine.parameters()), list(live.parameters())
                torch._foreach_lerp_(ours, theirs, 1 - keep)

    def state(self) -> dict[str, Any]:
        """Everything a resumed training needs to go on as if it had not stopped."""
        parts = (self.model, self.text, *self.average)
        return {
            "images": self.images,
            "parts": [part.state_dict() for part in parts],
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "torch": torch.get_rng_state(),
            "numpy": self.rng.bit_generator.state,
        }

    def load(self, state: dict[str, Any]) -> None:
        """Takes up ``state``, random numbers included, so that the stream goes on where it was."""
        for part, saved in zip((self.model, self.text, *self.average), state["parts"], strict=True):
            part.load_state_dict(saved)
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        self.images = state["images"]
        torch.set_rng_state(state["torch"])
        self.rng.bit_generator.state = state["numpy"]


def rate_at(images: int, total: int) -> float:
    """Warm-up over 200 steps, then constant, then linear to zero over the last third."""
    return min(1.0, images / (200 * BATCH) + 0.01, max(0.0, (total - images) / (total / 3)))


def train(trainer: Trainer, total: int, checkpoint: Path, write: Callable[[Trainer], None]) -> None:
    """Trains until ``total`` images; keeps a checkpoint every 6,400, calls ``write`` every 19,200, does
    both at the end."""
    if checkpoint.exists():
        trainer.load(torch.load(checkpoint, weights_only=False))
    start, first, losses = time.time(), trainer.images, []
    while trainer.images < total:
        losses.append(trainer.step(rate_at(trainer.images, total)))
        if trainer.images % (50 * BATCH) == 0:
            speed = (trainer.images - first) / (time.time() - start)
            print(f"{trainer.images} loss {np.mean(losses):.4f} {speed:.0f}/s", flush=True)
            losses = []
        last = trainer.images >= total
        if last or trainer.images % (100 * BATCH) == 0:
            keep(trainer.state(), checkpoint)
        if last or trainer.images % (300 * BATCH) == 0:
            write(trainer)


def train_shapes(vae: Path, out: Path, total: int, checkpoint: Path) -> None:
    """Trains the transformer of the coloured shapes and exports the averaged weights to ``out``."""
    world = Shapes(AutoencoderKL.from_pretrained(vae))

    def write(trainer: Trainer) -> None:
        model, text = (copy.deepcopy(part) for part in trainer.average)
        pipeline = assemble(model, text, copy.deepcopy(world.vae), world.tokenizer)
        export(pipeline, out, settings(sigmas(), PICTURE, 8, PROMPT_STYLE))

    train(Trainer(world), total, checkpoint, write)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vae", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--images", type=int, default=IMAGES)
    parser.add_argument("--checkpoint", type=Path, required=True)
    arguments = parser.parse_args()
    train_shapes(arguments.vae, arguments.out, arguments.images, arguments.checkpoint)
