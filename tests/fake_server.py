"""A loopback server that speaks the OpenAI chat and image APIs and the gems-http protocol.

In a test: ``with FakeServer() as server: ... server.base_url``. As a process of its own:
``python tests/fake_server.py --port 9000 --log calls.jsonl --text 0.3 --vision 0.5 --image 1.0``.

It plays a real conversation: it tells roles apart by their system message, and looks at the pictures
it is sent. Each picture it draws carries its round as the grey of its top left corner, and the
verifier passes the last question from round ``succeed_in`` on.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import io
import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
from PIL import Image

USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
HANG_UP, SILENCE = "hang up", "silence"


@dataclass
class Call:
    """One request the server got."""

    kind: str
    key: str
    size: int
    body: dict[str, Any]
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
        self.succeed_in = succeed_in
        self.questions = questions
        self.size = size
        self.calls: list[Call] = []
        self.heads: list[dict[str, str]] = []
        self.get_status = 200
        self.files: dict[str, bytes] = {}
        self._port = port
        self._log = log
        self._keep = keep
        self._pictures: dict[int, bytes] = {}
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
            with self._log.open("a") as file:
                file.write(json.dumps({**line, "time": time.time()}) + "\n")

    def _enter(self, call: Call) -> int:
        self.calls.append(call)
        self._note(call, "start")
        return len(self.calls) - 1

    def _leave(self, call: Call) -> None:
        call.done = True
        self._note(call, "done")

    async def _chat(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, raw: bytes
    ) -> bool:
        body = json.loads(raw)
        role, text, picture = read_request(body)
        key = hashlib.sha256(f"{role}|{text}|{picture}".encode()).hexdigest()[:16]
        call = Call(role, key, len(raw), body if self._keep else {})
        number = self._enter(call)
        said: Answer | str | None = self.script(call, number) if self.script else None
        await asyncio.sleep(self.latency["vision" if picture else "text"])
        if reader.at_eof():
            # Whoever asked is gone: this answer reaches nobody, and is not a finished call.
            return False
        if said == SILENCE:
            await asyncio.sleep(3600)
        if said == HANG_UP:
            writer.transport.abort()
            return False
        if said is None:
            said = json.dumps(self.sensible(role, text, picture))
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
        number = self._enter(call)
        said = self.image_script(call, number) if self.image_script else None
        await asyncio.sleep(self.latency["image"])
        if reader.at_eof():
            # Whoever asked is gone: this answer reaches nobody, and is not a finished call.
            return False
        if said == SILENCE:
            await asyncio.sleep(3600)
        if said == HANG_UP:
            writer.transport.abort()
            return False
        if isinstance(said, Answer) and said.status != 200:
            error = {"error": {"message": said.content}}
            await self._send(writer, said.status, error, said.headers)
            return True
        if isinstance(said, Answer) and said.data is not None:
            await self._send_bytes(writer, 200, said.data, said.media, said.headers)
            self._leave(call)
            return True
        data = said.content.encode() if isinstance(said, Answer) else self.picture(body["prompt"])
        if api:
            encoded = base64.b64encode(data).decode()
            await self._send(writer, 200, {"created": 0, "data": [{"b64_json": encoded}]}, {})
        else:
            await self._send_bytes(writer, 200, data, "image/png", {})
        self._leave(call)
        return True

    def picture(self, prompt: str) -> bytes:
        """A PNG whose top left corner tells the round."""
        match = re.search(r"\(round (\d+)\)", prompt)
        round_number = int(match[1]) if match else 1
        if round_number not in self._pictures:
            noise = np.random.default_rng(round_number)
            side = self.size
            pixels = np.linspace(60, 200, side, dtype=np.float32)[None, :, None]
            pixels = np.repeat(np.repeat(pixels, side, 0), 3, 2) + noise.normal(0, 6, (side, side, 3))
            pixels[: side // 4, : side // 4] = 20 * round_number
            buffer = io.BytesIO()
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(buffer, "PNG")
            self._pictures[round_number] = buffer.getvalue()
        return self._pictures[round_number]

    def sensible(self, role: str, text: str, picture: str) -> dict[str, Any]:
        """What a model that does its work would answer."""
        if role == "planner":
            return {"skill": "none", "reason": "a plain request"}
        if role == "skill_writer":
            return {"prompt": section(text, "prompt") + ", beautifully composed"}
        if role == "decomposer":
            numbers = range(1, self.questions + 1)
            return {
                "questions": [
                    {
                        "question": f"Is thing {n} there?",
                        "statement": f"thing {n}",
                        "kind": "object",
                        "depends_on": None,
                    }
                    for n in numbers
                ]
            }
        if role == "verifier":
            return {"verdict": self.verdict(section(text, "question"), picture), "reason": "I looked"}
        if role == "verifier_all":
            lines = section(text, "questions").splitlines()
            return {
                "verdicts": [
                    {"number": n, "verdict": self.verdict(line, picture), "reason": "I looked"}
                    for n, line in enumerate(lines, 1)
                ]
            }
        if role == "compressor":
            return {"experience": "The last thing was missing; ask for it first."}
        return self.refined(text) if role == "refiner" else {}

    def refined(self, text: str) -> dict[str, Any]:
        """A rewrite that names every requirement and the round."""
        rounds = len(json.loads(section(text, "attempts"))) + 1
        wanted = [r["statement"] for r in json.loads(section(text, "requirements"))]
        prompt = f"{section(text, 'prompt')}: {', '.join(wanted)} (round {rounds})"
        covers = [{"number": n, "quote": quote} for n, quote in enumerate(wanted, 1)]
        return {
            "action": "rewrite",
            "prompt": prompt,
            "strategy": "  Spell\nOUT ",
            "reasoning": "spell it out",
            "covers": covers,
        }

    def verdict(self, question: str, picture: str) -> str:
        """Looks at the picture; the last question fails until the round of success."""
        with Image.open(io.BytesIO(base64.b64decode(picture))) as image:
            image.draft("L", (64, 64))
            grey = np.asarray(image.convert("L").resize((16, 16)))[1:3, 1:3].mean()
        last = f"thing {self.questions} " in question
        return "no" if last and round(grey / 20) < self.succeed_in else "yes"

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


def read_request(body: dict[str, Any]) -> tuple[str, str, str]:
    """(role, the user's text, the last picture as base64 or "") of a chat request."""
    system = str(body["messages"][0]["content"])
    match = re.match(r"Role: (\w+)", system)
    text, picture = "", ""
    for message in body["messages"]:
        if message["role"] != "user":
            continue
        parts = message["content"]
        for part in [{"type": "text", "text": parts}] if isinstance(parts, str) else parts:
            if part["type"] == "text":
                text += part["text"]
            else:
                picture = part["image_url"]["url"].split(",", 1)[1]
    return (match[1] if match else "unknown"), text, picture


def section(text: str, name: str) -> str:
    """One labelled section of a role's message."""
    match = re.search(rf"<{name}>\n(.*?)\n</{name}>", text, re.DOTALL)
    return match[1] if match else ""


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
    asyncio.run(serve_forever(parser.parse_args()))
