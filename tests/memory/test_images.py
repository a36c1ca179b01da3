"""The image store."""

from __future__ import annotations

import io
import os
from pathlib import Path

import hypothesis.strategies as st
import odd_pictures as odd
import pytest
from gems.errors import AnswerError, StorageError
from gems.memory.images import ImageStore, Provenance, read_provenance, to_png
from hypothesis import HealthCheck, given, settings
from PIL import Image


def picture(format_: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (12, 8), (10, 200, 30)).save(buffer, format_)
    return buffer.getvalue()


def provenance(prompt: str = "a cat") -> Provenance:
    return Provenance(prompt, 7, "fake", "thread-1", 2)


def test_a_picture_carries_how_it_was_made(tmp_path: Path) -> None:
    store = ImageStore(tmp_path)
    ref = store.put(picture(), provenance())
    found = read_provenance(store.path(ref))
    assert {k: found[k] for k in ("prompt", "seed", "generator", "thread", "round")} == {
        "prompt": "a cat",
        "seed": "7",
        "generator": "fake",
        "thread": "thread-1",
        "round": "2",
    }
    assert found["version"]
    with Image.open(store.path(ref)) as stored:
        assert stored.size == (ref["width"], ref["height"]) == (12, 8)
        assert stored.getpixel((3, 3)) == (10, 200, 30)


@given(prompt=st.text(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
def test_any_prompt_survives(tmp_path: Path, prompt: str) -> None:
    prompt = prompt.replace("\0", "").encode("utf-8", "replace").decode()
    store = ImageStore(tmp_path)
    assert read_provenance(store.path(store.put(picture(), provenance(prompt))))["prompt"] == prompt


def test_the_same_picture_is_stored_once(tmp_path: Path) -> None:
    store = ImageStore(tmp_path)
    assert store.put(picture(), provenance()) == store.put(picture(), provenance())
    assert len(list(tmp_path.rglob("*.png"))) == 1


@pytest.mark.parametrize("format_", ["JPEG", "WEBP"])
def test_other_formats_become_png(tmp_path: Path, format_: str) -> None:
    store = ImageStore(tmp_path)
    path = store.path(store.put(picture(format_), provenance()))
    with Image.open(path) as stored:
        assert stored.format == "PNG"
    assert read_provenance(path)["seed"] == "7"


@pytest.mark.parametrize("mode", ["RGB", "L", "P"])
def test_a_png_that_all_programs_show_alike_keeps_its_bytes(tmp_path: Path, mode: str) -> None:
    data = odd.encoded(Image.linear_gradient("L").convert(mode))
    stored = ImageStore(tmp_path)
    file = stored.path(stored.put(data, provenance())).read_bytes()
    assert file.startswith(data[:33]) and file.endswith(data[33:])


def test_a_jpeg_becomes_the_png_it_always_became(tmp_path: Path) -> None:
    with Image.open(io.BytesIO(picture("JPEG"))) as jpeg:
        before = odd.encoded(jpeg.convert("RGB"), compress_level=3)
    assert to_png(picture("JPEG")) == (before, (12, 8))


@pytest.mark.parametrize("name", odd.ODD)
def test_what_is_stored_is_what_people_see(tmp_path: Path, name: str) -> None:
    data, colour = odd.ODD[name]
    store = ImageStore(tmp_path)
    ref = store.put(data, provenance())
    with Image.open(store.path(ref)) as stored:
        assert (stored.mode, stored.size) == ("RGB", odd.SIZE) == ("RGB", (ref["width"], ref["height"]))
        assert not stored.getexif() and not stored.has_transparency_data
        found = stored.getpixel((3, 3))
    assert isinstance(found, tuple)
    assert max(abs(one - other) for one, other in zip(found, colour, strict=True)) <= 3
    assert read_provenance(store.path(ref))["seed"] == "7"


def test_a_picture_of_another_run_does_not_keep_that_runs_provenance(tmp_path: Path) -> None:
    store = ImageStore(tmp_path)
    other = store.path(store.put(picture(), provenance("a dog"))).read_bytes()
    assert read_provenance(store.path(store.put(other, provenance("a cat"))))["prompt"] == "a cat"


@pytest.mark.parametrize("name", odd.broken())
def test_pixels_that_cannot_be_decoded_are_never_stored(tmp_path: Path, name: str) -> None:
    with pytest.raises(AnswerError, match="no complete picture") as caught:
        ImageStore(tmp_path).put(odd.broken()[name], provenance())
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.rglob("*"))


@pytest.mark.parametrize("data", [b"", b"<html>", picture()[:-20], picture("JPEG")[:100]])
def test_bytes_that_are_no_picture_are_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(AnswerError, match="no complete picture"):
        ImageStore(tmp_path).put(data, provenance())
    assert not list(tmp_path.rglob("*"))


def test_a_full_disk_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(StorageError, match="No space left on device; make room"):
        ImageStore(tmp_path / "store").put(picture(), provenance())
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
