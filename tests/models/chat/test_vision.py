"""Pictures on their way to a model: small, encoded once, and not kept without end."""

from __future__ import annotations

import asyncio
import base64
import contextvars
import gc
import io
import weakref
from pathlib import Path

import odd_pictures as odd
import pytest
from gems.errors import StorageError
from gems.models.chat import vision
from gems.models.chat.vision import EncodedPictures, encode
from PIL import Image


def picture(folder: Path, name: str = "a.png", size: tuple[int, int] = (120, 60)) -> Path:
    path = folder / name
    Image.new("RGB", size, (10, 200, 30)).save(path)
    return path


def opened(encoded: tuple[str, str]) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(encoded[0])))


@pytest.mark.parametrize(("side", "size"), [(60, (60, 30)), (120, (120, 60)), (999, (120, 60))])
def test_pictures_are_scaled_down_never_up(tmp_path: Path, side: int, size: tuple[int, int]) -> None:
    with opened(encode(picture(tmp_path), side)) as sent:
        assert (sent.size, sent.format) == (size, "JPEG")


@pytest.mark.parametrize(("name", "media"), [("a.png", "image/png"), ("a.webp", "image/webp")])
def test_side_zero_sends_the_file_as_it_is(tmp_path: Path, name: str, media: str) -> None:
    path = picture(tmp_path, name)
    data, said = encode(path, 0)
    assert base64.b64decode(data) == path.read_bytes() and said == media


@pytest.mark.parametrize("side", [0, 768])
@pytest.mark.parametrize("name", odd.ODD)
def test_a_judge_is_shown_what_people_see(tmp_path: Path, name: str, side: int) -> None:
    data, colour = odd.ODD[name]
    (tmp_path / "given").write_bytes(data)
    with opened(encode(tmp_path / "given", side)) as sent:
        found = sent.getpixel((3, 3))
        assert sent.size == odd.SIZE and isinstance(found, tuple)
    assert max(abs(one - other) for one, other in zip(found, colour, strict=True)) <= 6


@pytest.mark.parametrize("keep", [0, 5, 40, 80])
def test_what_is_no_picture_is_told_with_its_path(tmp_path: Path, keep: int) -> None:
    path = picture(tmp_path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(StorageError, match=r"a\.png cannot be read"):
        encode(path, 60)


def test_a_missing_file_is_told_to_everyone_who_asks_and_forgotten(tmp_path: Path) -> None:
    async def work() -> tuple[str, str]:
        pictures = EncodedPictures(60)
        asked = [pictures.get(tmp_path / "a.png") for _ in range(3)]
        failures = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(failure, StorageError) for failure in failures)
        return await pictures.get(picture(tmp_path))

    assert asyncio.run(work())[1] == "image/jpeg"


def count_encodings(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    seen: list[Path] = []

    def counted(path: Path, side: int) -> tuple[str, str]:
        seen.append(path)
        return encode(path, side)

    monkeypatch.setattr(vision, "encode", counted)
    return seen


def test_a_picture_asked_for_many_times_at_once_is_encoded_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, path = count_encodings(monkeypatch), picture(tmp_path)

    async def work() -> None:
        pictures = EncodedPictures(60)
        await asyncio.gather(*(pictures.get(path) for _ in range(7)))
        await pictures.get(path)

    asyncio.run(work())
    assert seen == [path]


def test_one_who_gives_up_does_not_spoil_it_for_the_others(tmp_path: Path) -> None:
    async def work() -> tuple[str, str]:
        pictures, path = EncodedPictures(60), picture(tmp_path)
        impatient = asyncio.ensure_future(pictures.get(path))
        patient = asyncio.ensure_future(pictures.get(path))
        await asyncio.sleep(0)
        impatient.cancel()
        return await patient

    assert asyncio.run(work())[1] == "image/jpeg"


def test_the_least_recently_used_are_given_up_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = count_encodings(monkeypatch)
    paths = [picture(tmp_path, f"{n}.png") for n in range(3)]
    one = len(encode(paths[0], 60)[0])

    async def work() -> None:
        pictures = EncodedPictures(60, limit=2 * one)
        for path in (paths[0], paths[1], paths[0], paths[2], paths[0], paths[1]):
            await pictures.get(path)

    asyncio.run(work())
    assert seen == [*paths, paths[1]]


def test_small_pictures_do_not_add_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = count_encodings(monkeypatch)
    paths = [picture(tmp_path, f"{n}.png") for n in range(4)]

    async def work() -> None:
        pictures = EncodedPictures(60, most=2)
        for path in (*paths, paths[3], paths[2], paths[0]):
            await pictures.get(path)

    asyncio.run(work())
    assert seen == [*paths, paths[0]]


def test_a_kept_picture_keeps_nothing_of_the_run_that_asked_for_it(tmp_path: Path) -> None:
    class Run:
        pass

    asking: contextvars.ContextVar[Run] = contextvars.ContextVar("asking")

    async def ask(pictures: EncodedPictures, path: Path) -> weakref.ref[Run]:
        run = Run()
        asking.set(run)
        await pictures.get(path)
        return weakref.ref(run)

    async def work() -> object:
        pictures, path = EncodedPictures(60), picture(tmp_path)
        run = await asyncio.create_task(ask(pictures, path))
        # Its last callback.
        await asyncio.sleep(0)
        gc.collect()
        await pictures.get(path)
        return run()

    assert asyncio.run(work()) is None
