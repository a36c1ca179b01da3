"""Model folders as people have them: half downloaded, of another version, mistyped."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_pipelines as tiny
from fake_server import FakeServer
from gems.app.cli import app
from gems.errors import RefusedError, UnreachableError
from gems.models.capabilities import Checkable
from gems.models.pictures.diffusers.folder import check_folder, pick_variant
from gems.models.pictures.generator import Draw
from gems.models.registry import open_generator
from gems.settings import Settings
from typer.testing import CliRunner

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"
WEIGHTS = "unet/diffusion_pytorch_model.safetensors"
TEXT = "text_encoder/model.safetensors"


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save(tiny.stable_diffusion(), tmp_path_factory.mktemp("whole") / "sd", steps=1)


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "models" / "sd-turbo"))


def remove(name: str) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return do


def write(name: str, data: bytes) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        (folder / name).write_bytes(data)

    return do


def cut(name: str, keep: float) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[: int(len(data) * keep)])

    return do


def name_class(part: str, library: str, kind: str) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        index = json.loads((folder / "model_index.json").read_text())
        index[part] = kind if part == "_class_name" else [library, kind]
        (folder / "model_index.json").write_text(json.dumps(index))

    return do


def shards(folder: Path) -> None:
    """Weights in two files, of which one was not downloaded."""
    (folder / WEIGHTS).rename(folder / "unet/diffusion_pytorch_model-00001-of-00002.safetensors")
    names = {"a": 1, "b": 2}
    named = {key: f"diffusion_pytorch_model-0000{n}-of-00002.safetensors" for key, n in names.items()}
    (folder / f"{WEIGHTS}.index.json").write_text(json.dumps({"weight_map": named}))


def dangling(folder: Path) -> None:
    (folder / WEIGHTS).unlink()
    (folder / WEIGHTS).symlink_to(folder / "blobs" / "gone")


DAMAGE: dict[str, tuple[Callable[[Path], None], str]] = {
    "a missing part": (remove("vae"), "vae is missing"),
    "a missing tokenizer": (remove("tokenizer"), "tokenizer is missing"),
    "missing weights": (remove(WEIGHTS), "unet holds no weights"),
    "missing weights of a text encoder": (remove(TEXT), "text_encoder holds no weights"),
    "a missing shard": (shards, "00002-of-00002.safetensors is missing"),
    "a link to nothing": (dangling, "is a link to nothing"),
    "a pointer": (write(WEIGHTS, POINTER), "is a Git LFS pointer"),
    "a pointer of a config": (write("vae/config.json", POINTER), "is a Git LFS pointer"),
    "a pointer of a vocabulary": (write("tokenizer/vocab.json", POINTER), "is a Git LFS pointer"),
    "a pointer of the index": (write("model_index.json", POINTER), "is a Git LFS pointer"),
    "half of the weights": (cut(WEIGHTS, 0.5), "it is cut"),
    "weights but for the end": (cut(TEXT, 0.99), "it is cut"),
    "weights cut in their head": (cut(WEIGHTS, 0.01), "download it again"),
    "empty weights": (write(WEIGHTS, b""), "its 0 bytes are no weights"),
    "a page for weights": (write(WEIGHTS, b"<!DOCTYPE html><html>sign in</html>"), "are no weights"),
    "a broken config": (write("unet/config.json", b"{"), "is no JSON"),
    "a broken index": (write("model_index.json", b"{"), "is no JSON"),
    "an index that is a list": (write("model_index.json", b"[]"), "holds no JSON object"),
    "an index without a class": (write("model_index.json", b"{}"), "names no class of pipeline"),
    "an unknown pipeline": (
        name_class("_class_name", "", "FutureImagePipeline"),
        "FutureImagePipeline",
    ),
    "an unknown model": (name_class("unet", "diffusers", "FutureUNet"), "FutureUNet"),
    "an unknown encoder": (name_class("text_encoder", "transformers", "Qwen9Model"), "Qwen9Model"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_folder_that_is_not_whole_is_refused_in_one_line(folder: Path, what: str) -> None:
    damage, says = DAMAGE[what]
    damage(folder)
    with pytest.raises(RefusedError) as caught:
        open_generator(f"diffusers:{folder}", Settings(home=folder))
    assert says in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "what", ["a missing part", "a pointer", "half of the weights", "an unknown model"]
)
def test_it_is_found_by_the_doctor_and_before_a_call_is_paid(
    folder: Path, server: FakeServer, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    damage, says = DAMAGE[what]
    damage(folder)
    monkeypatch.setenv("GEMS_MLLM", "openai:fake")
    monkeypatch.setenv("GEMS_MLLM_BASE_URL", server.base_url)
    monkeypatch.setenv("GEMS_GENERATOR", f"diffusers:{folder}")
    run = CliRunner().invoke(app, ["generate", "a cat"])
    lines = run.stderr.strip().splitlines()
    assert (run.exit_code, len(lines), server.calls) == (1, 1, []), run.output
    assert lines[0].startswith("gems: ") and says in lines[0]
    doctor = CliRunner().invoke(app, ["doctor"], env={"COLUMNS": "400"})
    assert doctor.exit_code == 1
    assert says in " ".join(doctor.output.split())


def test_a_whole_folder_is_as_good_as_ever(folder: Path) -> None:
    check_folder(folder)
    assert pick_variant(folder) is None


def rename_to(variant: str, *parts: str) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        for part in parts:
            for path in (folder / part).glob("*.safetensors"):
                path.rename(path.with_suffix(f".{variant}.safetensors"))

    return do


@pytest.mark.parametrize(
    ("make", "variant"),
    [
        (rename_to("fp16", "unet", "vae", "text_encoder"), "fp16"),
        (rename_to("fp16", "unet"), "fp16"),
        (rename_to("bf16", "unet", "vae"), "bf16"),
        (rename_to("non_ema", "unet"), "non_ema"),
        (lambda folder: shutil.copy(folder / WEIGHTS, (folder / WEIGHTS).with_suffix(".fp16.x")), None),
        (
            lambda folder: shutil.copy(
                folder / WEIGHTS, folder / "unet/diffusion_pytorch_model.fp16.safetensors"
            ),
            None,
        ),
    ],
)
def test_weights_of_a_variant_alone_load(
    folder: Path, make: Callable[[Path], None], variant: str | None
) -> None:
    make(folder)
    assert pick_variant(folder) == variant
    generator = open_generator(f"diffusers:{folder}", Settings(home=folder, device="cpu"))
    assert len(asyncio.run(generator.draw([Draw("a cat", 1)]))) == 1


def in_cache(whole: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder as the hub's cache keeps ``owner/sd``; the hub cannot be reached."""
    model = cache / "models--owner--sd"
    (model / "refs").mkdir(parents=True)
    (model / "refs" / "main").write_text("0" * 40)
    for module in ("huggingface_hub.constants", "huggingface_hub.file_download"):
        for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
            monkeypatch.setattr(f"{module}.{name}", str(cache), raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    return Path(shutil.copytree(whole, model / "snapshots" / ("0" * 40)))


def test_a_hubs_model_in_the_cache_is_found_there(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_cache(whole, tmp_path / "cache", monkeypatch)
    generator = open_generator("diffusers:owner/sd", Settings(home=tmp_path, device="cpu"))
    assert isinstance(generator, Checkable)
    health = asyncio.run(generator.check())
    assert "from the hub's cache" in health.says and not health.note


def test_a_hub_that_cannot_be_asked_is_told_with_the_path(tmp_path: Path) -> None:
    generator = open_generator("diffusers:owner/nothing", Settings(home=tmp_path, device="cpu"))
    assert isinstance(generator, Checkable)
    with pytest.raises(UnreachableError, match="there is no folder owner/nothing here") as caught:
        asyncio.run(generator.check())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("models/sd-tubro", "did you mean models/sd-turbo?"),
        ("./models/sd-tubro", "did you mean models/sd-turbo?"),
        ("models/SD-Turbo", "there is no model folder models/SD-Turbo"),
        ("models/elsewhere", "there is no model folder models/elsewhere"),
        ("model/sd-turbo/", "there is no model folder"),
        ("models/sd-turbo/unet", "model_index.json is missing; name models/sd-turbo"),
        ("models", "model_index.json is missing"),
        ("models/a.safetensors", "it is a file"),
        ("~nobody-here/sd", "there is no model folder ~nobody-here/sd"),
        ("C:\\models\\sd", "there is no model folder"),
        ("models/" + "x" * 300, "cannot be read: File name too long"),
    ],
)
def test_a_mistyped_path_is_not_asked_from_the_hub(
    folder: Path, monkeypatch: pytest.MonkeyPatch, spec: str, says: str
) -> None:
    monkeypatch.chdir(folder.parent.parent)
    (folder.parent / "a.safetensors").write_bytes(b"x")
    with pytest.raises(RefusedError) as caught:
        open_generator(f"diffusers:{spec}", Settings(home=folder))
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_a_hubs_name_beside_folders_of_the_owners_name_stays_the_hubs(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(whole, tmp_path / "owner" / "other")
    with pytest.raises(RefusedError):
        open_generator("diffusers:owner/sd", Settings(home=tmp_path))
    in_cache(whole, tmp_path / "cache", monkeypatch)
    assert open_generator("diffusers:owner/sd", Settings(home=tmp_path)).name == "diffusers:owner/sd"
