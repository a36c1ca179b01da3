"""What a card says of published models, of folders, and of servers."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import settings_for
from fake_server import Answer, Call, FakeServer
from gems.errors import InputError
from gems.models.pictures.card import Card
from gems.models.pictures.diffusers.adapter import DiffusersGenerator
from gems.models.pictures.families import BY_CLASS, BY_NAME
from gems.models.pictures.generator import Draw
from gems.models.pictures.presets import PUBLISHED, own_preset
from gems.models.registry import open_generator
from gems.settings import Settings


def card_of(spec: str, **settings: Any) -> Card:
    return open_generator(spec, Settings(home=Path("unused"), **settings)).card


def pipeline_folder(root: Path, kind: str, own: dict[str, Any] | None = None, **vae: Any) -> str:
    """A model folder that has everything but weights."""
    folder = root / "model"
    (folder / "vae").mkdir(parents=True)
    (folder / "model_index.json").write_text(json.dumps({"_class_name": kind}))
    (folder / "vae" / "config.json").write_text(json.dumps(vae))
    if own is not None:
        (folder / "gems.json").write_text(json.dumps(own))
    return f"diffusers:{folder}"


@pytest.mark.parametrize(
    ("spec", "family", "tokens", "negative"),
    [
        ("diffusers:Tongyi-MAI/Z-Image-Turbo", "Z-Image", 512, False),
        ("diffusers:Tongyi-MAI/Z-Image", "Z-Image", 512, True),
        ("diffusers:Qwen/Qwen-Image-2512", "Qwen-Image", 512, True),
        ("diffusers:black-forest-labs/FLUX.1-dev", "FLUX.1", 512, False),
        ("diffusers:black-forest-labs/FLUX.1-schnell", "FLUX.1", 256, False),
        ("diffusers:stabilityai/stable-diffusion-xl-base-1.0", "Stable Diffusion XL", 75, True),
        ("diffusers:stabilityai/sdxl-turbo", "Stable Diffusion XL", 75, False),
        ("diffusers:stabilityai/stable-diffusion-3.5-large", "Stable Diffusion 3", 256, True),
        ("diffusers:someone/stable-diffusion-v1-5", "Stable Diffusion", 75, True),
        ("diffusers:Qwen/Qwen-Image-Edit", "", None, False),
        ("diffusers:owner/never-heard-of", "", None, False),
    ],
)
def test_a_hubs_model_is_known_by_its_published_name(
    spec: str, family: str, tokens: int | None, negative: bool
) -> None:
    card = card_of(spec)
    assert (card.name, card.family, card.prompt_tokens) == (spec, family, tokens)
    assert ("negative_prompt" in card.abilities) is negative
    assert card.abilities <= {"seed", "negative_prompt"}


@pytest.mark.parametrize("guidance", [0.0, 1.0, 3.0])
def test_a_negative_prompt_counts_only_while_the_guidance_is_on(guidance: float) -> None:
    # Z-Image's guidance is on above 0, the others' above 1.
    z_image = card_of("diffusers:Tongyi-MAI/Z-Image-Turbo", generator_guidance=guidance)
    qwen = card_of("diffusers:Qwen/Qwen-Image", generator_guidance=guidance)
    assert ("negative_prompt" in z_image.abilities) is (guidance > 0)
    assert ("negative_prompt" in qwen.abilities) is (guidance > 1)


def test_a_folder_is_known_by_the_class_in_its_index(tmp_path: Path) -> None:
    spec = pipeline_folder(tmp_path, "QwenImagePipeline", temperal_downsample=[False, True, True])
    card = card_of(spec)
    assert (card.family, card.languages, card.size_multiple) == ("Qwen-Image", ("en", "zh"), 16)
    assert "torch" not in card.model_dump_json()


@pytest.mark.parametrize(
    ("kind", "multiple"),
    [("StableDiffusionXLPipeline", 8), ("StableDiffusion3Pipeline", 16), ("ZImagePipeline", 16)],
)
def test_sides_follow_from_the_depth_of_the_autoencoder(
    tmp_path: Path, kind: str, multiple: int
) -> None:
    spec = pipeline_folder(tmp_path, kind, block_out_channels=[8, 8, 8, 8])
    assert card_of(spec).size_multiple == multiple


def test_a_folders_own_card_comes_before_its_familys(tmp_path: Path) -> None:
    own = {"card": {"family": "mine", "languages": ["de"], "prompt_tokens": 99}, "batch": 3}
    card = card_of(pipeline_folder(tmp_path, "ZImagePipeline", own))
    assert (card.family, card.languages, card.prompt_tokens, card.batch) == ("mine", ("de",), 99, 3)
    assert card.prompt_style


@pytest.mark.parametrize("index", ["{", "[]", '{"_class_name": 3}'])
def test_a_broken_index_makes_a_card_that_knows_little(tmp_path: Path, index: str) -> None:
    spec = pipeline_folder(tmp_path, "ZImagePipeline")
    (tmp_path / "model" / "model_index.json").write_text(index)
    card = DiffusersGenerator(str(tmp_path / "model"), Settings(home=tmp_path), name=spec).card
    assert card == Card(name=spec, batch=4)


def test_the_embedded_generator_says_what_it_is() -> None:
    card = card_of("embedded")
    assert (card.name, card.family, card.prompt_tokens) == ("embedded", "embedded", 32)
    assert (card.languages, card.batch, card.abilities) == (("en",), 24, frozenset({"seed"}))
    assert (512, 512) in card.sizes and (512, 256) not in card.sizes
    assert "colours and kinds" in card.prompt_style


def test_a_gems_json_without_a_card_is_as_good_as_ever(tmp_path: Path) -> None:
    (tmp_path / "gems.json").write_text('{"steps": 3}')
    preset = own_preset(tmp_path)
    assert preset is not None and preset.card.family == ""


def test_every_published_class_has_facts_and_a_name() -> None:
    assert set(PUBLISHED) == set(BY_CLASS) == set(BY_NAME.values())


def test_a_servers_card_knows_the_family_and_finds_out_about_the_seed(
    server: FakeServer, tmp_path: Path
) -> None:
    def script(call: Call, number: int) -> Answer | None:
        return Answer("no parameter 'seed'", status=400) if "seed" in call.body else None

    server.image_script = script
    generator = open_generator("openai:Qwen/Qwen-Image", settings_for(server, tmp_path))
    before = generator.card
    assert (before.family, before.languages) == ("Qwen-Image", ("en", "zh"))
    assert (before.abilities, before.prompt_tokens) == (frozenset({"seed"}), None)
    asyncio.run(generator.draw([Draw("a cat", 1)]))
    assert generator.card.abilities == frozenset()


def test_openais_own_models_take_no_seed() -> None:
    assert card_of("openai:gpt-image-1", generator_api_key="k").abilities == frozenset()


# A real pipeline's guidance


@pytest.fixture
def tiny() -> Any:
    sys.path.insert(0, str(Path(__file__).parent))
    import tiny_pipelines

    return tiny_pipelines


@pytest.fixture
def open_tiny(tiny: Any, tmp_path: Path) -> Iterator[Callable[[str], DiffusersGenerator]]:
    folders = tiny.save_all(tmp_path)
    made: list[DiffusersGenerator] = []

    def opened(family: str) -> DiffusersGenerator:
        settings = Settings(home=tmp_path, device="cpu")
        made.append(DiffusersGenerator.open(f"diffusers:{folders[family]}", settings))
        return made[-1]

    yield opened
    for generator in made:
        generator.close()


def difference(one: bytes, other: bytes) -> int:
    import io

    from PIL import Image

    first, second = (np.asarray(Image.open(io.BytesIO(data))).astype(int) for data in (one, other))
    return int(np.abs(first - second).max())


@pytest.mark.parametrize("family", ["z-image", "qwen-image", "stable-diffusion"])
def test_a_negative_prompt_shows_and_changes_no_other_picture(
    open_tiny: Callable[[str], DiffusersGenerator], family: str
) -> None:
    generator = open_tiny(family)
    assert "negative_prompt" in generator.card.abilities
    plain, against = Draw("a cat", 1), Draw("a cat", 1, negative_prompt="a red hat and a dog")
    alone = asyncio.run(generator.draw([plain]))[0].data
    among, other = (picture.data for picture in asyncio.run(generator.draw([plain, against])))
    assert difference(alone, among) <= 2
    assert difference(alone, other) > 2


def test_a_card_learns_the_prompts_limit_alone_from_the_loaded_model(
    open_tiny: Callable[[str], DiffusersGenerator],
) -> None:
    for family in ("z-image", "qwen-image", "stable-diffusion", "enlarged"):
        generator = open_tiny(family)
        before = generator.card
        asyncio.run(generator.draw([Draw("a cat", 1)]))
        after = generator.card
        assert after.model_copy(update={"prompt_tokens": before.prompt_tokens}) == before


def test_what_a_pipeline_cannot_do_is_refused_before_it_is_loaded(
    open_tiny: Callable[[str], DiffusersGenerator], tmp_path: Path
) -> None:
    generator = open_tiny("z-image")
    with pytest.raises(InputError, match="edit"):
        asyncio.run(generator.draw([Draw("a cat", 1, source=tmp_path / "x.png")]))
    assert generator._ready is None
