"""The training's own computation against the stock classes it trains."""

from __future__ import annotations

import pytest
import torch
from gems.training import muon
from gems.training.forward import predict, rope_tables
from gems.training.muon import Muon
from gems.training.pipeline import (
    CAPTION_TOKENS,
    build_scheduler,
    build_text_encoder,
    build_transformer,
    sigmas,
)
from gems.training.tokens import build_tokenizer


def test_the_fast_forward_is_the_stock_forward() -> None:
    torch.manual_seed(0)
    model, tokenizer = build_transformer(), build_tokenizer()
    for parameter in model.parameters():
        if not parameter.abs().sum():
            torch.nn.init.normal_(parameter, std=0.05)
    text = build_text_encoder(len(tokenizer))
    tokens = tokenizer(
        ["a red circle at b2", "Two hearts!", ""],
        padding="max_length",
        max_length=CAPTION_TOKENS,
        return_tensors="pt",
    )
    words, mask = text.embed_tokens(tokens.input_ids), tokens.attention_mask.bool()
    latents, t = torch.randn(3, 16, 8, 8), torch.tensor([0.0, 0.2, 0.9])
    with torch.no_grad():
        stock = model(
            [x[:, None] for x in latents],
            t,
            [w[m] for w, m in zip(words, mask, strict=True)],
            return_dict=False,
        )[0]
        fast = predict(model, latents, t, words, mask, rope_tables(model))
    assert torch.allclose(torch.stack(stock).squeeze(2), fast, atol=1e-5)


def test_the_text_features_are_the_word_embeddings() -> None:
    tokenizer = build_tokenizer()
    text = build_text_encoder(len(tokenizer))
    tokens = tokenizer(["a red circle"], return_tensors="pt")
    hidden = text(**tokens, output_hidden_states=True).hidden_states[-2]
    assert torch.equal(hidden, text.embed_tokens(tokens.input_ids))


def test_the_scheduler_reaches_the_predicted_picture() -> None:
    import numpy as np

    scheduler, clean = build_scheduler(), torch.randn(1, 16, 8, 8)
    curve = np.array(sigmas(), np.float32)
    scheduler.set_timesteps(sigmas=curve)  # pyright: ignore[reportArgumentType]  # it takes arrays alone
    scheduler.set_begin_index(0)
    x = torch.randn_like(clean)
    for step in scheduler.timesteps:
        x = scheduler.step(clean, step, x, return_dict=False)[0]
    assert torch.allclose(x, clean, atol=1e-4)


def test_the_optimiser_takes_the_steps_of_the_stock_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(muon, "fast_dtype", lambda: torch.float32)
    torch.manual_seed(0)
    shapes = [(24, 24), (24, 24), (40, 24), (24, 40)]
    ours = [torch.nn.Parameter(torch.randn(shape)) for shape in shapes]
    theirs = [torch.nn.Parameter(matrix.detach().clone()) for matrix in ours]
    own = Muon(ours, lr=2e-3)
    stock = torch.optim.Muon(
        theirs, lr=2e-3, weight_decay=0.01, ns_steps=4, adjust_lr_fn="match_rms_adamw"
    )
    for _ in range(5):
        for mine, other in zip(ours, theirs, strict=True):
            mine.grad = torch.randn_like(mine)
            other.grad = mine.grad.clone()
        own.step()
        stock.step()
    for mine, other in zip(ours, theirs, strict=True):
        # The stock one orthogonalises in bfloat16.
        assert torch.allclose(mine, other, atol=2e-3) and not torch.equal(mine, other)
