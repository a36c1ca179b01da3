"""The embedded world's training: its decoder, its batches, its folder."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import ZImagePipeline
from gems.models.embedded.world import PICTURE
from gems.training import decoder
from gems.training.code import decode
from gems.training.measure import draw, obeyed, prompts
from gems.training.pipeline import assemble, build_text_encoder, build_transformer, export, sigmas
from gems.training.tokens import build_tokenizer
from gems.training.transformer import BATCH, CURRICULUM, latents_of


def test_a_resumed_decoder_goes_on_as_if_it_had_not_stopped() -> None:
    one, two = decoder.Trainer(10 * decoder.BATCH), decoder.Trainer(10 * decoder.BATCH, seed=9)
    one.step()
    state = one.state()
    two.load(copy.deepcopy(state))
    first = one.step()
    torch.set_rng_state(state["torch"])
    assert two.step() == first and two.done == 2


def test_quarters_are_cut_from_latents_and_pictures_alike() -> None:
    rng = np.random.default_rng(0)
    z, x = decoder.quarters(rng, 8)
    whole_z, whole_x = decoder.pairs(np.random.default_rng(0), 2, decoder.DENSITY)
    assert z.shape == (8, 16, 4, 4) and x.shape == (8, 3, 64, 64)
    assert torch.equal(z[2:4], whole_z[..., :4, 4:]) and torch.equal(x[2:4], whole_x[..., :64, 64:])


def test_scenes_grow_with_the_training() -> None:
    rng = np.random.default_rng(0)
    latents, captions = latents_of(rng, 0)
    assert latents.shape == (BATCH, 16, 8, 8) and len(captions) == BATCH
    few, many = (
        max(len(decode(z)[0]) for z in latents_of(rng, images)[0].numpy())
        for images in (0, 9 * CURRICULUM)
    )
    assert few <= 4 and many == 8


def test_the_folder_draws_what_the_measure_draws(tmp_path: Path) -> None:
    torch.manual_seed(0)
    tokenizer = build_tokenizer()
    model, text = build_transformer(), build_text_encoder(len(tokenizer))
    for parameter in model.parameters():
        if not parameter.abs().sum():
            torch.nn.init.normal_(parameter, std=0.05)
    pipeline = assemble(model, text, decoder.build(), tokenizer)
    export(pipeline, tmp_path)
    assert sum(path.stat().st_size for path in tmp_path.rglob("*")) < 24_000_000
    loaded = ZImagePipeline.from_pretrained(tmp_path, dtype=torch.float32)
    loaded.set_progress_bar_config(disable=True)
    [sample] = prompts("count", 1, 3)
    mine = draw(loaded.transformer, loaded.text_encoder, tokenizer, [sample.caption], sigmas())
    noise = torch.randn(1, 16, 8, 8, generator=torch.Generator().manual_seed(2026))
    call: Any = loaded
    theirs = call(
        sample.caption,
        height=PICTURE,
        width=PICTURE,
        num_inference_steps=len(sigmas()),
        sigmas=np.array(sigmas(), np.float32),
        guidance_scale=0.0,
        latents=noise,
        max_sequence_length=32,
        output_type="latent",
    ).images
    assert torch.allclose(mine, theirs.float(), atol=0.1)
    assert obeyed([sample], mine) == [False]
