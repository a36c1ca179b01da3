"""The untrained embedded generator: a stock ZImagePipeline at a tiny size, and its file layout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import (
    AutoencoderKL,
    UniPCMultistepScheduler,
    ZImagePipeline,
    ZImageTransformer2DModel,
)
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3Model

from ..models.embedded.world import PICTURE

CAPTION_TOKENS = 32
WIDTH = 256
SHIFT = 6.0
COMPOSING_STEPS = 16
LAST = 0.2
"""The noise level before the last step."""
ENLARGE = 6
PROMPT_STYLE = (
    'the objects as counts, colours and kinds, for example "two blue cats and a red house", or a '
    'layout that gives each one a cell; letters as "the word CAT"'
)
GUIDANCE = 0.0


def as_pipelines_want(core: Tokenizer) -> PreTrainedTokenizerFast:
    """A tokenizer that pads captions to one length and takes them as they are for a chat."""
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        pad_token="[pad]",
        unk_token="[unk]",
        bos_token="[start]",
        padding_side="right",
        model_max_length=CAPTION_TOKENS,
        chat_template="{% for message in messages %}{{ message['content'] }}{% endfor %}",
    )


def build_text_encoder(vocabulary: int) -> Qwen3Model:
    """The pipeline reads the last hidden state but one; with one layer that is the word embedding,
    and the transformer's own context refiner does the reading."""
    config = Qwen3Config(
        vocab_size=vocabulary,
        hidden_size=WIDTH,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=16,
        max_position_embeddings=64,
    )
    return Qwen3Model(config)


def build_transformer() -> ZImageTransformer2DModel:
    """Six layers of width 256, one refiner each for text and picture; about 9 M parameters."""
    model = ZImageTransformer2DModel(
        in_channels=16,
        dim=WIDTH,
        n_layers=6,
        n_refiner_layers=1,
        n_heads=8,
        n_kv_heads=8,
        cap_feat_dim=WIDTH,
        rope_theta=8.0,
        t_scale=1000.0,
        axes_dims=[8, 12, 12],
        axes_lens=[128, 16, 16],
    )
    initialise(model)
    return model


def initialise(model: ZImageTransformer2DModel) -> None:
    """Starts modulation at "no scale, gates half open" and the padding tokens at random."""
    for layer in [*model.noise_refiner, *model.layers]:
        linear = layer.adaLN_modulation[0]
        torch.nn.init.zeros_(linear.weight)
        torch.nn.init.zeros_(linear.bias)
        with torch.no_grad():
            for gate in (1, 3):
                linear.bias[gate * WIDTH : (gate + 1) * WIDTH] = 0.4
    for final in model.all_final_layer.values():
        torch.nn.init.zeros_(final.adaLN_modulation[1].weight)
        torch.nn.init.zeros_(final.adaLN_modulation[1].bias)
        torch.nn.init.zeros_(final.linear.weight)
        torch.nn.init.zeros_(final.linear.bias)
    torch.nn.init.normal_(model.x_pad_token, std=0.5)
    torch.nn.init.normal_(model.cap_pad_token, std=0.5)


def build_scheduler() -> UniPCMultistepScheduler:
    """Flow matching with the clean picture predicted (``sample``), second order. The noise shift is
    in the sigmas of ``gems.json``, so none is applied here."""
    return UniPCMultistepScheduler(
        prediction_type="sample", use_flow_sigmas=True, flow_shift=1.0, solver_order=2
    )


def sigmas() -> list[float]:
    """Noise levels from 1 down: t = shift u / (1 + (shift - 1) u) for even u, then the last one."""
    u = np.linspace(1.0, 1.0 / COMPOSING_STEPS, COMPOSING_STEPS)
    levels = SHIFT * u / (1 + (SHIFT - 1) * u)
    return [*(round(float(t), 6) for t in levels if t > LAST), LAST]


def assemble(
    transformer: ZImageTransformer2DModel,
    text_encoder: Qwen3Model,
    vae: AutoencoderKL,
    tokenizer: PreTrainedTokenizerFast,
) -> ZImagePipeline:
    """The stock pipeline around trained parts, with the scheduler that belongs to them."""
    return ZImagePipeline(
        scheduler=build_scheduler(),
        vae=vae,
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        transformer=transformer,
    )


def settings() -> dict[str, Any]:
    """What ``gems.json`` says of the pipeline."""
    return {
        "steps": len(sigmas()),
        "guidance": GUIDANCE,
        "size": [PICTURE, PICTURE],
        "enlarge": ENLARGE,
        "batch": 24,
        "sigmas": sigmas(),
        "call": {"max_sequence_length": CAPTION_TOKENS},
        "card": {
            "family": "embedded",
            "prompt_tokens": CAPTION_TOKENS,
            "languages": ["en"],
            "prompt_style": PROMPT_STYLE,
        },
    }


def export(pipeline: ZImagePipeline, out: Path) -> None:
    """Writes the pipeline in half precision, with the ``settings`` that belong to it beside it."""
    pipeline.to(torch.float16)
    pipeline.save_pretrained(out)
    for path in out.glob("*/config.json"):
        config = json.loads(path.read_text(encoding="utf-8"))
        config.pop("_name_or_path", None)  # a path on the machine that trained it
        path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    (out / "gems.json").write_text(json.dumps(settings(), indent=1) + "\n")
