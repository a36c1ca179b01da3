"""The image store: content-addressed PNG files that carry how they were made, on one machine or shared.

What arrives is stored as people see it (``models/pictures/pixels.py``), so that whoever judges the
file and whoever opens it look at one picture; what already is such a PNG keeps its bytes. Text chunks
are put in by hand, since Pillow would have to decode and encode the picture again.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
import zlib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from PIL import Image

from ..errors import AnswerError, InputError, StorageError
from ..models.decoded import DECODED
from ..models.pixels import UnreadablePictureError, as_seen, is_plain, open_whole
from ..settings import Settings
from .files import write_file as write_file
from .objects import FolderObjects, Objects
from .s3 import open_objects
from .state import ImageRef
from .thumbnails import Thumbnails
from .uses import Uses

PREFIX = "gems:"
"""Of the keywords of our text chunks."""
HEADER_END = 33
"""Bytes of the signature and the IHDR chunk, which has to come first."""
NAME = re.compile(r"[0-9a-f]{64}\.png")


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


class ImageStore:
    """Pictures under ``root``, each named by the SHA-256 of its file.

    Args:
        root: the folder. With ``shared`` it holds what this machine drew or looked at.
        shared: where all machines find them; None: this machine is all there is.

    Attributes:
        uses: which threads use a picture.
        thumbnails: small ones beside ``root``; this machine's go with the picture.
    """

    def __init__(self, root: Path, shared: Objects | None = None) -> None:
        self.root = root
        self._files = FolderObjects(root)
        self._shared = shared
        self.uses = Uses(shared or self._files)
        self.thumbnails = Thumbnails(root.with_name("thumbnails"))

    def put(self, data: bytes, provenance: Provenance, user: str | None = None) -> ImageRef:
        """Stores a picture with its provenance. The same picture made the same way is one file.

        Args:
            data: the picture.
            provenance: how it was made.
            user: the thread that it is for, where that is not the one that drew it.

        Raises:
            AnswerError: ``data`` is no complete picture.
            StorageError: it cannot be written.
        """
        png, shown = as_png(data)
        chunks = b"".join(text_chunk(k, v) for k, v in provenance.fields().items())
        png = png[:HEADER_END] + chunks + png[HEADER_END:]
        digest = hashlib.sha256(png).hexdigest()
        if thread := user or provenance.thread:
            # First, so that nobody takes away what is used from now on.
            self.uses.add(digest, thread)
        self._files.put(key_of(digest), png)
        if self._shared is not None:
            self._shared.put(key_of(digest), png)
        DECODED.leave(self.root / key_of(digest), shown)
        return ImageRef(sha256=digest, path=key_of(digest), width=shown.width, height=shown.height)

    def path(self, ref: ImageRef) -> Path:
        """The picture's file, under the store's root; whether it is there is not checked.

        Raises:
            InputError: the reference leads out of the store, as one that somebody wrote might.
        """
        path = Path(ref["path"])
        if path.is_absolute() or ".." in path.parts:
            raise InputError(f"{ref['path']!r} is no picture of this store")
        return self.root / path

    def fetch(self, ref: ImageRef) -> Path:
        """The picture's file, brought to this machine where another drew it. One that is nowhere is
        not there. May block.

        Raises:
            InputError: as ``path``.
            StorageError: the shared store cannot be reached.
        """
        path = self.path(ref)
        self._bring(path)
        return path

    def locate(self, path: str) -> Path:
        """Where a picture lies that was stored as ``path``, also after the home was moved, or
        on another machine. May block.

        Raises:
            StorageError: the shared store cannot be reached.
        """
        stored = Path(path)
        here = self.root / stored.parent.name / stored.name
        if not stored.exists():
            self._bring(here)
        return here if not stored.exists() and here.exists() else stored

    def find(self, sha256: str) -> Path | None:
        """The file of the picture with this hash, None where no machine has one any more. May block.

        Raises:
            StorageError: the shared store cannot be reached.
        """
        path = self.root / key_of(sha256)
        if self._shared is not None and not self._shared.has(key_of(sha256)):
            return None
        self._bring(path)
        return path if path.exists() else None

    def release(self, sha256: str, thread: str) -> None:
        """Ends ``thread``'s use of a picture, as ``discard`` does, where that was noted: of an earlier
        version's picture nobody here knows who else shows it. May block.

        Raises:
            StorageError: it cannot be deleted.
        """
        if thread in self.uses.of(sha256):
            self.discard(sha256, thread)

    def discard(self, sha256: str, thread: str) -> bool:
        """Ends ``thread``'s use of a picture, which goes where that was the last. Returns whether it
        went. May block.

        Raises:
            StorageError: it cannot be deleted.
        """
        key = key_of(sha256)
        known = self.uses.drop(sha256, thread)
        if self.uses.of(sha256) or not (known or self._drawn_by(thread, key)):
            return False
        kept = self._files.get(key)
        self._delete(key)
        self.thumbnails.forget(sha256)
        if kept is not None and self.uses.of(sha256):
            # Somebody began to use it just then, and found it there.
            self._files.put(key, kept)
            if self._shared is not None:
                self._shared.put(key, kept)
            return False
        return True

    def forget_copies(self, moment: float) -> None:
        """Deletes this machine's copies from before ``moment``, in seconds since the epoch, of what the
        shared store has; they are brought again when somebody looks at them. May block.

        Raises:
            StorageError: the shared store cannot be reached, or a file not be deleted.
        """
        shared = self._shared
        if shared is None:
            return
        for path in self.root.glob("??/*.png"):
            if path.stat().st_mtime < moment and shared.has(key_of(path.stem)):
                self._files.remove(key_of(path.stem))

    def _delete(self, key: str) -> None:
        self._files.remove(key)
        if self._shared is not None:
            self._shared.remove(key)

    def _drawn_by(self, thread: str, key: str) -> bool:
        """Whether a picture whose uses an earlier version did not note is ``thread``'s own."""
        try:
            return read_provenance(self.root / key).get("thread") == thread
        except OSError:
            return False

    def _bring(self, path: Path) -> None:
        """Brings the picture that belongs at ``path`` from the shared store, where it is missing.

        Raises:
            StorageError: what is there is not what was stored.
        """
        if self._shared is None or not NAME.fullmatch(path.name) or path.exists():
            return
        data = self._shared.get(key_of(path.stem))
        if data is None:
            return
        if hashlib.sha256(data).hexdigest() != path.stem:
            raise StorageError(
                f"{path.name} in {self._shared.where} is not what was stored: restore it from a copy"
            )
        write_file(path, data)


def key_of(sha256: str) -> str:
    """Where a picture lies below a store's root."""
    return f"{sha256[:2]}/{sha256}.png"


def open_images(settings: Settings) -> ImageStore:
    """The pictures of the settings' home, shared where they name an object store.

    Raises:
        InputError: what that needs is not installed.
    """
    return ImageStore(settings.root / "images", open_objects(settings))


def read_provenance(path: Path) -> dict[str, str]:
    """The ``gems:...`` texts of a PNG file, without their prefix; empty where it carries none.

    Raises:
        OSError: no picture can be read there.
    """
    with Image.open(path) as picture:
        picture.load()
        return own_texts(picture)
