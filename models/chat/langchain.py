"""The LangChain adapter: any chat model of LangChain's as an MLLM; the vendors' files open it."""

from __future__ import annotations

import asyncio
import itertools
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from ...errors import AnswerError, BackendError, Cost, UnreachableError
from ...settings import Settings
from ..capabilities import Closeable
from ..loop import on_model_loop
from ..loop_bound import LoopBound
from ..retry import FailedRequestError, RefusedRequestError, failure_of_status, with_retries
from .answers import UnusableAnswerError
from .dialect import MODES, Dialect
from .messages import parse_message, read_message, repair_messages, system_text
from .mllm import AnswerT, Reply, Role, render_fields
from .vision import EncodedPictures


class ChatPool:
    """What one event loop asks with: its chat models, a limit on requests in flight, and the
    pictures on their way."""

    def __init__(self, chats: Sequence[BaseChatModel], settings: Settings) -> None:
        self.chats = chats
        self.next_chat = itertools.cycle(chats)
        self.turns = asyncio.Semaphore(settings.mllm_concurrency)
        self.pictures = EncodedPictures(settings.mllm_image_side)


class LangChainMLLM:
    """An MLLM behind a LangChain chat model; see ``MLLM``.

    Args:
        chat: the chat model, its own retries off; or what opens chat models that take turns, called
            once for each event loop that asks. Only what was opened here is closed here.
        name: the spec, for records.
        where: model and address, for error messages.
        dialect: the form of requests, for a chat model of an OpenAI-compatible server; any other is
            sent the messages and nothing else.
    """

    def __init__(
        self,
        chat: BaseChatModel | Callable[[], Sequence[BaseChatModel]],
        settings: Settings,
        *,
        name: str,
        where: str | None = None,
        dialect: Dialect | None = None,
    ) -> None:
        self.name = name
        self._settings = settings
        self._where = where or name
        self.dialect = dialect or Dialect(MODES[-1:], (), settings.mllm_max_tokens)
        self._owns_chats = not isinstance(chat, BaseChatModel)
        open_chats = (lambda: [chat]) if isinstance(chat, BaseChatModel) else chat
        self._pool = LoopBound(lambda: ChatPool(open_chats(), settings))

    async def ask(
        self,
        role: Role[AnswerT],
        fields: Mapping[str, Any],
        images: Sequence[Path] = (),
        *,
        max_requests: int | None = None,
    ) -> Reply[AnswerT]:
        """See ``MLLM.ask``; at most ``GEMS_MLLM_CONCURRENCY`` requests are in flight at once."""
        text = render_fields(role, fields)
        return await on_model_loop(self._ask(role, text, images, max_requests))

    async def _ask(
        self, role: Role[AnswerT], text: str, images: Sequence[Path], max_requests: int | None
    ) -> Reply[AnswerT]:
        pictures = self._pool.get().pictures
        blocks: list[str | dict[str, Any]] = [{"type": "text", "text": text}]
        for path in images:
            data, media = await pictures.get(path)
            blocks.append({"type": "image", "base64": data, "mime_type": media})
        messages = [SystemMessage(system_text(role)), HumanMessage(content=blocks)]
        retries = self._settings.mllm_retries
        conversation = Conversation(self, role, messages, retries, max_requests)
        try:
            return await conversation.run()
        except BackendError as exc:
            exc.cost = conversation.cost
            raise

    async def request(self, messages: list[BaseMessage], body: dict[str, Any]) -> AIMessage:
        """One request, with ``body`` besides what the chat model sends.

        Raises:
            FailedRequestError: it failed, for good or for now.
        """
        pool = self._pool.get()
        options: dict[str, Any] = {"extra_body": body} if body else {}
        limit = self._settings.mllm_timeout
        async with pool.turns:
            try:
                async with asyncio.timeout(limit):
                    return await next(pool.next_chat).ainvoke(messages, **options)
            # Every provider raises errors of its own; this is the one place they are translated.
            except Exception as exc:
                raise self._translate(exc, limit) from exc

    async def aclose(self) -> None:
        """See ``Closeable``; a chat model that was handed in stays open."""
        await on_model_loop(self._close())

    async def _close(self) -> None:
        pool = self._pool.take()
        for chat in pool.chats if pool is not None and self._owns_chats else ():
            if isinstance(chat, Closeable):
                await chat.aclose()

    def _translate(self, exc: Exception, limit: float) -> FailedRequestError:
        status = getattr(exc, "status_code", None)
        if isinstance(exc, TimeoutError) or "timeout" in type(exc).__name__.lower():
            error = UnreachableError(
                f"{self._where} gave no answer in {limit:g} s; allow more with GEMS_MLLM_TIMEOUT"
            )
            return FailedRequestError(error, True)
        if isinstance(status, int) and status >= 400:
            headers = getattr(getattr(exc, "response", None), "headers", {})
            said = str(getattr(exc, "message", exc))
            after = headers.get("retry-after")
            return failure_of_status(self._where, status, said, after, "GEMS_MLLM_API_KEY")
        if re.search("connect|protocol|network|read|closed", type(exc).__name__.lower()):
            first = first_cause(exc)
            reason = " ".join(str(first).split())[:200] or type(first).__name__
            advice = "is the server up, and GEMS_MLLM_BASE_URL right?"
            error = UnreachableError(f"{self._where} cannot be reached ({reason}): {advice}")
            return FailedRequestError(error, True, brief=type(first).__name__ == "ConnectError")
        reason = " ".join(str(exc).split())[:300]
        return FailedRequestError(AnswerError(f"{self._where}: {type(exc).__name__}: {reason}"), False)


class Conversation:
    """One call with its retries, its repair and its way down the ladder."""

    def __init__(
        self,
        model: LangChainMLLM,
        role: Role[Any],
        messages: list[BaseMessage],
        retries: int,
        max_requests: int | None,
    ) -> None:
        self._model = model
        self._role = role
        self._messages = messages
        self._retries = retries
        self._most = sys.maxsize if max_requests is None else max(1, max_requests)
        self._dialect = model.dialect
        self._mode = model.dialect.mode
        self.cost = Cost()

    @property
    def _left(self) -> int:
        return self._most - self.cost.requests

    async def run(self) -> Reply[Any]:
        """The reply.

        Raises:
            BackendError: none could be had.
        """
        messages, repaired = self._messages, False
        while True:
            message = await self._send(messages)
            text, reasoning = read_message(message)
            try:
                answer = parse_message(message, text, self._role.answer)
            except UnusableAnswerError as exc:
                self._prepare_another(exc, repaired)
                messages = [*self._messages, *repair_messages(text, str(exc))]
                repaired = True
            else:
                self._dialect.settle(self._mode)
                return Reply(answer, reasoning, self.cost)

    def _prepare_another(self, problem: UnusableAnswerError, repaired: bool) -> None:
        """Goes a rung down, once a repair was in vain.

        Raises:
            AnswerError: that was the last one, or the budget is used up.
        """
        lower = self._dialect.below(self._mode) if repaired else self._mode
        if lower is None or self._left < 1:
            budget = "" if self._left else "; the call budget allows no further try"
            raise AnswerError(
                f"{self._model.name} gave no usable answer: {problem}{budget}; a larger model or more "
                "GEMS_MLLM_MAX_TOKENS may help"
            ) from problem
        self._mode = lower

    async def _send(self, messages: list[BaseMessage]) -> AIMessage:
        """One request with its retries, and without what the server refuses to take."""
        while True:
            body = self._dialect.body(self._role, self._mode)
            try:
                message = await self._try(messages, body)
            except RefusedRequestError as exc:
                mode = self._dialect.leave_out(exc, body, self._mode)
                if mode is None or self._left < 1:
                    raise
                self._mode = mode
                continue
            if used := message.usage_metadata:
                self.cost += Cost(0, used["input_tokens"], used["output_tokens"])
            return message

    async def _try(self, messages: list[BaseMessage], body: dict[str, Any]) -> AIMessage:
        async def attempt() -> AIMessage:
            self.cost += Cost(requests=1)
            return await self._model.request(messages, body)

        return await with_retries(attempt, min(self._retries, self._left - 1))


def first_cause(exc: BaseException) -> BaseException:
    """The error at the beginning of a chain, which says more than those wrapped around it."""
    while exc.__cause__ is not None and not isinstance(exc.__cause__, OSError):
        exc = exc.__cause__
    return exc
