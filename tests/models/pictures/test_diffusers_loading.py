"""Opening a diffusers model: paths, broken folders, the hub, closing."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import httpx
import pytest
import tiny_pipelines as tiny
from diffusers_bench import (
    SHORT,
    one_line,
    run,
    with_settings,
)
from gems.errors import GemsError, RefusedError, UnreachableError
from gems.models.pictures.diffusers.adapter import DiffusersGenerator
from gems.models.pictures.diffusers.errors import load_error
from gems.models.pictures.generator import Draw
from gems.models.registry import open_generator
from gems.settings import Settings


def test_importing_the_adapter_loads_neither_torch_nor_diffusers() -> None:
    code = (
        "import sys, gems.models.pictures.diffusers.adapter as d; from gems.settings import Settings;"
        "d.DiffusersGenerator.open('diffusers:owner/name', Settings());"
        "sys.exit(bool({'torch', 'diffusers', 'transformers'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_leaving_python_while_drawing_does_not_crash(folders: dict[str, Path]) -> None:
    code = f"""
import asyncio
from gems.models.pictures.diffusers.adapter import DiffusersGenerator
from gems.models.pictures.generator import Draw
from gems.settings import Settings
generator = DiffusersGenerator.open("diffusers:{folders["z-image"]}", Settings(generator_steps=5000))
async def main():
    begun, loop = asyncio.Event(), asyncio.get_running_loop()
    task = asyncio.create_task(
        generator.draw([Draw("a", 1)], lambda *_: loop.call_soon_threadsafe(begun.set))
    )
    await begun.wait()
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, timeout=90, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda root: root / "nowhere", "there is no model folder"),
        (lambda root: root, "model_index.json is missing"),
        (lambda root: with_settings(root, '{"stepps": 3}'), "stepps"),
        (lambda root: with_settings(root, '{"steps": 0}'), "steps"),
        (lambda root: with_settings(root, "{"), "gems.json"),
    ],
)
def test_a_path_that_cannot_be_a_model_is_refused_before_anything_loads(
    tmp_path: Path, build: Callable[[Path], Path], says: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        open_generator(f"diffusers:{build(tmp_path)}", Settings(home=tmp_path))
    assert says in one_line(caught.value)
    assert caught.value.exit_code == 1


@pytest.mark.parametrize("spec", ["./nope", "~/nope", "nope", "a/b/c", "owner/"])
def test_what_looks_like_a_path_is_not_asked_from_the_hub(spec: str, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="there is no model folder"):
        open_generator(f"diffusers:{spec}", Settings(home=tmp_path))


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (("transformer/diffusion_pytorch_model.safetensors", b"not weights"), "cannot be loaded"),
        (("transformer/config.json", b"{"), "cannot be loaded"),
        (("gems.json", b'{"call": {"colour": 1}}'), "'colour'"),
        (("model_index.json", b'{"_class_name": "NoSuchPipeline"}'), "NoSuchPipeline"),
        (("model_index.json", b'{"_class_name": "AutoencoderKL"}'), "cannot be loaded"),
    ],
)
def test_a_broken_model_is_one_line_and_can_be_tried_again(
    folders: dict[str, Path], tmp_path: Path, damage: tuple[str, bytes], says: str
) -> None:
    folder = Path(shutil.copytree(folders["z-image"], tmp_path / "broken"))
    generator = DiffusersGenerator.open(f"diffusers:{folder}", Settings(home=tmp_path))
    intact = (folder / damage[0]).read_bytes()
    (folder / damage[0]).write_bytes(damage[1])
    with pytest.raises(RefusedError) as caught:
        asyncio.run(generator.draw([Draw(SHORT, 1)]))
    assert says in one_line(caught.value)

    (folder / damage[0]).write_bytes(intact)
    assert len(run(generator.draw([Draw(SHORT, 1)]))) == 1
    generator.close()


def test_a_hub_that_cannot_be_reached_is_unreachable(tmp_path: Path) -> None:
    generator = DiffusersGenerator.open("diffusers:gems-test-owner/none", Settings(home=tmp_path))
    with pytest.raises(UnreachableError) as caught:
        asyncio.run(generator.draw([Draw(SHORT, 1)]))
    assert "gems-test-owner/none" in one_line(caught.value)
    generator.close()


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, RefusedError), (401, RefusedError), (429, UnreachableError), (503, UnreachableError)],
)
def test_the_status_of_the_hub_decides_the_error(status: int, kind: type[GemsError]) -> None:
    request = httpx.Request("GET", "http://hub/api/models/owner/name")
    answer = httpx.HTTPStatusError("no", request=request, response=httpx.Response(status))
    error = OSError("Cannot load model owner/name:\nnot cached")
    error.__cause__ = answer
    found = load_error(error, "diffusers:owner/name", "owner/name")
    assert type(found) is kind
    assert "owner/name" in one_line(found)


def test_the_check_says_what_and_where_without_loading(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    spec = f"diffusers:{folders['z-image']}"
    generator = DiffusersGenerator.open(spec, Settings(home=tmp_path, device="cpu"))
    says = asyncio.run(generator.check()).says
    assert all(part in says for part in (spec, "cpu", "float32", version("torch")))
    assert generator._ready is None


def test_a_closed_generator_says_so(hand_in: Callable[..., DiffusersGenerator]) -> None:
    generator = hand_in(tiny.z_image())
    generator.close()
    with pytest.raises(RefusedError, match="closed"):
        asyncio.run(generator.draw([Draw(SHORT, 1)]))
