"""Prompts beyond what a text encoder reads: what is cut off, and that it is said."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tiny_pipelines as tiny
import torch
from conftest import settings_for
from diffusers import StableDiffusionPipeline, ZImagePipeline
from fake_server import FakeServer
from gems import Session
from gems.app.cli import app
from gems.models.pictures.diffusers.adapter import DiffusersGenerator
from gems.models.pictures.generator import Draw, Picture
from gems.models.pictures.presets import Preset
from gems.settings import Settings
from typer.testing import CliRunner

SMALL = Preset(size=(16, 16), steps=2, guidance=2.0)
TEMPLATE = "<user>{% for message in messages %}{{ message['content'] }}{% endfor %}<assistant>"


def templated_z_image() -> ZImagePipeline:
    pipeline = tiny.z_image()
    pipeline.tokenizer.chat_template = TEMPLATE
    return pipeline


QWEN_LENGTH = 256
QWEN_TEMPLATE = len(tiny.qwen_image().prompt_template_encode.partition("{}")[0])
"""Tokens of the tiny tokenizer, of which the pipeline drops the 34 that they are in the real one's."""
FAMILIES = {
    "z-image": (tiny.z_image, SMALL.model_copy(update={"call": {"max_sequence_length": 64}}), 64),
    "z-image with a template": (
        templated_z_image,
        SMALL.model_copy(update={"call": {"max_sequence_length": 64}}),
        64 - len("<user>"),
    ),
    "qwen-image": (
        tiny.qwen_image,
        SMALL.model_copy(update={"guidance": 4.0, "call": {"max_sequence_length": QWEN_LENGTH}}),
        QWEN_LENGTH + 34 - QWEN_TEMPLATE,
    ),
    "stable-diffusion": (tiny.stable_diffusion, Preset(steps=2, guidance=5.0), 22),
}


@pytest.fixture(params=FAMILIES)
def family(request: pytest.FixtureRequest) -> Iterator[tuple[DiffusersGenerator, int]]:
    build, preset, room = FAMILIES[request.param]
    generator = DiffusersGenerator(
        pipeline=build(), settings=Settings(home=Path("unused")), preset=preset
    )
    yield generator, room
    generator.close()


def draw(generator: DiffusersGenerator, *prompts: str) -> list[Picture]:
    return asyncio.run(generator.draw([Draw(prompt, 1) for prompt in prompts]))


def encoded(generator: DiffusersGenerator, room: int, prompt: str) -> torch.Tensor:
    """What the pipeline's text encoder hands to the model that draws."""
    pipeline: Any = generator._pipeline
    if isinstance(pipeline, StableDiffusionPipeline):
        found = pipeline.encode_prompt(prompt, "cpu", 1, False)[0]
    else:
        length = 64 if isinstance(pipeline, ZImagePipeline) else QWEN_LENGTH
        found = pipeline.encode_prompt(prompt, max_sequence_length=length)[0]
    return found[0].detach()


def test_the_last_token_that_counts_counts_and_nothing_is_said(
    family: tuple[DiffusersGenerator, int],
) -> None:
    generator, room = family
    prompts = "a" * room, "a" * (room - 1) + "z"
    assert not torch.equal(*(encoded(generator, room, prompt) for prompt in prompts))
    assert [picture.notes for picture in draw(generator, *prompts)] == [(), ()]


def test_what_is_beyond_has_no_effect_and_that_is_said(
    family: tuple[DiffusersGenerator, int],
) -> None:
    generator, room = family
    prompts = "a" * room + "b", "a" * room + "zz"
    assert torch.equal(*(encoded(generator, room, prompt) for prompt in prompts))
    one, other = draw(generator, *prompts)
    assert one.notes == (
        f"the prompt has {room + 1} tokens and the model reads {room}: what comes after has no effect "
        "('b'); shorten it or put that first",
    )
    assert other.notes[0].startswith(f"the prompt has {room + 2} tokens")


def test_the_card_tells_writers_the_exact_limit(family: tuple[DiffusersGenerator, int]) -> None:
    generator, room = family
    assert generator.card.for_writers()["prompt_tokens"] == room


def test_a_long_end_is_shortened_in_one_line(family: tuple[DiffusersGenerator, int]) -> None:
    generator, room = family
    (picture,) = draw(generator, "a" * room + "\nq" * 300)
    assert len(picture.notes[0]) < 260 and "\n" not in picture.notes[0]


def test_the_limit_of_a_folder_is_told_before_it_is_loaded(tmp_path: Path) -> None:
    folder = tiny.save(tiny.stable_diffusion(), tmp_path / "sd", steps=2)
    generator = DiffusersGenerator.open(f"diffusers:{folder}", Settings(home=tmp_path))
    assert generator.card.prompt_tokens == 22


def test_a_tokenizer_that_cannot_be_asked_costs_no_picture() -> None:
    pipeline = tiny.stable_diffusion()
    pipeline.tokenizer.num_special_tokens_to_add = None
    generator = DiffusersGenerator(pipeline=pipeline, settings=Settings(home=Path("unused")))
    assert draw(generator, "a" * 99)[0].notes == ()
    generator.close()


def test_the_widest_of_several_encoders_counts() -> None:
    pipeline = tiny.stable_diffusion()
    pipeline.tokenizer_2 = tiny.byte_tokenizer()
    pipeline.tokenizer_2.model_max_length = 40
    generator = DiffusersGenerator(pipeline=pipeline, settings=Settings(home=Path("unused")))
    assert generator.card.prompt_tokens == 40
    pipeline.tokenizer_2.model_max_length = 10**30
    again = DiffusersGenerator(pipeline=pipeline, settings=Settings(home=Path("unused")))
    assert draw(again, "a" * 99)[0].notes == ()
    again.close()


# In a run


def test_a_run_warns_and_the_refiner_is_told_the_limit(server: FakeServer, tmp_path: Path) -> None:
    server.conversation.succeed_in = 99
    generator = DiffusersGenerator(pipeline=tiny.stable_diffusion(), settings=Settings(home=tmp_path))
    with Session(settings_for(server, tmp_path / "home"), generator=generator) as session:
        result = session.generate("cat " * 12, rounds=2, memory=False)
    first = "round 1: the prompt has 36 tokens and the model reads 22: what comes after has no effect"
    assert any(warning.startswith(first) for warning in result["warnings"]), result["warnings"]
    refined = next(call for call in server.calls if call.kind == "refiner")
    assert '"prompt_tokens":22' in json.dumps(refined.body).replace('\\"', '"')
    generator.close()


@pytest.mark.parametrize("words", [12, 40])
def test_the_command_line_says_what_was_not_read(
    tmp_path: Path, server: FakeServer, monkeypatch: pytest.MonkeyPatch, words: int
) -> None:
    folder = tiny.save(tiny.stable_diffusion(), tmp_path / "sd", steps=1, size=[16, 16])
    monkeypatch.setenv("GEMS_MLLM", "openai:fake")
    monkeypatch.setenv("GEMS_MLLM_BASE_URL", server.base_url)
    monkeypatch.setenv("GEMS_GENERATOR", f"diffusers:{folder}")
    prompt = " ".join(["cat"] * words)
    result = CliRunner().invoke(app, ["generate", prompt, "--rounds", "1"], env={"COLUMNS": "400"})
    assert result.exit_code == 0, result.output
    assert f"has {3 * words} tokens and the model reads 22" in " ".join(result.output.split())
