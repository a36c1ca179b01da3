"""Published settings, and those of a model folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from gems.errors import RefusedError
from gems.models.pictures.presets import PUBLISHED, own_preset, preset_for


@pytest.mark.parametrize(
    ("model", "kind", "size", "steps", "guidance"),
    [
        ("Tongyi-MAI/Z-Image-Turbo", "ZImagePipeline", (1024, 1024), 9, 0.0),
        ("Tongyi-MAI/Z-Image", "ZImagePipeline", (1024, 1024), 50, 4.0),
        ("/models/mine", "ZImagePipeline", (1024, 1024), 9, 0.0),
        ("Qwen/Qwen-Image-2512", "QwenImagePipeline", (1328, 1328), 50, 4.0),
        ("Qwen/Qwen-Image", "QwenImagePipeline", (1328, 1328), 50, 4.0),
        ("black-forest-labs/FLUX.1-schnell", "FluxPipeline", (1024, 1024), 4, 0.0),
        (
            "/c/models--stabilityai--sdxl-turbo/snapshots/ab",
            "StableDiffusionXLPipeline",
            (512, 512),
            1,
            0.0,
        ),
        ("/turbo/sdxl", "StableDiffusionXLPipeline", None, 30, 5.0),
        ("z-image-turbo", "SomeOtherPipeline", None, None, None),
    ],
)
def test_published_settings_go_by_class_and_name(
    model: str, kind: str, size: Any, steps: int | None, guidance: float | None
) -> None:
    preset = preset_for(model, kind)
    assert (preset.size, preset.steps, preset.guidance) == (size, steps, guidance)


def test_every_qwen_image_gets_the_blank_negative_prompt_its_guidance_needs() -> None:
    preset = preset_for("Qwen/Qwen-Image-2512", "QwenImagePipeline")
    assert preset.call == {"negative_prompt": " "}


def test_every_class_has_settings_for_names_nobody_knows() -> None:
    assert all("" in presets for presets in PUBLISHED.values())


def test_a_folders_own_settings_come_first(tmp_path: Path) -> None:
    folder = tmp_path / "z-image-turbo"
    folder.mkdir()
    (folder / "gems.json").write_text('{"steps": 12, "size": [64, 32], "call": {"eta": 1}}')
    preset = preset_for(str(folder), "ZImagePipeline")
    assert (preset.steps, preset.size, preset.guidance) == (12, (64, 32), None)
    assert preset.call == {"eta": 1}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"stepps": 3}', "stepps"),
        ('{"size": [64]}', "size.1"),
        ('{"size": [0, 64]}', "size.0"),
        ('{"sigmas": []}', "sigmas"),
        ('{"enlarge": 1.5}', "enlarge"),
        ("[]", "the file"),
        ("{", "the file"),
        ("", "the file"),
    ],
)
def test_settings_that_are_off_are_named_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "gems.json").write_text(text)
    with pytest.raises(RefusedError) as caught:
        own_preset(tmp_path)
    message = str(caught.value)
    assert f"{says}:" in message
    assert "gems.json" in message
    assert "\n" not in message


def test_a_folder_without_settings_has_none(tmp_path: Path) -> None:
    assert own_preset(tmp_path) is None
