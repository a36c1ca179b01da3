"""The keys of a graph server's callers: made once, kept as hashes, revoked one by one."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import time
from pathlib import Path

from filelock import FileLock
from pydantic import BaseModel, TypeAdapter, ValidationError

from ...errors import InputError, StorageError
from ...memory.images import write_file

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


KEYS = TypeAdapter(list[Key])


def digest_of(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


class KeyRing:
    """The keys of a home, in ``keys.json``. Reading follows the file, so that what another process
    revokes is refused at once."""

    def __init__(self, home: Path) -> None:
        self._path = home / "keys.json"
        self._read: tuple[object, list[Key]] = (None, [])

    def all(self) -> list[Key]:
        """Every key, the revoked ones as well.

        Raises:
            StorageError: they cannot be read; nobody is let in then.
        """
        try:
            status = self._path.stat()
            version = (status.st_mtime_ns, status.st_size, status.st_ino)
            if self._read[0] != version:
                self._read = (version, KEYS.validate_json(self._path.read_bytes()))
            return self._read[1]
        except FileNotFoundError:
            return []
        except (OSError, ValidationError) as exc:
            raise StorageError(f"the keys in {self._path} cannot be read: put the file right") from exc

    def any(self) -> bool:
        """Whether there is a key that opens something."""
        return any(key.revoked is None for key in self.all())

    def wanted(self) -> bool:
        """Whether callers need a key: as soon as there ever was one, so that revoking the last one
        opens nothing."""
        return bool(self.all())

    def owner_of(self, text: str) -> str | None:
        """The owner of a key that is in force; None: it is none."""
        match = KEY.fullmatch(text)
        for key in self.all() if match else ():
            if hmac.compare_digest(key.digest, digest_of(text)):
                return None if key.revoked else key.owner
        return None

    def add(self, owner: str) -> tuple[Key, str]:
        """A new key of ``owner``: as it is kept, and its text, which is told here and never again.

        Raises:
            InputError: no such name can be given.
            StorageError: it cannot be kept.
        """
        if not OWNER.fullmatch(owner):
            raise InputError(f"{owner[:60]!r} names nobody: use small letters, digits, . _ and -")
        number = secrets.token_hex(4)
        text = f"gems_{number}_{secrets.token_urlsafe(32)}"
        key = Key(id=number, owner=owner, digest=digest_of(text), created=time.time())
        with self._changing():
            self._write([*self.all(), key])
        return key, text

    def revoke(self, number: str) -> Key:
        """Has the key called ``number`` open nothing any more.

        Raises:
            InputError: there is none.
        """
        with self._changing():
            keys = [key.model_copy() for key in self.all()]
            for key in keys:
                if key.id == number:
                    key.revoked = key.revoked or time.time()
                    self._write(keys)
                    return key
        raise InputError(f"no key is called {number[:40]!r}: `gems keys list` shows them")

    def _changing(self) -> FileLock:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return FileLock(self._path.with_suffix(".lock"), timeout=10)

    def _write(self, keys: list[Key]) -> None:
        fields = [key.model_dump() for key in keys]
        write_file(self._path, json.dumps(fields, indent=1).encode(), mode=0o600)
