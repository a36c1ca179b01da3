"""A stand-in for the hub that diffusers loads from: one folder as ``owner/name`` over loopback."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "a" * 40


class Hub(ThreadingHTTPServer):
    """See the module; ``sent`` are the names of the files that were fetched."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self.folder = folder
        self.sent: list[str] = []

    def __enter__(self) -> Hub:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.shutdown()
        self.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def names(self) -> list[str]:
        """The files' names."""
        paths = (path for path in sorted(self.folder.rglob("*")) if path.is_file())
        return [path.relative_to(self.folder).as_posix() for path in paths]


class Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def hub(self) -> Hub:
        assert isinstance(self.server, Hub)
        return self.server

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if match := re.fullmatch(r"/owner/name/resolve/[^/]+/(.+)", path):
            self._file(match[1])
        elif "/tree/" in path:
            self._json([self._entry(name) for name in self.hub.names()])
        elif path.startswith("/api/models/owner/name"):
            siblings = [{"rfilename": name} for name in self.hub.names()]
            self._json({"id": "owner/name", "sha": COMMIT, "siblings": siblings, "tags": []})
        else:
            self._send(404, b"{}", {"x-error-code": "RepoNotFound"})

    do_HEAD = do_GET  # noqa: N815

    def _entry(self, name: str) -> dict[str, Any]:
        data = (self.hub.folder / name).read_bytes()
        return {"type": "file", "path": name, "size": len(data), "oid": etag(data)}

    def _file(self, name: str) -> None:
        if name not in self.hub.names():
            self._send(404, b"", {"x-error-code": "EntryNotFound", "x-repo-commit": COMMIT})
            return
        data = (self.hub.folder / name).read_bytes()
        if self.command == "GET":
            self.hub.sent.append(name)
        self._send(200, data, {"x-repo-commit": COMMIT, "etag": f'"{etag(data)}"'})

    def _json(self, value: Any) -> None:
        self._send(200, json.dumps(value).encode(), {"content-type": "application/json"})

    def _send(self, status: int, data: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        """Says nothing."""


def etag(data: bytes) -> str:
    """As the hub tells files apart."""
    return hashlib.sha1(data).hexdigest()
