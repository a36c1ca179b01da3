"""The LangChain adapter: any chat model of LangChain's as an MLLM; the vendors' files open it."""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.runnables import RunnableConfig

from ...errors import AnswerError, BackendError, Cost, DeclinedError
from ...settings import Settings
from ..capabilities import Closeable
from ..loop import on_model_loop
from ..loop_bound import LoopBound
from ..retry import RefusedRequestError, with_retries
from .answers import UnusableAnswerError
from .dialect import MODES, Dialect
from .messages import Said, parse_plain, parse_said, read_message, repair_messages, system_text
from .mllm import AnswerT, Reply, Role, render_fields
from .translation import translate
from .vision import EncodedPictures

UNSEEN: RunnableConfig = {"tags": ["nostream"]}
"""LangGraph's word for messages that are none of the conversation's, such as what roles say."""


def unstreamed(chat: BaseChatModel) -> BaseChatModel:
    """``chat``, which answers in one piece whoever watches: LangChain would have it stream for some
    stream modes of LangGraph's, whose tokens servers do not count and which some cannot do."""
    return (
        chat if chat.disable_streaming is True else chat.model_copy(update={"disable_streaming": True})
    )


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
        url: the server's address, to say which proxy leads there.
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
        url: str = "",
        dialect: Dialect | None = None,
    ) -> None:
        self.name = name
        self._settings = settings
        self._where = where or name
        self._url = url
        self.dialect = dialect or Dialect(MODES[-1:], (), settings.mllm_max_tokens)
        self._owns_chats = not isinstance(chat, BaseChatModel)
        open_chats = (lambda: [unstreamed(chat)]) if isinstance(chat, BaseChatModel) else chat
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
        texts = system_text(role, fields), render_fields(role, fields)
        return await on_model_loop(self._ask(role, texts, images, max_requests))

    async def _ask(
        self,
        role: Role[AnswerT],
        texts: tuple[str, str],
        images: Sequence[Path],
        max_requests: int | None,
    ) -> Reply[AnswerT]:
        pictures = self._pool.get().pictures
        # Pictures first: the questions about one picture then begin alike, and a server that keeps what
        # it has read of a prompt reads the picture once.
        blocks: list[str | dict[str, Any]] = []
        for number, path in enumerate(images, 1):
            if len(images) > 1:
                blocks.append({"type": "text", "text": f"Picture {number}:"})
            data, media = await pictures.get(path)
            blocks.append({"type": "image", "base64": data, "mime_type": media})
        blocks.append({"type": "text", "text": texts[1]})
        messages = [SystemMessage(texts[0]), HumanMessage(content=blocks)]
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
                    return await next(pool.next_chat).ainvoke(messages, UNSEEN, **options)
            # Every provider raises errors of its own.
            except Exception as exc:
                raise translate(exc, self._where, self._url, limit) from exc

    async def aclose(self) -> None:
        """See ``Closeable``; a chat model that was handed in stays open."""
        await on_model_loop(self._close())

    async def _close(self) -> None:
        pool = self._pool.take()
        for chat in pool.chats if pool is not None and self._owns_chats else ():
            if isinstance(chat, Closeable):
                await chat.aclose()


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
        self._dialect = model.dialect.copy()
        self._mode = self._dialect.mode
        self._sent = "\n".join(str(message.text) for message in messages)
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
            said = read_message(await self._send(messages))
            try:
                answer = parse_said(said, self._role.answer)
            except UnusableAnswerError as exc:
                if repaired and (plain := parse_plain(said, self._role.answer)) is not None:
                    return Reply(plain, said.reasoning, self.cost)
                self._prepare_another(exc, said, repaired)
                messages = [*self._messages, *repair_messages(said.text, str(exc))]
                repaired = True
            else:
                self._model.dialect.settle(self._mode)
                return Reply(answer, said.reasoning, self.cost, said.tokens)

    def _prepare_another(self, problem: UnusableAnswerError, said: Said, repaired: bool) -> None:
        """Goes a rung down, once a repair was in vain.

        Raises:
            DeclinedError: the model will not answer.
            AnswerError: that was the last one, or the budget is used up.
        """
        name = self._model.name
        # Words alone may be a clumsy answer, which one more request would mend.
        if said.declined and (repaired or self._left < 1 or not said.in_words):
            raise DeclinedError(
                f"{name} declines to answer as {self._role.name} ({said.declined}): word the prompt "
                "another way, or name another MLLM"
            ) from problem
        lower = self._dialect.below(self._mode) if repaired else self._mode
        if lower is None or self._left < 1:
            budget = "" if self._left else "; the call budget allows no further try"
            raise AnswerError(f"{name} gave no usable answer: {problem}{budget}") from problem
        self._mode = lower

    async def _send(self, messages: list[BaseMessage]) -> AIMessage:
        """One request with its retries, and without what the server refuses to take. What it lets be
        left out is remembered once it answers without it: words alone may be about something else."""
        while True:
            body = self._dialect.body(self._role, self._mode)
            try:
                message = await self._try(messages, body)
            except RefusedRequestError as exc:
                mode = self._dialect.leave_out(exc, body, self._mode, self._sent)
                if mode is None or self._left < 1:
                    raise
                self._mode = mode
                continue
            self._model.dialect.adopt(self._dialect)
            if used := message.usage_metadata:
                self.cost += Cost(0, used["input_tokens"], used["output_tokens"])
            return message

    async def _try(self, messages: list[BaseMessage], body: dict[str, Any]) -> AIMessage:
        async def attempt() -> AIMessage:
            self.cost += Cost(requests=1)
            return await self._model.request(messages, body)

        return await with_retries(attempt, self._retries, most=self._left)
