"""The image store."""

from __future__ import annotations

import io
import os
from pathlib import Path

import hypothesis.strategies as st
import pytest
from gems.errors import AnswerError, StorageError
from gems.memory.images import ImageStore, Provenance, read_provenance
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
