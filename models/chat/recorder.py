"""Records what a model is asked and answers, for ``replay.py`` to play back."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...errors import AnswerError, Cost, DeclinedError, GemsError, NotInWorldError, StorageError
from ..lines import append_line, read_lines
from .mllm import MLLM, AnswerT, Reply, Role
from .recording import Request, digest_of, hidden, request_of
from .wrapped import WrappedMLLM

FAILURES: tuple[type[GemsError], ...] = (AnswerError, DeclinedError, NotInWorldError)
"""What a model would do again. That a server was away is no property of the model."""
_writing = threading.Lock()


class RecordingMLLM(WrappedMLLM):
    """Another MLLM, whose answers are appended to a file as they come; see ``MLLM``.

    Raises:
        StorageError: the file cannot be written.
    """

    def __init__(self, mllm: MLLM, path: Path) -> None:
        super().__init__(mllm)
        self._path = path
        held = read_entries(path)
        if not held:
            append_line(path, json.dumps({"recorded": mllm.name, "steady": self.steady}))
        self._told = {entry.get("told") for entry in held if "text" in entry}

    async def ask(
        self,
        role: Role[AnswerT],
        fields: Mapping[str, Any],
        images: Sequence[Path] = (),
        *,
        max_requests: int | None = None,
    ) -> Reply[AnswerT]:
        """See ``MLLM.ask``.

        Raises:
            StorageError: the answer cannot be written down.
        """
        request = await request_of(role, fields, images)
        try:
            reply = await self._mllm.ask(role, fields, images, max_requests=max_requests)
        except FAILURES as exc:
            failure = {"failure": type(exc).__name__, "message": str(exc)}
            cost = getattr(exc, "cost", Cost())
            await asyncio.to_thread(self._write, request, {**failure, "usage": asdict(cost)})
            raise
        said: dict[str, Any] = {
            "answer": reply.answer.model_dump(mode="json"),
            "reasoning": reply.reasoning,
            "usage": asdict(reply.cost),
        }
        if reply.tokens:
            said["tokens"] = [[token.text, dict(token.likelihoods)] for token in reply.tokens]
        await asyncio.to_thread(self._write, request, said)
        return reply

    def _write(self, request: Request, said: Mapping[str, Any]) -> None:
        told = digest_of(request.told)
        call = {
            "request": request.digest,
            "role": request.role,
            "told": told,
            "fields": request.fields,
            "pictures": request.pictures,
        }
        with _writing:
            if told not in self._told:
                text = {"told": told, "role": request.role, "text": request.told}
                append_line(self._path, json.dumps(text, ensure_ascii=False))
                self._told.add(told)
            append_line(self._path, json.dumps({**call, **hidden(said)}, ensure_ascii=False))


def read_entries(path: Path) -> list[dict[str, Any]]:
    """The lines of a recording that are whole.

    Raises:
        StorageError: the file cannot be read.
    """
    try:
        lines = read_lines(path)
    except OSError as exc:
        raise StorageError(f"cannot read {path}: {exc.strerror}; name another file") from exc
    found = []
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            found.append(entry)
    return found
