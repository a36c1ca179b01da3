"""The diffusers adapter over real pipelines at tiny size."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_pipelines as tiny
import torch
from diffusers import QwenImagePipeline, ZImagePipeline
from diffusers_bench import (
    FAMILIES,
    LONG,
    SHORT,
    difference,
    one_line,
    record_calls,
    run,
)
from gems.errors import AnswerError, InputError, RefusedError
from gems.models.pictures.diffusers.adapter import DiffusersGenerator
from gems.models.pictures.diffusers.call import guidance_name, interpolate_sigmas
from gems.models.pictures.generator import Draw, Picture
from gems.settings import Settings

# Pictures


@pytest.mark.parametrize("family", FAMILIES)
def test_a_seed_gives_the_same_picture_alone_and_among_others(
    opened: dict[str, DiffusersGenerator], family: str
) -> None:
    generator = opened[family]
    draws = [Draw(SHORT, 1), Draw(LONG, 2), Draw("dog", 3)]

    together = run(generator.draw(draws))
    alone = [run(generator.draw([draw]))[0] for draw in draws[:2]]

    side = 64 if family == "enlarged" else 16
    assert together[0].shape == (side, side, 3)
    assert difference(alone[0], together[0]) <= 2
    assert difference(alone[1], together[1]) <= 2


@pytest.mark.parametrize("family", FAMILIES)
def test_prompt_and_seed_both_show(opened: dict[str, DiffusersGenerator], family: str) -> None:
    draws = [Draw(SHORT, 1), Draw(SHORT, 1), Draw(LONG, 1), Draw(SHORT, 2)]
    first, again, other_prompt, other_seed = run(opened[family].draw(draws[:3])) + run(
        opened[family].draw(draws[3:])
    )
    assert difference(first, again) <= 2
    assert difference(first, other_prompt) > 2
    assert difference(first, other_seed) > 2


def test_a_picture_carries_its_seed_even_beyond_what_torch_takes(
    opened: dict[str, DiffusersGenerator],
) -> None:
    seeds = [7, -1, 2**70]
    pictures = asyncio.run(opened["z-image"].draw([Draw(SHORT, seed) for seed in seeds]))
    assert [picture.seed for picture in pictures] == seeds


def test_nothing_to_draw_is_nothing_drawn(opened: dict[str, DiffusersGenerator]) -> None:
    assert asyncio.run(opened["z-image"].draw([])) == []


# Sizes


def test_a_requested_size_is_drawn(opened: dict[str, DiffusersGenerator]) -> None:
    (picture,) = run(opened["z-image"].draw([Draw(SHORT, 1, width=24)]))
    assert picture.shape == (16, 24, 3)


@pytest.mark.parametrize("size", [(16, 16), (32, None), (None, 48)])
def test_a_model_of_one_size_enlarges_by_whole_numbers(
    opened: dict[str, DiffusersGenerator], size: tuple[int | None, int | None]
) -> None:
    (picture,) = run(opened["enlarged"].draw([Draw(SHORT, 1, *size)]))
    side = size[0] or size[1]
    assert picture.shape == (side, side, 3)


@pytest.mark.parametrize(
    ("family", "size", "says"),
    [
        ("z-image", (18, 16), "16 or 20"),
        ("qwen-image", (16, 1), "8 or 16"),
        ("enlarged", (40, 40), "64x64"),
        ("enlarged", (32, 64), "64x64"),
        ("enlarged", (8, 8), "64x64"),
        ("enlarged", (16_000, None), "64x64"),
    ],
)
def test_a_size_it_cannot_draw_is_refused_and_spoils_no_other(
    opened: dict[str, DiffusersGenerator], family: str, size: tuple[int, int | None], says: str
) -> None:
    async def both() -> tuple[list[Picture] | BaseException, ...]:
        good = opened[family].draw([Draw(SHORT, 1)])
        bad = opened[family].draw([Draw(SHORT, 1, *size)])
        return await asyncio.gather(good, bad, return_exceptions=True)

    pictures, error = asyncio.run(both())
    assert isinstance(pictures, list) and len(pictures) == 1
    assert isinstance(error, InputError)
    assert says in one_line(error)


# Devices and memory


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_settings_choose_the_dtype(folders: dict[str, Path], tmp_path: Path, dtype: Any) -> None:
    settings = Settings(home=tmp_path, dtype=dtype, device="cpu")
    generator = DiffusersGenerator.open(f"diffusers:{folders['stable-diffusion']}", settings)
    assert len(run(generator.draw([Draw(SHORT, 1)]))) == 1
    assert generator._ready is not None
    assert generator._ready[0].unet.dtype is getattr(torch, dtype)
    generator.close()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"device": "tpu"}, "GEMS_DEVICE=tpu"),
        ({"device": "cpu:x"}, "GEMS_DEVICE=cpu:x"),
        ({"device": "cpu", "offload": "model"}, "GEMS_OFFLOAD=model"),
        ({"device": "cpu", "offload": "sequential"}, "GEMS_OFFLOAD=sequential"),
    ],
)
def test_a_device_that_is_not_there_is_refused(
    folders: dict[str, Path], tmp_path: Path, settings: dict[str, Any], says: str
) -> None:
    generator = DiffusersGenerator.open(
        f"diffusers:{folders['z-image']}", Settings(home=tmp_path, **settings)
    )
    with pytest.raises(RefusedError) as caught:
        asyncio.run(generator.draw([Draw(SHORT, 1)]))
    assert says in one_line(caught.value)
    generator.close()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_a_cuda_that_torch_lacks_is_refused(tmp_path: Path) -> None:
    generator = DiffusersGenerator("owner/name", Settings(home=tmp_path, device="cuda:0"))
    with pytest.raises(RefusedError, match="GEMS_DEVICE=cuda:0"):
        asyncio.run(generator.check())


def test_too_little_memory_comes_with_advice(hand_in: Callable[..., DiffusersGenerator]) -> None:
    pipeline = tiny.z_image()
    generator = hand_in(pipeline)
    hook = pipeline.transformer.register_forward_pre_hook(lambda *_: torch.empty(2**50) and None)
    with pytest.raises(RefusedError) as caught:
        asyncio.run(generator.draw([Draw(SHORT, 1)]))
    assert "GEMS_OFFLOAD=model" in one_line(caught.value)
    hook.remove()
    assert len(run(generator.draw([Draw(SHORT, 1)]))) == 1


def test_numbers_that_are_no_colours_are_an_error(hand_in: Callable[..., DiffusersGenerator]) -> None:
    pipeline = tiny.z_image()
    with torch.no_grad():
        pipeline.transformer.x_pad_token.fill_(float("nan"))
        pipeline.transformer.cap_pad_token.fill_(float("nan"))
    with pytest.raises(AnswerError) as caught:
        asyncio.run(hand_in(pipeline).draw([Draw(SHORT, 5)]))
    assert "seed 5" in one_line(caught.value)


# Presets


def test_qwen_image_is_given_the_blank_negative_prompt_it_needs(
    opened: dict[str, DiffusersGenerator], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = record_calls(monkeypatch, QwenImagePipeline)
    asyncio.run(opened["qwen-image"].draw([Draw(SHORT, 1), Draw(LONG, 2)]))
    assert calls[0]["negative_prompt"] == [" ", " "]
    assert calls[0]["true_cfg_scale"] == 4.0
    assert "guidance_scale" not in calls[0]


def test_only_qwen_image_names_its_guidance_otherwise() -> None:
    # Flux has both names; its true_cfg_scale without a negative prompt would do nothing.
    assert guidance_name(type("FluxPipeline", (), {})()) == "guidance_scale"


def test_settings_come_before_the_preset(
    hand_in: Callable[..., DiffusersGenerator], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = record_calls(monkeypatch, ZImagePipeline)
    generator = hand_in(tiny.z_image(), generator_steps=2, generator_guidance=0.0)
    asyncio.run(generator.draw([Draw(SHORT, 1)]))
    assert (calls[0]["num_inference_steps"], calls[0]["guidance_scale"]) == (2, 0.0)


def test_other_steps_keep_the_curve_of_the_models_own_sigmas(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, generator_steps=5)
    generator = DiffusersGenerator.open(f"diffusers:{folders['enlarged']}", settings)
    steps: list[int] = []
    asyncio.run(generator.draw([Draw(SHORT, 1)], lambda done, total: steps.append(total)))
    assert steps == [5] * 5
    generator.close()
    np.testing.assert_allclose(interpolate_sigmas([1.0, 0.75, 0.5, 0.25], 2), [1.0, 0.5])
    assert interpolate_sigmas([1.0, 0.8], 2).dtype == np.float32
