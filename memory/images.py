"""The image store: content-addressed PNG files that carry how they were made.

What arrives is stored as people see it (``models/pictures/pixels.py``), so that whoever judges the
file and whoever opens it look at one picture; what already is such a PNG keeps its bytes. Text chunks
are put in by hand, since Pillow would have to decode and encode the picture again.
"""

from __future__ import annotations

import hashlib
import io
import os
import struct
import tempfile
import zlib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from PIL import Image

from ..errors import AnswerError, InputError, StorageError, write_advice
from ..models.decoded import DECODED
from ..models.pixels import UnreadablePictureError, as_seen, is_plain, open_whole
from .state import ImageRef

PREFIX = "gems:"
"""Of the keywords of our text chunks."""
HEADER_END = 33
"""Bytes of the signature and the IHDR chunk, which has to come first."""


def gems_version() -> str:
    """The installed version, "unknown" when GEMS runs from a bare folder."""
    try:
        return version("gems-agent")
    except PackageNotFoundError:
        return "unknown"


@dataclass(frozen=True)
class Provenance:
    """How a picture was made; kept in the PNG's text chunks under ``gems:...`` keywords."""

    prompt: str
    seed: int
    generator: str
    thread: str | None
    round: int

    def fields(self) -> dict[str, str]:
        """Keyword, prefix included, to text; without a thread its text is empty."""
        return {
            "gems:prompt": self.prompt,
            "gems:seed": str(self.seed),
            "gems:generator": self.generator,
            "gems:thread": self.thread or "",
            "gems:round": str(self.round),
            "gems:version": gems_version(),
        }


def text_chunk(keyword: str, text: str) -> bytes:
    """A PNG iTXt chunk (PNG specification, 11.3.3.4), uncompressed UTF-8."""
    body = keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode("utf-8", "replace")
    checksum = zlib.crc32(b"iTXt" + body)
    return struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", checksum)


def to_png(data: bytes) -> tuple[bytes, tuple[int, int]]:
    """``data`` as the PNG that people see (as it is, if it is one) and its size.

    Raises:
        AnswerError: the bytes are no complete picture.
    """
    png, shown = as_png(data)
    return png, shown.size


def as_png(data: bytes) -> tuple[bytes, Image.Image]:
    """``data`` as the PNG that people see (as it is, if it is one), and what it shows.

    Raises:
        AnswerError: the bytes are no complete picture.
    """
    try:
        picture = open_whole(data)
    except UnreadablePictureError as exc:
        raise AnswerError(f"the generator's answer is no complete picture: {exc}") from exc
    if picture.format == "PNG" and is_plain(picture) and not own_texts(picture):
        return data, picture
    seen, buffer = as_seen(picture), io.BytesIO()
    seen.save(buffer, "PNG", compress_level=3)
    return buffer.getvalue(), seen


def own_texts(picture: Image.Image) -> dict[str, str]:
    """The ``gems:...`` texts of an opened picture, without their prefix."""
    texts = getattr(picture, "text", {})
    return {k.removeprefix(PREFIX): str(v) for k, v in texts.items() if k.startswith(PREFIX)}


def write_file(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Writes ``path`` whole or not at all, its folder made when missing.

    Raises:
        StorageError: the folder cannot be written to or the disk is full.
    """
    name = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".partial-")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        # A temporary file is readable by its owner alone.
        Path(name).chmod(mode)
        Path(name).replace(path)
    except OSError as exc:
        if name is not None:
            Path(name).unlink(missing_ok=True)
        reason = exc.strerror or str(exc)
        raise StorageError(
            f"cannot write {path}: {reason}; {write_advice(exc)} or choose another folder "
            "(GEMS_HOME, --out)"
        ) from exc


class ImageStore:
    """Pictures under ``root``, each named by the SHA-256 of its file."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, data: bytes, provenance: Provenance) -> ImageRef:
        """Stores a picture with its provenance. The same picture made the same way is one file.

        Raises:
            AnswerError: ``data`` is no complete picture.
            StorageError: it cannot be written.
        """
        png, shown = as_png(data)
        chunks = b"".join(text_chunk(k, v) for k, v in provenance.fields().items())
        png = png[:HEADER_END] + chunks + png[HEADER_END:]
        digest = hashlib.sha256(png).hexdigest()
        path = Path(digest[:2]) / f"{digest}.png"
        if not (self.root / path).exists():
            write_file(self.root / path, png)
        DECODED.leave(self.root / path, shown)
        return ImageRef(sha256=digest, path=path.as_posix(), width=shown.width, height=shown.height)

    def path(self, ref: ImageRef) -> Path:
        """The picture's file, under the store's root; whether it is there is not checked.

        Raises:
            InputError: the reference leads out of the store, as one that somebody wrote might.
        """
        path = Path(ref["path"])
        if path.is_absolute() or ".." in path.parts:
            raise InputError(f"{ref['path']!r} is no picture of this store")
        return self.root / path

    def locate(self, path: str) -> Path:
        """Where a picture lies that was stored as ``path``, also after the home was moved."""
        stored = Path(path)
        here = self.root / stored.parent.name / stored.name
        return here if not stored.exists() and here.exists() else stored


def read_provenance(path: Path) -> dict[str, str]:
    """The ``gems:...`` texts of a PNG file, without their prefix; empty where it carries none.

    Raises:
        OSError: no picture can be read there.
    """
    with Image.open(path) as picture:
        picture.load()
        return own_texts(picture)
