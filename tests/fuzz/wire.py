"""A loopback server that sends whatever bytes it is told to, cut off and late where it is told so."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

REASONS = b"HTTP/1.1 %d Whatever\r\n"


@dataclass(frozen=True)
class Wire:
    """One answer as it goes over the wire.

    ``framing``: how its end is told ("length", "chunked", "close"), or is told wrongly ("short"
    promises more than comes, "long" less). ``cut``: the share of its bytes after which the connection
    ends. ``late``: seconds before the body, ``dripping`` a byte at a time.
    """

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[bytes, bytes], ...] = ()
    framing: str = "length"
    cut: float | None = None
    late: float = 0.0
    dripping: bool = False

    @property
    def whole(self) -> bool:
        """Whether a client gets all of it, in time."""
        complete = self.cut is None and self.framing in ("length", "chunked", "close")
        return complete and self.late < 1 and not self.dripping

    def head(self) -> bytes:
        """Status line and headers."""
        lines = [name + b": " + value for name, value in self.headers]
        size = len(self.body) + {"short": 10, "long": -(len(self.body) // 2)}.get(self.framing, 0)
        framing = {"chunked": b"transfer-encoding: chunked", "close": b"connection: close"}
        lines.append(framing.get(self.framing, b"content-length: %d" % size))
        return REASONS % self.status + b"\r\n".join(lines) + b"\r\n\r\n"

    def payload(self) -> bytes:
        """The body as it is framed."""
        if self.framing != "chunked":
            return self.body
        parts = [self.body[n : n + 1000] for n in range(0, len(self.body), 1000)]
        return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@dataclass
class Request:
    """What a client asked."""

    method: str
    path: str
    body: bytes = field(repr=False)


Respond = Callable[[Request], Wire]


class WireServer:
    """See the module. ``respond`` says what each request is sent; ``requests`` counts them."""

    def __init__(self) -> None:
        self.respond: Respond = lambda request: Wire()
        self.requests = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.url = ""

    def __enter__(self) -> WireServer:
        self._thread.start()
        port = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        self.url = f"http://127.0.0.1:{port}"
        return self

    def __exit__(self, *exc: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _stop(self) -> None:
        self._server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _start(self) -> int:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**26, backlog=512)
        self._server = server
        return int(server.sockets[0].getsockname()[1])

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._answer(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ValueError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, path, _ = head.split(" ", 2)
        match = re.search(r"content-length: *(\d+)", head, re.IGNORECASE)
        body = await reader.readexactly(int(match[1])) if match else b""
        self.requests += 1
        wire = self.respond(Request(method, path, body))
        await send(wire, writer)
        ends = wire.framing in ("close", "short", "long") or wire.cut is not None
        return not ends


async def send(wire: Wire, writer: Any) -> None:
    """Sends an answer, or its part."""
    head, payload = wire.head(), wire.payload()
    if wire.cut is not None:
        size = int(wire.cut * len(head + payload))
        head, payload = head[:size], payload[: max(0, size - len(head))]
    writer.write(head)
    await writer.drain()
    await asyncio.sleep(wire.late)
    if wire.dripping:
        for byte in payload[:40]:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.05)
        return
    writer.write(payload)
    await writer.drain()
