"""Decoded pictures that wait for who looks next."""

from __future__ import annotations

from pathlib import Path

from gems.memory.images import ImageStore, Provenance
from gems.models.chat.vision import encode
from gems.models.decoded import DECODED, DecodedPictures
from PIL import Image

ONE, OTHER = Path("one.png"), Path("other.png")


def white(side: int = 4) -> Image.Image:
    return Image.new("RGB", (side, side), "white")


def test_a_picture_is_taken_over_once() -> None:
    pictures, picture = DecodedPictures(), white()
    pictures.leave(ONE, picture)
    assert pictures.take(OTHER) is None
    assert pictures.take(ONE) is picture
    assert pictures.take(ONE) is None


def test_without_room_the_first_ones_stay() -> None:
    pictures = DecodedPictures(room=50)
    pictures.leave(ONE, white())
    pictures.leave(OTHER, white())
    assert pictures.take(ONE) is not None and pictures.take(OTHER) is None


def test_what_nobody_asks_for_makes_room() -> None:
    pictures = DecodedPictures(room=50, patience=-1.0)
    pictures.leave(ONE, white())
    pictures.leave(OTHER, white())
    assert pictures.take(ONE) is None and pictures.take(OTHER) is not None


def test_a_stored_picture_is_sent_as_its_file_shows_it(tmp_path: Path) -> None:
    path = tmp_path / "drawn.webp"
    Image.linear_gradient("L").resize((900, 700)).convert("RGB").save(path, lossless=True)
    store = ImageStore(tmp_path)
    ref = store.put(path.read_bytes(), Provenance("p", 1, "g", None, 1))
    first = encode(store.path(ref), 768)
    assert DECODED.take(store.path(ref)) is None, "it was taken over"
    assert encode(store.path(ref), 768) == first
