"""The way to a Chroma server (``GEMS_CHROMA_URL``), and a collection there that may vanish."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

from ..errors import keep_secret
from ..models.proxies import open_http_client

SERVER_SECONDS = 30.0
"""How long a request waits for a server that says nothing; Chroma itself waits for ever."""
_building = threading.Lock()


class Refound:
    """A collection on a server, found again where it was deleted meanwhile, by a person or with all
    that the server had: what was in it is lost, what comes is kept."""

    def __init__(self, find: Callable[[], Any]) -> None:
        self._find = find
        self._collection = find()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        from chromadb.errors import NotFoundError

        def call(*args: Any, **options: Any) -> Any:
            try:
                return getattr(self._collection, name)(*args, **options)
            except NotFoundError:
                self._collection = self._find()
                return getattr(self._collection, name)(*args, **options)

        return call


def connect(url: str, token: SecretStr | None = None) -> Any:
    """A client of the Chroma server at ``url``, whose scheme, port and path count; ``token`` goes along
    in both headers that Chroma servers and gateways before them look into."""
    import chromadb
    from chromadb.config import Settings as ChromaSettings

    parts = urlsplit(url)
    word = token.get_secret_value() if token else ""
    keep_secret(word)
    with own_http_clients(url):
        return chromadb.HttpClient(
            host=base_of(parts),
            ssl=parts.scheme == "https",
            headers={"Authorization": f"Bearer {word}", "X-Chroma-Token": word} if word else None,
            settings=ChromaSettings(anonymized_telemetry=False),
        )


@contextmanager
def own_http_clients(url: str) -> Iterator[None]:
    """For as long as the block lasts Chroma is given our HTTP clients, which go to this machine
    directly and give a silent server up. It builds its own where no setting reaches, and asks the
    server before its client could be changed."""
    import httpx
    from chromadb.api import fastapi

    def build(**options: Any) -> httpx.Client:
        return open_http_client(httpx.Client, url, **{**options, "timeout": SERVER_SECONDS})

    with _building:
        fastapi.httpx = SimpleNamespace(Client=build)
        try:
            yield
        finally:
            fastapi.httpx = httpx


def base_of(parts: SplitResult) -> str:
    """A server's URL with its port: Chroma's own where an http:// URL of a bare host names none."""
    place = parts.netloc
    if parts.port is None and parts.scheme == "http" and not parts.path.strip("/"):
        place = f"{place.rstrip(':')}:8000"
    return f"{parts.scheme}://{place}{parts.path.rstrip('/')}"


def disconnect(client: Any) -> None:
    """Closes a server's client, and the HTTP connections that its own close leaves open."""
    client.close()
    # Those of both its HTTP sessions; there is no public way to them.
    for part in (client, getattr(client, "_admin_client", None)):
        session = getattr(getattr(part, "_server", None), "_session", None)
        if session is not None:
            session.close()
