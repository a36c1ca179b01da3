"""A loopback server that speaks the OpenAI chat and image APIs and the gems-http protocol.

In a test: ``with FakeServer() as server: ... server.base_url``. As a process of its own:
``python tests/fake_server.py --port 9000 --log calls.jsonl --text 0.3 --vision 0.5 --image 1.0``.

What it says and draws is ``fake_conversation``'s; a script says otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import json
import re
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fake_conversation import Conversation, read_request
from sent_requests import characters

USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
WHO: ContextVar[str] = ContextVar("WHO", default="")
"""The key that came with the request at work."""
HANG_UP, SILENCE = "hang up", "silence"


@dataclass
class Call:
    """One request the server got."""

    kind: str
    key: str
    size: int
    body: dict[str, Any]
    text: int = 0
    """Characters of a chat request's texts."""
    started: float = field(default_factory=time.time)
    done: bool = False


@dataclass
class Answer:
    """What a script wants to be sent; ``content`` is the chat message's text.

    ``data`` is sent as it is instead, as ``media``: a web page, half a picture.
    """

    content: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    message: dict[str, Any] = field(default_factory=dict)
    finish_reason: str = "stop"
    data: bytes | None = None
    media: str = "text/html"


Script = Callable[[Call, int], "Answer | str | None"]
"""(call, how many calls came before it) -> what to do; None: the sensible answer."""


class FakeServer:
    """See the module. ``script`` decides about chat calls, ``image_script`` about pictures.

    ``keep``: whether the calls keep their bodies, and ``heads`` every request's headers; a benchmark's
    server would grow by its pictures.
    """

    def __init__(
        self,
        script: Script | None = None,
        image_script: Script | None = None,
        *,
        text: float = 0.0,
        vision: float = 0.0,
        image: float = 0.0,
        succeed_in: int = 2,
        questions: int = 3,
        size: int = 64,
        port: int = 0,
        log: Path | None = None,
        keep: bool = True,
    ) -> None:
        self.script = script
        self.image_script = image_script
        self.latency = {"text": text, "vision": vision, "image": image}
        self.conversation = Conversation(succeed_in, questions, size)
        self.calls: list[Call] = []
        self.heads: list[dict[str, str]] = []
        self.get_status = 200
        self.files: dict[str, bytes] = {}
        self._port = port
        self._log = log
        self._keep = keep
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> FakeServer:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.start(), self._loop).result(10)
        return self

    def __exit__(self, *exc: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def start(self) -> None:
        """Begins to listen."""
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", self._port, limit=2**26, backlog=512
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        assert self._server is not None
        self._server.close()
        tasks = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def base_url(self) -> str:
        """The base URL for OpenAI clients."""
        return f"{self.url}/v1"

    def done(self, kind: str | None = None) -> list[Call]:
        """The calls that were answered to the end."""
        return [c for c in self.calls if c.done and kind in (None, c.kind)]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, target, _ = head.split("\r\n", 1)[0].split(" ", 2)
        if self._keep:
            lines = [line.partition(":") for line in head.split("\r\n")[1:] if line]
            self.heads.append({name.lower(): value.strip() for name, _, value in lines})
            self.heads[-1][":target"] = target
        key = re.search(r"^authorization: *bearer (\S+)", head, re.IGNORECASE | re.MULTILINE)
        WHO.set(key[1] if key else "")
        match = re.search(r"content-length: *(\d+)", head, re.IGNORECASE)
        body = await reader.readexactly(int(match[1])) if match else b""
        path = urlsplit(target).path
        if method == "GET" and path in self.files:
            await self._send_bytes(writer, 200, self.files[path], "image/png", {})
            return True
        if method == "GET":
            await self._send(writer, self.get_status, {"data": [{"id": "fake"}]}, {})
            return True
        if path.endswith("/chat/completions"):
            return await self._chat(reader, writer, body)
        if path.endswith("/embeddings"):
            vectors = [
                {"index": n, "embedding": [1.0]} for n, _ in enumerate(json.loads(body)["input"])
            ]
            await self._send(writer, 200, {"data": vectors, "usage": USAGE}, {})
            return True
        return await self._image(reader, writer, path, target, body)

    def _note(self, call: Call, event: str) -> None:
        if self._log is not None:
            line = {"event": event, "kind": call.kind, "key": call.key, "size": call.size}
            line |= {"text": call.text, "who": WHO.get()}
            with self._log.open("a") as file:
                file.write(json.dumps({**line, "time": time.time()}) + "\n")

    def _leave(self, call: Call) -> None:
        call.done = True
        self._note(call, "done")

    async def _chat(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, raw: bytes
    ) -> bool:
        body = json.loads(raw)
        role, text, picture = read_request(body)
        key = hashlib.sha256(f"{role}|{text}|{picture}".encode()).hexdigest()[:16]
        call = Call(role, key, len(raw), body if self._keep else {}, characters(body))
        said = await self._work(call, self.script, "vision" if picture else "text")
        if await self._is_lost(said, reader, writer):
            return False
        if said is None:
            said = json.dumps(self.conversation.answer(role, text, picture))
        answer = Answer(said) if isinstance(said, str) else said
        if answer.data is not None:
            await self._send_bytes(writer, answer.status, answer.data, answer.media, answer.headers)
        elif answer.status != 200:
            error = {"error": {"message": answer.content, "type": "fake", "code": None}}
            await self._send(writer, answer.status, error, answer.headers)
        else:
            await self._send(writer, 200, completion(answer, body), answer.headers)
            self._leave(call)
        return True

    async def _image(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        path: str,
        target: str,
        raw: bytes,
    ) -> bool:
        api = path.endswith("/images/generations")
        query = {k: v[0] for k, v in parse_qs(urlsplit(target).query).items()}
        body = json.loads(raw) if api else query
        key = hashlib.sha256(f"{body.get('prompt')}|{body.get('seed')}".encode()).hexdigest()[:16]
        call = Call("image", key, len(raw), body)
        said = await self._work(call, self.image_script, "image")
        if await self._is_lost(said, reader, writer):
            return False
        if isinstance(said, Answer) and said.status != 200:
            error = {"error": {"message": said.content}}
            await self._send(writer, said.status, error, said.headers)
            return True
        await self._send_picture(writer, said, body["prompt"], api)
        self._leave(call)
        return True

    async def _send_picture(
        self, writer: asyncio.StreamWriter, said: Answer | str | None, prompt: str, api: bool
    ) -> None:
        if isinstance(said, Answer) and said.data is not None:
            await self._send_bytes(writer, 200, said.data, said.media, said.headers)
            return
        own = said.content.encode() if isinstance(said, Answer) else None
        data = self.conversation.picture(prompt) if own is None else own
        if api:
            encoded = base64.b64encode(data).decode()
            await self._send(writer, 200, {"created": 0, "data": [{"b64_json": encoded}]}, {})
        else:
            await self._send_bytes(writer, 200, data, "image/png", {})

    async def _work(self, call: Call, script: Script | None, latency: str) -> Answer | str | None:
        """What the script says of the call, after the time that an answer takes."""
        self.calls.append(call)
        self._note(call, "start")
        said = script(call, len(self.calls) - 1) if script else None
        await asyncio.sleep(self.latency[latency])
        return said

    async def _is_lost(
        self, said: object, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Whether nobody will get an answer: who asked is gone, or the script wants it so."""
        if reader.at_eof():
            return True
        if said == SILENCE:
            await asyncio.sleep(3600)
        if said == HANG_UP:
            writer.transport.abort()
        return said == HANG_UP

    async def _send(
        self, writer: asyncio.StreamWriter, status: int, body: Any, headers: dict[str, str]
    ) -> None:
        data = json.dumps(body).encode()
        await self._send_bytes(writer, status, data, "application/json", headers)

    async def _send_bytes(
        self,
        writer: asyncio.StreamWriter,
        status: int,
        data: bytes,
        media: str,
        headers: dict[str, str],
    ) -> None:
        lines = [f"HTTP/1.1 {status} X", f"content-type: {media}", f"content-length: {len(data)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + data)
        await writer.drain()


def completion(answer: Answer, body: dict[str, Any]) -> dict[str, Any]:
    """A chat completion as OpenAI lays it out."""
    return {
        "id": "fake",
        "object": "chat.completion",
        "created": 0,
        "model": body.get("model", "fake"),
        "choices": [
            {
                "index": 0,
                "finish_reason": answer.finish_reason,
                "message": {"role": "assistant", "content": answer.content, **answer.message},
            }
        ],
        "usage": USAGE,
    }


async def serve_forever(options: argparse.Namespace) -> None:
    """The server as a process of its own; prints its URL."""
    server = FakeServer(
        text=options.text,
        vision=options.vision,
        image=options.image,
        succeed_in=options.succeed_in,
        questions=options.questions,
        size=options.size,
        port=options.port,
        log=options.log,
        keep=False,
    )
    server.conversation.distinct = options.distinct
    await server.start()
    print(server.url, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path)
    for name in ("text", "vision", "image"):
        parser.add_argument(f"--{name}", type=float, default=0.0)
    parser.add_argument("--succeed-in", type=int, default=2)
    parser.add_argument("--questions", type=int, default=3)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--distinct", action="store_true", help="every prompt's picture is another")
    asyncio.run(serve_forever(parser.parse_args()))
