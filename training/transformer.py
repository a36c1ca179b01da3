"""Trains the transformer of the embedded generator.

Needs no autoencoder, since the latents are a code (``code.py``), and no picture. Resumable: started
again with the same folder it goes on from its checkpoint, ``transformer.pt``, also with another number
of images. ``curve.txt`` keeps how many prompts of each sort come out right.
"""

from __future__ import annotations

import copy
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor

from ..models.embedded.world import JITTER, MAX_OBJECTS
from .captions import sample, stage_at
from .checkpoints import keep
from .code import encode
from .forward import predict, rope_tables
from .measure import measure
from .muon import Muon
from .pipeline import CAPTION_TOKENS, SHIFT, assemble, build_text_encoder, build_transformer, export
from .precision import autocast
from .tokens import build_tokenizer

IMAGES = 480_000
BATCH = 64
DROPOUT = 0.1
"""Share of captions that are left empty."""
CURRICULUM = 6_000
"""Images after which scenes may hold one object more."""


def latents_of(rng: np.random.Generator, images: int) -> tuple[Tensor, list[str]]:
    """``BATCH`` clean latents (B, 16, 8, 8) and their captions; ``images`` were seen before."""
    most = min(MAX_OBJECTS, 1 + images // CURRICULUM)
    samples = [sample(rng, most, stage=stage_at(images)) for _ in range(BATCH)]
    shifts = [rng.integers(-JITTER, JITTER + 1, (len(s.items), 2)) for s in samples]
    latents = [encode(s.items, s.ground, m) for s, m in zip(samples, shifts, strict=True)]
    return torch.from_numpy(np.stack(latents)), [s.caption for s in samples]


class Trainer:
    """The model, its averaged copy, the optimisers, the position in the stream."""

    def __init__(self, seed: int = 0) -> None:
        torch.manual_seed(seed)
        self.rng = np.random.default_rng(seed)
        self.tokenizer = build_tokenizer()
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
        z, captions = latents_of(self.rng, self.images)
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
        t = (SHIFT * u / (1 + (SHIFT - 1) * u)).clamp(max=1 - 1e-6)[torch.randperm(len(z))]
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


def train(out: Path, total: int) -> None:
    """Trains until ``total`` images; keeps a checkpoint every 6,400, notes the curve and writes the
    pipeline ``out/weights`` every 19,200, does both at the end."""
    out.mkdir(parents=True, exist_ok=True)
    trainer, checkpoint = Trainer(), out / "transformer.pt"
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
            note(trainer, out)


def note(trainer: Trainer, out: Path) -> None:
    """Appends a line to the curve and, where there is a decoder, writes the averaged weights as the
    pipeline ``out/weights``."""
    line = f"{trainer.images} {measure(*trainer.average, trainer.tokenizer)}"
    print(line, flush=True)
    with (out / "curve.txt").open("a", encoding="utf-8") as curve:
        curve.write(line + "\n")
    if (out / "vae").is_dir():
        model, text = (copy.deepcopy(part) for part in trainer.average)
        vae = AutoencoderKL.from_pretrained(out / "vae")
        export(assemble(model, text, vae, trainer.tokenizer), out / "weights")
