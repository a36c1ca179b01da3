"""Small versions of pictures, made once."""

from __future__ import annotations

from pathlib import Path

from PIL import Image


class Thumbnails:
    """WebP files in ``folder``, named by the pictures' hashes and their longest sides in pixels."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, picture: Path, side: int) -> Path:
        """A small version of the file ``picture``, which is named by its hash. May block."""
        small = self._folder / f"{picture.stem}-{side}.webp"
        if not small.exists():
            small.parent.mkdir(parents=True, exist_ok=True)
            with Image.open(picture) as shown:
                shown.thumbnail((side, side))
                partial = small.with_suffix(f".{id(shown)}.partial")
                shown.save(partial, "WEBP", quality=85)
            partial.replace(small)
        return small

    def forget(self, sha256: str) -> None:
        """Deletes those of a picture that is gone. May block."""
        for small in self._folder.glob(f"{sha256}-*.webp"):
            small.unlink(missing_ok=True)
