"""The embeddings of a server that misbehaves: errors of ours, tried again where it helps."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from conftest import settings_for
from fake_server import FakeServer
from gems.errors import BackendError, RefusedError, UnreachableError
from gems.models.embedders.embedder import open_embedder


class OddServer(FakeServer):
    """Answers every POST with one status and body."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__()
        self.odd = (status, body)
        self.posts = 0

    async def _one(self, reader: Any, writer: Any) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        await reader.readexactly(int(head.split("content-length:")[1].split("\r\n")[0]))
        self.posts += 1
        await self._send_bytes(writer, *self.odd, "application/json", {})
        return True


@pytest.mark.parametrize(
    ("status", "body", "kind", "posts"),
    [
        (200, b"", UnreachableError, 2),
        (200, b"<html>welcome</html>", UnreachableError, 2),
        (200, b'{"error": {"message": "gone"}}', UnreachableError, 2),
        (200, b'{"data": null}', UnreachableError, 2),
        (200, b'{"data": []}', UnreachableError, 2),
        (200, b'{"data": [{"index": 0, "embedding": [1.0]}]}', UnreachableError, 2),
        (500, b"[]", UnreachableError, 2),
        (401, b'[{"error": {"message": "no"}}]', RefusedError, 1),
        (400, b'{"detail": "no such model"}', RefusedError, 1),
    ],
)
def test_what_is_no_vector_is_an_error_of_ours(
    tmp_path: Path, status: int, body: bytes, kind: type[BackendError], posts: int
) -> None:
    server = OddServer(status, body)
    with server:
        settings = settings_for(server, tmp_path, embedder="openai:fake", mllm_retries=1)
        with pytest.raises(kind) as caught:
            asyncio.run(open_embedder(settings).embed(["a cat", "a dog"]))
        assert "\n" not in str(caught.value) and "embedder openai:fake" in str(caught.value)
        assert server.posts == posts
