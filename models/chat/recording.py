"""A recording: what roles asked of a model and what it answered, one JSON object a line.

Two sorts of lines. What a role was told, instructions and the form of its answer, once::

    {"told": DIGEST, "role": "verifier", "text": "Role: verifier ..."}

and every call with what came of it, either ``answer`` or ``failure``::

    {"request": DIGEST, "role": "verifier", "told": DIGEST, "fields": {...}, "pictures": [DIGEST],
     "answer": {...}, "reasoning": "", "usage": {"requests": 1, ...}}

Pictures are named by a digest of their pixels. No key is written: ``hide`` goes over every text.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from ...errors import StorageError, hide
from ..pixels import UnreadablePictureError, as_seen, open_whole
from .messages import system_text
from .mllm import Role, laid_out

TOLD = "instructions or form of answer"
"""What the text that a role is told is called among the parts of a request."""
PICTURES = "pictures"


@dataclass(frozen=True)
class Request:
    """What one call says to a model."""

    role: str
    told: str
    """The instructions and the form of the answer."""
    fields: Mapping[str, Any]
    pictures: tuple[str, ...]
    """Digests, in order."""

    @cached_property
    def digest(self) -> str:
        """Equal where everything that is said is equal."""
        return digest_of(json.dumps([self.role, self.told, self.fields, self.pictures], sort_keys=True))

    def parts(self) -> dict[str, str]:
        """Everything as texts by name, for people to compare."""
        fields = {
            name: value if isinstance(value, str) else laid_out(value)
            for name, value in self.fields.items()
        }
        return {TOLD: self.told, **fields, PICTURES: "\n".join(self.pictures)}


async def request_of(role: Role[Any], fields: Mapping[str, Any], images: Sequence[Path]) -> Request:
    """The request that ``MLLM.ask`` makes of its arguments.

    Raises:
        StorageError: a picture cannot be read.
    """
    pictures = await asyncio.to_thread(lambda: tuple(picture_digest(path) for path in images))
    return Request(role.name, hide(system_text(role, fields)), hidden(dict(fields)), pictures)


def picture_digest(path: Path) -> str:
    """Names a picture by its pixels: what stands beside them in a file changes with every version.

    Raises:
        StorageError: the file cannot be read.
    """
    try:
        return _picture_digest(path, path.stat().st_mtime_ns)
    except (OSError, UnreadablePictureError) as exc:
        raise StorageError(f"the picture {path} cannot be read: {exc}") from exc


@lru_cache(maxsize=256)
def _picture_digest(path: Path, changed: int) -> str:
    picture = as_seen(open_whole(path))
    head = "x".join(map(str, picture.size)).encode()
    return hashlib.blake2b(head + picture.tobytes(), digest_size=8).hexdigest()


def digest_of(text: str) -> str:
    """16 hex digits that stand for a text."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def hidden(value: Any) -> Any:
    """A JSON value without the secrets in its texts."""
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, list | tuple):
        return [hidden(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): hidden(item) for key, item in value.items()}
    return value
