"""How often what the transformer of the embedded world draws is what the caption asks for.

Read from the latents, each cell as what its code is nearest to: how well the transformer obeys,
whatever the decoder makes of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from diffusers import ZImageTransformer2DModel
from torch import Tensor
from transformers import PreTrainedTokenizerFast, Qwen3Model

from .captions import SORTS, sample
from .code import decode
from .forward import predict, rope_tables
from .pipeline import CAPTION_TOKENS, build_scheduler, sigmas
from .precision import autocast
from .samples import Sample

SEED = 2026


def draw(
    model: ZImageTransformer2DModel,
    text: Qwen3Model,
    tokenizer: PreTrainedTokenizerFast,
    captions: list[str],
    levels: list[float],
) -> Tensor:
    """Clean latents (B, 16, 8, 8) for the captions, drawn as the pipeline draws them."""
    tokens = tokenizer(
        captions, padding="max_length", truncation=True, max_length=CAPTION_TOKENS, return_tensors="pt"
    )
    scheduler, tables = build_scheduler(), rope_tables(model)
    scheduler.set_timesteps(sigmas=np.array(levels, np.float32))
    scheduler.set_begin_index(0)
    x = torch.randn(len(captions), 16, 8, 8, generator=torch.Generator().manual_seed(SEED))
    with torch.no_grad():
        words, mask = text.embed_tokens(tokens.input_ids), tokens.attention_mask.bool()
        for step in scheduler.timesteps:
            t = ((1000 - step) / 1000).expand(len(x))
            with autocast():
                out = predict(model, x, t, words, mask, tables)
            x = scheduler.step(-out.float(), step, x, return_dict=False)[0]
    return x


def obeyed(samples: list[Sample], latents: Tensor) -> list[bool]:
    """Of each sample, whether its latents are what its caption asks for."""
    scenes = (decode(z) for z in latents.numpy())
    return [s.obeyed(*scene) for s, scene in zip(samples, scenes, strict=True)]


def prompts(sort: str, count: int, objects: int | None = None) -> list[Sample]:
    """Samples of a sort, always the same; with so many objects where that is given."""
    rng, found = np.random.default_rng(SEED), []
    while len(found) < count:
        one = sample(rng, objects or 6, sort)
        if objects is None or len(one.items) == objects:
            found.append(one)
    return found


ROWS: dict[str, tuple[str, int | None]] = {
    "one": ("count", 1),
    **{f"layout{n}": ("layout", n) for n in (2, 4, 8)},
    **{f"count{n}": ("count", n) for n in (2, 4, 6)},
    **{sort: (sort, None) for sort in SORTS if sort not in {"layout", "count"}},
}


def measure(
    model: ZImageTransformer2DModel,
    text: Qwen3Model,
    tokenizer: PreTrainedTokenizerFast,
    count: int = 24,
) -> str:
    """The share of captions obeyed, in per cent, a sort: "one 87 layout2 64 ..."."""
    samples = {name: prompts(sort, count, objects) for name, (sort, objects) in ROWS.items()}
    told: dict[str, Any] = {}
    for name, some in samples.items():
        latents = draw(model, text, tokenizer, [s.caption for s in some], sigmas())
        told[name] = f"{100 * np.mean(obeyed(some, latents)):.0f}"
    return " ".join(f"{name} {share}" for name, share in told.items())
