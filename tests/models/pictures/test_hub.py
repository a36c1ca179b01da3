"""Models of a hub that has weights of a variant alone: fetched, and opened again without the hub."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import tiny_pipelines as tiny
from hub_server import Hub

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
DRAW = """
import asyncio
from pathlib import Path
from gems.models.pictures.generator import Draw
from gems.models.registry import open_generator
from gems.settings import Settings
generator = open_generator("diffusers:owner/name", Settings(home=Path("."), device="cpu"))
print(len(asyncio.run(generator.draw([Draw("a cat", 1)]))), "drawn")
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save(tiny.stable_diffusion(), tmp_path_factory.mktemp("hub") / "sd", steps=1)


@pytest.fixture
def hub(whole: Path, tmp_path: Path) -> Iterator[Hub]:
    with Hub(Path(shutil.copytree(whole, tmp_path / "repository"))) as running:
        yield running


def rename(folder: Path, variant: str, *parts: str) -> None:
    for part in parts:
        for path in (folder / part).glob("*.safetensors"):
            path.rename(path.with_suffix(f".{variant}.safetensors"))


def draw(hub: Hub, tmp_path: Path, **more: str) -> str:
    """What a process says that draws with ``owner/name``."""
    proxies = {name: "" for name in os.environ if name.lower().endswith("_proxy")}
    places = {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "cache"), "HF_HUB_DISABLE_XET": "1"}
    done = subprocess.run(
        [sys.executable, "-c", DRAW],
        env={**os.environ, **proxies, **places, **more},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    return done.stdout + (done.stderr if done.returncode else "")


@pytest.mark.parametrize(
    ("variant", "parts"),
    [
        ("", ()),
        ("fp16", ("unet", "vae", "text_encoder")),
        ("fp16", ("unet",)),
        ("fp16", ("text_encoder",)),
    ],
)
def test_a_model_is_fetched_and_opened_again_without_the_hub(
    hub: Hub, tmp_path: Path, variant: str, parts: tuple[str, ...]
) -> None:
    rename(hub.folder, variant, *parts)
    assert draw(hub, tmp_path) == "1 drawn\n"
    weights = [name for name in hub.sent if name.endswith(".safetensors")]
    assert len(weights) == len(set(weights)) and sum(".fp16." in name for name in weights) == len(parts)
    fetched = len(hub.sent)
    assert draw(hub, tmp_path, HF_HUB_OFFLINE="1") == "1 drawn\n"
    assert len(hub.sent) == fetched


@pytest.mark.parametrize("part", ["unet"])
def test_weights_that_the_hub_does_not_have_are_told_in_one_line(
    hub: Hub, tmp_path: Path, part: str
) -> None:
    for path in (hub.folder / part).glob("*.safetensors"):
        path.unlink()
    said = draw(hub, tmp_path).strip().splitlines()[-1]
    assert said.startswith("gems.errors.RefusedError: diffusers:owner/name"), said
    assert "variant" not in said and "fp16" not in said
