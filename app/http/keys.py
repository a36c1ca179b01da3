"""The keys of a graph server's callers: made once, kept as hashes, revoked one by one."""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import re
import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from ...errors import InputError, StorageError
from ...memory.documents import Documents, FileDocuments, open_documents
from ...settings import Settings

NAME = "keys.json"
KEY = re.compile(r"gems_([0-9a-f]{8})_([0-9A-Za-z_-]{43})")
OWNER = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class Key(BaseModel):
    """A key as it is kept: enough to know it again, not to make it."""

    id: str
    """Eight hex digits, which stand in the key itself."""
    owner: str
    """Whose threads, runs and pictures it opens."""
    digest: str
    """SHA-256 of the key, in hex: keys are random, so that no slower hash is needed."""
    created: float
    """Seconds since the epoch."""
    revoked: float | None = None
    max_cost: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    """What its runs may cost in a calendar month; None: whatever they do."""


KEYS = TypeAdapter(list[Key])


def digest_of(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


class KeyRing:
    """The keys of a system, in ``keys.json``: read each time, so that what another process revokes is
    refused at once.

    Args:
        places: where they are; the first is written to, the others hold what there was before. A folder
            stands for its files.
    """

    def __init__(self, places: Path | Sequence[Documents]) -> None:
        self._places = [FileDocuments(places)] if isinstance(places, Path) else list(places)

    def all(self) -> list[Key]:
        """Every key, the revoked ones as well.

        Raises:
            StorageError: they cannot be read; nobody is let in then.
        """
        return [key for place in self._places for key in keys_in(place.read(NAME))]

    def any(self) -> bool:
        """Whether there is a key that opens something."""
        return any(key.revoked is None for key in self.all())

    def wanted(self) -> bool:
        """Whether callers need a key: as soon as there ever was one, so that revoking the last one
        opens nothing."""
        return bool(self.all())

    def key_of(self, text: str) -> Key | None:
        """The key with that text that is in force; None: it is none."""
        match = KEY.fullmatch(text)
        for key in self.all() if match else ():
            if hmac.compare_digest(key.digest, digest_of(text)):
                return None if key.revoked else key
        return None

    def owner_of(self, text: str) -> str | None:
        """The owner of a key that is in force; None: it is none."""
        key = self.key_of(text)
        return None if key is None else key.owner

    def add(self, owner: str, max_cost: float | None = None) -> tuple[Key, str]:
        """A new key of ``owner``: as it is kept, and its text, which is told here and never again.

        Raises:
            InputError: no such name can be given, or no such cap.
            StorageError: it cannot be kept.
        """
        if not OWNER.fullmatch(owner):
            raise InputError(f"{owner[:60]!r} names nobody: use small letters, digits, . _ and -")
        check_cap(max_cost)
        number = secrets.token_hex(4)
        text = f"gems_{number}_{secrets.token_urlsafe(32)}"
        digest, now = digest_of(text), time.time()
        key = Key(id=number, owner=owner, digest=digest, created=now, max_cost=max_cost)
        self._places[0].change(NAME, lambda body: with_key(body, key))
        return key, text

    def revoke(self, number: str) -> Key:
        """Has the key called ``number`` open nothing any more.

        Raises:
            InputError: there is none.
        """

        def revoked(key: Key) -> Key:
            return key.model_copy(update={"revoked": key.revoked or time.time()})

        return self._change(number, revoked)

    def cap(self, number: str, max_cost: float | None) -> Key:
        """Has the runs of the key called ``number`` cost so much a month at most; None: any.

        Raises:
            InputError: there is none, or no such cap.
        """
        check_cap(max_cost)
        return self._change(number, lambda key: key.model_copy(update={"max_cost": max_cost}))

    def _change(self, number: str, change: Callable[[Key], Key]) -> Key:
        for place in self._places:
            if any(key.id == number for key in keys_in(place.read(NAME))):
                kept = keys_in(place.change(NAME, lambda body: changed(body, number, change)))
                return next(key for key in kept if key.id == number)
        raise InputError(f"no key is called {number[:40]!r}: `gems keys list` shows them")


def open_keys(settings: Settings) -> KeyRing:
    """The keys of what the settings name."""
    return KeyRing(open_documents(settings))


def keys_in(body: bytes | None) -> list[Key]:
    """The keys of a file.

    Raises:
        StorageError: they cannot be read.
    """
    try:
        return [] if body is None else KEYS.validate_json(body)
    except ValidationError as exc:
        raise StorageError(f"the keys in {NAME} cannot be read: put it right") from exc


def body_of(keys: Sequence[Key]) -> bytes:
    """Keys as a file."""
    return json.dumps([key.model_dump() for key in keys], indent=1).encode()


def with_key(body: bytes | None, new: Key) -> bytes:
    """A file with one more key."""
    return body_of([*(key for key in keys_in(body) if key.id != new.id), new])


def changed(body: bytes | None, number: str, change: Callable[[Key], Key]) -> bytes:
    """A file in which the key called ``number`` is changed."""
    return body_of([change(key) if key.id == number else key for key in keys_in(body)])


def check_cap(max_cost: float | None) -> None:
    """Checks what a key's runs may cost in a month.

    Raises:
        InputError: it is no amount of money.
    """
    if max_cost is not None and not (math.isfinite(max_cost) and max_cost >= 0):
        raise InputError(
            f"max_cost = {max_cost:g}: say what the key's runs may cost in a month, 0 or more"
        )
