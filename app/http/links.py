"""Addresses of pictures that work without a key for a while: signed, with the time they end at."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Sequence

from ...memory.documents import Documents

NAME = "link-secret"
SECRET_BYTES = 32


class Links:
    """Signs and checks, with a secret of the system's own.

    Args:
        places: where it is kept; the first one's signs, and what the others' signed before still opens.
        seconds: how long an address works.
    """

    def __init__(self, places: Sequence[Documents], seconds: float) -> None:
        self._places = list(places)
        self._seconds = seconds

    def sign(self, sha256: str) -> str:
        """The query of a picture's address. May write the secret at first.

        Raises:
            StorageError: there is no secret, and none can be written.
        """
        expires = int(time.time() + self._seconds)
        return f"expires={expires}&signature={signed(self._secret(), sha256, expires)}"

    def opens(self, sha256: str, expires: str, signature: str) -> bool:
        """Whether an address's query was signed here for this picture and has not ended."""
        if not expires.isascii() or not expires.isdigit() or int(expires) < time.time():
            return False
        every = [self._secret(), *(place.read(NAME) for place in self._places[1:])]
        return any(
            hmac.compare_digest(signed(secret, sha256, int(expires)).encode(), signature.encode())
            for secret in every
            if secret
        )

    def _secret(self) -> bytes:
        if made := self._places[0].read(NAME):
            return made
        new = secrets.token_bytes(SECRET_BYTES)
        # Of two processes that begin at once the earlier one's counts, for both.
        return self._places[0].change(NAME, lambda body: body or new)


def signed(secret: bytes, sha256: str, expires: int) -> str:
    """A picture's and an end's signature."""
    return hmac.new(secret, f"{sha256} {expires}".encode(), hashlib.sha256).hexdigest()
