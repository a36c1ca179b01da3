"""The stock transformer's computation for pictures of one size, without its lists: fast to compile.

``tests/training`` holds it against ``ZImageTransformer2DModel.forward``.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from diffusers import ZImageTransformer2DModel
from torch import Tensor, nn

from .pipeline import CAPTION_TOKENS

TOKENS = 16
PADDING = 16
"""The stock class pads the 16 picture tokens to a multiple of 32. All of these are the same at the
same position, and so stay the same through all layers: one of them is computed here, and counts 16
times in attention."""
KEPT = TOKENS + 1


def rope_tables(model: ZImageTransformer2DModel) -> tuple[Tensor, Tensor, Tensor]:
    """Cosines and sines, (49, head_dim / 2), of the 16 picture tokens, the padding and the 32 of text;
    and what is added to the scores of these keys, since the padding counts 16 times."""
    picture = [(CAPTION_TOKENS + 1, y, x) for y in range(4) for x in range(4)]
    positions = [*picture, (0, 0, 0), *((i + 1, 0, 0) for i in range(CAPTION_TOKENS))]
    turns = model.rope_embedder(torch.tensor(positions))
    bias = torch.zeros(len(positions))
    bias[TOKENS] = math.log(PADDING)
    return turns.real.contiguous(), turns.imag.contiguous(), bias


def rms(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """Root mean square normalisation over the last axis."""
    x = x.float()
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps) * weight


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary position embedding of (B, S, H, D), neighbouring pairs as complex numbers."""
    even, odd = x.float().unflatten(-1, (-1, 2)).unbind(-1)
    cos, sin = cos[:, None], sin[:, None]
    return torch.stack([even * cos - odd * sin, even * sin + odd * cos], -1).flatten(-2)


def attend(attention: nn.Module, x: Tensor, cos: Tensor, sin: Tensor, bias: Tensor) -> Tensor:
    """Self-attention with normalised, rotated queries and keys.

    Written out: on processors the gradient of the fused one takes longer than all the rest in bfloat16.
    """
    q, k, v = (
        project(x).unflatten(-1, (attention.heads, -1))
        for project in (attention.to_q, attention.to_k, attention.to_v)
    )
    q = rotate(rms(q, attention.norm_q.weight, 1e-5), cos, sin).to(v.dtype)
    k = rotate(rms(k, attention.norm_k.weight, 1e-5), cos, sin).to(v.dtype)
    q, k, v = (t.transpose(1, 2) for t in (q, k, v))
    scores = (q @ k.transpose(2, 3)).float() * q.shape[-1] ** -0.5 + bias
    out = scores.softmax(-1).to(v.dtype) @ v
    return attention.to_out[0](out.transpose(1, 2).flatten(2))


def block(
    layer: nn.Module, x: Tensor, cos: Tensor, sin: Tensor, bias: Tensor, c: Tensor | None
) -> Tensor:
    """One transformer block, modulated by the timestep embedding ``c`` where there is one."""
    one = torch.ones((), dtype=torch.float32)
    scale_a, gate_a, scale_f, gate_f = one, one, one, one
    if c is not None:
        scale_a, gate_a, scale_f, gate_f = layer.adaLN_modulation(c).float()[:, None].chunk(4, 2)
        scale_a, scale_f = 1 + scale_a, 1 + scale_f
        gate_a, gate_f = gate_a.tanh(), gate_f.tanh()
    h = attend(layer.attention, rms(x, layer.attention_norm1.weight, 1e-5) * scale_a, cos, sin, bias)
    x = x + gate_a * rms(h, layer.attention_norm2.weight, 1e-5)
    h = layer.feed_forward(rms(x, layer.ffn_norm1.weight, 1e-5) * scale_f)
    return x + gate_f * rms(h, layer.ffn_norm2.weight, 1e-5)


def predict(
    model: ZImageTransformer2DModel,
    latents: Tensor,
    t: Tensor,
    words: Tensor,
    mask: Tensor,
    tables: tuple[Tensor, Tensor, Tensor],
) -> Tensor:
    """What the transformer answers: minus the clean latents.

    Args:
        latents: (B, 16, 8, 8), noisy.
        t: (B,), the pipeline's timestep, 0 at pure noise.
        words: (B, 32, width) word embeddings; ``mask`` (B, 32) is true where there is a word.
        tables: from ``rope_tables``.
    """
    batch = len(latents)
    cos, sin, bias = tables
    c = model.t_embedder.mlp(model.t_embedder.timestep_embedding(t * model.t_scale, 256))
    patches = latents.view(batch, 16, 4, 2, 4, 2).permute(0, 2, 4, 3, 5, 1).reshape(batch, 16, 64)
    x = model.all_x_embedder["2-1"](patches).float()
    x = torch.cat([x, model.x_pad_token.expand(batch, 1, -1)], 1)
    for layer in model.noise_refiner:
        x = block(layer, x, cos[:KEPT], sin[:KEPT], bias[:KEPT], c)
    norm, linear = model.cap_embedder
    text = linear(rms(words, norm.weight, 1e-5)).float()
    text = torch.where(mask[..., None], text, model.cap_pad_token)
    for layer in model.context_refiner:
        text = block(layer, text, cos[KEPT:], sin[KEPT:], bias[KEPT:], None)
    h = torch.cat([x, text], 1)
    for layer in model.layers:
        h = block(layer, h, cos, sin, bias, c)
    final = model.all_final_layer["2-1"]
    h = F.layer_norm(h[:, :TOKENS], h.shape[-1:], eps=1e-6)
    h = final.linear(h * (1 + final.adaLN_modulation(c)[:, None])).float()
    return h.view(batch, 4, 4, 2, 2, 16).permute(0, 5, 1, 3, 2, 4).reshape(batch, 16, 8, 8)
