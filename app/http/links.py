"""Addresses of pictures that work without a key for a while: signed, with the time they end at."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from pathlib import Path

from ...memory.images import write_file

SECRET_BYTES = 32


class Links:
    """Signs and checks, with a secret of the home's own."""

    def __init__(self, home: Path, seconds: float) -> None:
        self._path = home / "link-secret"
        self._seconds = seconds

    def sign(self, sha256: str) -> str:
        """The query of a picture's address. May write the secret at first.

        Raises:
            StorageError: there is no secret, and none can be written.
        """
        expires = int(time.time() + self._seconds)
        return f"expires={expires}&signature={self._signature(sha256, expires)}"

    def opens(self, sha256: str, expires: str, signature: str) -> bool:
        """Whether an address's query was signed here for this picture and has not ended."""
        if not expires.isascii() or not expires.isdigit() or int(expires) < time.time():
            return False
        return hmac.compare_digest(self._signature(sha256, int(expires)).encode(), signature.encode())

    def _signature(self, sha256: str, expires: int) -> str:
        return hmac.new(self._secret(), f"{sha256} {expires}".encode(), hashlib.sha256).hexdigest()

    def _secret(self) -> bytes:
        if not self._path.exists():
            # Of two processes that begin at once the later one's counts, for both.
            write_file(self._path, secrets.token_bytes(SECRET_BYTES), mode=0o600)
        return self._path.read_bytes()
