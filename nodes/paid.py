"""What the task at work was answered before its process was killed, so that it is not paid again."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import astuple
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..errors import Cost, StorageError
from ..memory.paid import Answer, PaidAnswers
from ..models.chat.likelihood import Token
from ..models.chat.mllm import MLLM, AnswerT, Reply, Role
from ..models.chat.wrapped import WrappedMLLM
from .budgets import MEMORY


class TaskAnswers:
    """The answers of one execution of a task. What cannot be kept is not: the run goes on all the same.

    The n-th request that is worded alike finds the n-th answer to it, as somebody may ask twice to hear
    something else.
    """

    def __init__(self, answers: PaidAnswers, thread: str, task: str) -> None:
        self._answers = answers
        self._thread = thread
        self._task = task
        self._asked: Counter[str] = Counter()
        self._known: dict[str, Answer] | None = None
        self._reading = asyncio.Lock()

    def key(self, request: Sequence[object]) -> str:
        """The name of the answer to ``request`` (JSON values) that comes next."""
        text = json.dumps(request, sort_keys=True, default=str).encode("utf-8", "replace")
        digest = hashlib.blake2b(text, digest_size=16).hexdigest()
        self._asked[digest] += 1
        return f"{digest}-{self._asked[digest]}"

    async def find(self, key: str) -> Answer | None:
        """The answer that was kept under ``key``."""
        async with self._reading:
            if self._known is None:
                self._known = await asyncio.to_thread(self._read)
        return self._known.get(key)

    def keep(self, key: str, answer: Answer) -> None:
        """Keeps an answer. May block."""
        with suppress(StorageError):
            self._answers.keep(self._thread, self._task, key, answer)

    async def forget(self) -> None:
        """Forgets them all: whoever goes on had better ask anew."""
        if not self._asked:
            return
        with suppress(StorageError):
            await asyncio.to_thread(self._answers.drop_task, self._thread, self._task)

    def _read(self) -> dict[str, Answer]:
        try:
            return self._answers.of(self._thread, self._task)
        except StorageError:
            return {}


PAID: ContextVar[TaskAnswers | None] = ContextVar("PAID", default=None)
"""Of the task at work; None: nothing would go on with it."""


class KeptMLLM(WrappedMLLM):
    """An MLLM whose answers are kept for the task at work; see ``MLLM``. One that would answer alike
    anyway is just asked again."""

    async def ask(
        self,
        role: Role[AnswerT],
        fields: Mapping[str, Any],
        images: Sequence[Path] = (),
        *,
        max_requests: int | None = None,
    ) -> Reply[AnswerT]:
        """See ``MLLM.ask``."""
        paid = None if self.steady else PAID.get()
        if paid is None:
            return await self._mllm.ask(role, fields, images, max_requests=max_requests)
        key = paid.key([self.name, *request_of(role, fields, images)])
        found = await paid.find(key)
        reply = None if found is None else reply_in(found, role)
        if reply is None:
            reply = await self._mllm.ask(role, fields, images, max_requests=max_requests)
            await asyncio.to_thread(paid.keep, key, kept_reply(reply))
        return reply


def kept_by_task(mllm: MLLM) -> MLLM:
    """``mllm``, its answers kept for whichever task asks."""
    return mllm if isinstance(mllm, KeptMLLM) else KeptMLLM(mllm)


def request_of(
    role: Role[Any], fields: Mapping[str, Any], images: Sequence[Path]
) -> tuple[object, ...]:
    """What tells one request of a task from another. What earlier runs taught is no part of it: it may
    have grown since, and the answer counts all the same."""
    told = {name: value for name, value in fields.items() if name not in MEMORY}
    return role.name, role.instructions, told, [path.name for path in images]


def money_noted(answers: PaidAnswers, thread: str) -> float:
    """What the answers that are noted of a thread cost together. May block."""
    noted: Sequence[Answer] = []
    with suppress(StorageError):
        noted = answers.every(thread)
    pictures = [answer.get("cost") or 0.0 for answer in noted if "attempt" in answer]
    costs = [answer.get("cost") or [] for answer in noted if "attempt" not in answer]
    return sum(cost[3] or 0.0 for cost in costs if len(cost) > 3) + sum(pictures)


def kept_reply(reply: Reply[Any]) -> Answer:
    """A reply as it is kept; ``reply_in`` reads it."""
    return {
        "answer": reply.answer.model_dump(mode="json"),
        "reasoning": reply.reasoning,
        "cost": [*astuple(reply.cost)],
        "tokens": [[token.text, dict(token.likelihoods)] for token in reply.tokens],
    }


def reply_in(kept: Answer, role: Role[AnswerT]) -> Reply[AnswerT] | None:
    """The reply that was kept; None where another version wrote it."""
    try:
        return Reply(
            role.answer.model_validate(kept["answer"]),
            kept["reasoning"],
            Cost(*kept["cost"]),
            tuple(Token(text, likelihoods) for text, likelihoods in kept["tokens"]),
        )
    except (ValidationError, KeyError, TypeError, ValueError):
        return None
