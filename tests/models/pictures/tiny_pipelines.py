"""Pipelines of three families: stock classes, a few thousand random weights each, nothing downloaded.

The weights are drawn wide enough that prompt and seed both show in the picture.
"""

# Diffusers declares narrower types than it takes: tuples of one, no None, the slow tokenizers only.
# pyright: reportArgumentType=false

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderKLQwenImage,
    DiffusionPipeline,
    FlowMatchEulerDiscreteScheduler,
    PNDMScheduler,
    QwenImagePipeline,
    QwenImageTransformer2DModel,
    StableDiffusionPipeline,
    UNet2DConditionModel,
    UniPCMultistepScheduler,
    ZImagePipeline,
    ZImageTransformer2DModel,
)
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTokenizer,
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen3Config,
    Qwen3Model,
)

BYTES = sorted(pre_tokenizers.ByteLevel.alphabet())
SIDE = 16


def byte_tokenizer(**more: Any) -> PreTrainedTokenizerFast:
    """One token a byte, so that prompts of other lengths have other numbers of tokens."""
    words = ["<pad>", "<unk>", *BYTES]
    core = Tokenizer(models.BPE({word: i for i, word in enumerate(words)}, [], unk_token="<unk>"))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=core, pad_token="<pad>", unk_token="<unk>", model_max_length=1100, **more
    )


def tiny_vae(latent_channels: int) -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(8, 16),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        latent_channels=latent_channels,
        layers_per_block=1,
        norm_num_groups=4,
        shift_factor=0.1,
        scaling_factor=0.4,
        use_quant_conv=False,
        use_post_quant_conv=False,
    )


def z_image(scheduler: Any = None) -> ZImagePipeline:
    torch.manual_seed(1)
    text = Qwen3Config(
        vocab_size=300,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=8,
        max_position_embeddings=128,
    )
    transformer = ZImageTransformer2DModel(
        in_channels=4,
        dim=16,
        n_layers=2,
        n_refiner_layers=1,
        n_heads=2,
        n_kv_heads=2,
        cap_feat_dim=16,
        axes_dims=[4, 2, 2],
        axes_lens=[256, 32, 32],
    )
    return ZImagePipeline(
        scheduler=scheduler or FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=lively(tiny_vae(4)),
        text_encoder=lively(Qwen3Model(text)),
        tokenizer=byte_tokenizer(
            padding_side="right",
            chat_template="{% for message in messages %}{{ message['content'] }}{% endfor %}",
        ),
        transformer=lively(transformer),
    )


def qwen_image(padding_side: str = "right") -> QwenImagePipeline:
    torch.manual_seed(2)
    text = Qwen2_5_VLConfig(
        text_config={
            "vocab_size": 300,
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "num_key_value_heads": 2,
            "rope_parameters": {
                "mrope_section": [1, 1, 2],
                "rope_type": "default",
                "rope_theta": 10000.0,
            },
            "bos_token_id": None,
            "eos_token_id": None,
        },
        vision_config={
            "depth": 1,
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_heads": 2,
            "out_hidden_size": 16,
        },
    )
    transformer = QwenImageTransformer2DModel(
        patch_size=2,
        in_channels=16,
        out_channels=4,
        num_layers=2,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=16,
        axes_dims_rope=(8, 4, 4),
    )
    vae = AutoencoderKLQwenImage(
        base_dim=8,
        z_dim=4,
        dim_mult=[1, 2, 4],
        num_res_blocks=1,
        temperal_downsample=[False, True],
        latents_mean=[0.0] * 4,
        latents_std=[1.0] * 4,
    )
    return QwenImagePipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=lively(vae),
        text_encoder=lively(Qwen2_5_VLForConditionalGeneration(text)),
        tokenizer=byte_tokenizer(padding_side=padding_side),
        transformer=lively(transformer),
    )


def stable_diffusion() -> StableDiffusionPipeline:
    torch.manual_seed(3)
    words = ["<|startoftext|>", "<|endoftext|>", *BYTES, *(f"{byte}</w>" for byte in BYTES)]
    tokenizer = CLIPTokenizer(
        vocab={word: i for i, word in enumerate(words)}, merges=[], model_max_length=24
    )
    text = CLIPTextConfig(
        vocab_size=len(words),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=24,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
    unet = UNet2DConditionModel(
        sample_size=SIDE // 2,
        block_out_channels=(8, 16),
        layers_per_block=1,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=16,
        attention_head_dim=2,
        norm_num_groups=4,
    )
    return StableDiffusionPipeline(
        vae=lively(tiny_vae(4)),
        text_encoder=lively(CLIPTextModel(text)),
        tokenizer=tokenizer,
        unet=lively(unet),
        scheduler=PNDMScheduler(beta_schedule="scaled_linear", skip_prk_steps=True, steps_offset=1),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def lively(model: Any) -> Any:
    """Widens the weights of linear layers: at their usual scale a tiny model ignores its prompt."""
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, torch.nn.Linear):
                module.weight.normal_(0.0, 1.5 * module.in_features**-0.5)
    return model.eval()


def save(pipeline: DiffusionPipeline, folder: Path, **own: Any) -> Path:
    """The pipeline as a folder with its ``gems.json``."""
    pipeline.save_pretrained(folder)
    (folder / "gems.json").write_text(json.dumps(own))
    return folder


def save_all(root: Path) -> dict[str, Path]:
    """A folder of each family; ``enlarged`` is built as the packaged model is."""
    size = (SIDE, SIDE)
    unipc = UniPCMultistepScheduler(prediction_type="sample", use_flow_sigmas=True, flow_shift=1.0)
    call = {"max_sequence_length": 64}
    return {
        "z-image": save(z_image(), root / "z", size=size, steps=3, guidance=2.0, call=call),
        "qwen-image": save(
            qwen_image(), root / "q", size=size, steps=3, guidance=4.0, call={"negative_prompt": " "}
        ),
        "stable-diffusion": save(stable_diffusion(), root / "s", steps=3, guidance=5.0),
        "enlarged": save(
            z_image(unipc),
            root / "e",
            size=size,
            steps=3,
            sigmas=[1.0, 0.8, 0.5],
            guidance=1.5,
            enlarge=4,
            batch=3,
            call=call,
        ),
    }
