"""Pictures as people see them."""

from __future__ import annotations

import io
from pathlib import Path

import hypothesis.strategies as st
import odd_pictures as odd
import pytest
from gems.models.pixels import UnreadablePictureError, as_seen, is_plain, open_whole
from hypothesis import given, settings
from PIL import Image, ImageChops


@pytest.mark.parametrize("name", odd.ODD)
def test_odd_pictures_become_what_people_see(name: str) -> None:
    data, colour = odd.ODD[name]
    picture = open_whole(data)
    seen = as_seen(picture)
    assert not is_plain(picture)
    assert (seen.mode, seen.size) == ("RGB", odd.SIZE)
    found = seen.getpixel((3, 3))
    assert isinstance(found, tuple)
    assert max(abs(one - other) for one, other in zip(found, colour, strict=True)) <= 3


@pytest.mark.parametrize("turn", range(2, 9))
@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_a_turned_picture_stands(turn: int, format_: str) -> None:
    upright = Image.new("RGB", (40, 20), (0, 0, 255))
    upright.paste((255, 0, 0), (0, 0, 10, 10))
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[turn]
    exif = Image.Exif()
    exif[0x0112] = turn
    data = odd.encoded(upright.transpose(undo), format_, exif=exif, quality=95)
    picture = open_whole(data)
    assert not is_plain(picture)
    seen = as_seen(picture)
    assert seen.size == upright.size
    apart = ImageChops.difference(seen.resize((8, 4)), upright.resize((8, 4))).getextrema()
    assert all(high < 40 for _, high in apart)  # type: ignore[misc]


def test_a_foreign_profile_is_applied_and_srgbs_kept() -> None:
    assert not is_plain(open_whole(odd.with_profile("XYZ")))
    picture = open_whole(odd.with_profile("sRGB"))
    assert is_plain(picture) and as_seen(picture).info["icc_profile"]


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_a_plain_picture_is_plain_and_as_pillow_shows_it(mode: str) -> None:
    data = odd.encoded(Image.linear_gradient("L").convert(mode))
    assert is_plain(open_whole(data))
    with Image.open(io.BytesIO(data)) as plain:
        assert as_seen(open_whole(data)).tobytes() == plain.convert("RGB").tobytes()


@pytest.mark.parametrize("name", odd.broken())
def test_what_cannot_be_decoded_whole_is_told_in_one_line(name: str) -> None:
    with pytest.raises(UnreadablePictureError) as caught:
        open_whole(odd.broken()[name])
    assert str(caught.value) and "\n" not in str(caught.value)


WHOLE = {
    form: odd.encoded(Image.linear_gradient("L").resize((32, 32)), form) for form in ("PNG", "JPEG")
}


@given(st.sampled_from(sorted(WHOLE)), st.data())
@settings(deadline=None, max_examples=200)
def test_damaged_bytes_are_a_picture_or_our_error(format_: str, data: st.DataObject) -> None:
    damaged = bytearray(WHOLE[format_])
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(damaged)))
    for tried in (bytes(damaged), bytes(damaged[:cut]), data.draw(st.binary(max_size=80))):
        try:
            picture = open_whole(tried)
        except UnreadablePictureError:
            continue
        is_plain(picture)
        assert as_seen(picture).mode == "RGB"


def test_a_file_is_opened_like_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(odd.ODD["alpha"][0])
    assert as_seen(open_whole(tmp_path / "a.png")).getpixel((0, 0)) == odd.WHITE
    with pytest.raises(FileNotFoundError):
        open_whole(tmp_path / "b.png")
