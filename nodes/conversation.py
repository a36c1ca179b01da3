"""A run as a turn of a conversation: what its last message asks for, and what answers it."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import InputError

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

ENDINGS = {
    "all_passed": "Everything you asked for is there",
    "accepted": "Taken as it is",
    "max_rounds": "The rounds are used up; this is the best picture",
    "budget": "The budget is used up; this is the best picture",
    "unverified": "Nobody could judge this picture",
    "unreliable": "The judge contradicts itself; this is the best picture so far",
    "failed": "The run could not go on; this is the best picture",
    "cancelled": "Stopped; this is the best picture so far",
}


def unanswered(messages: Sequence[BaseMessage], asked: str) -> BaseMessage | None:
    """The last message, if it is a person's and not the one called ``asked``, which a run took up
    already."""
    last = messages[-1] if messages else None
    return last if last is not None and last.type == "human" and last.id != asked else None


def words_of(message: BaseMessage) -> str:
    """The words of a message, its text blocks joined."""
    return str(message.text).strip()


def pictures_in(message: BaseMessage) -> list[Mapping[str, Any]]:
    """The image blocks of a message."""
    blocks = [block for block in message.content if isinstance(block, Mapping)]
    return [block for block in blocks if block.get("type") in ("image", "image_url")]


def decoded(block: Mapping[str, Any]) -> bytes:
    """The file in an image block of LangChain's, OpenAI's or a chat page's form.

    Raises:
        InputError: it is given by its address, which nothing here fetches, or is not base64.
    """
    link = block.get("image_url") or block.get("url") or ""
    url = str(link.get("url") or "") if isinstance(link, Mapping) else str(link)
    data = block.get("base64") or block.get("data") or ""
    if url.startswith("data:"):
        data = url.partition(",")[2]
    if not data:
        raise InputError(
            "a message's picture must come along as base64: addresses and file ids are not fetched"
        )
    try:
        return base64.b64decode(str(data), validate=True)
    except (binascii.Error, ValueError) as exc:
        raise InputError("a message's picture is no valid base64") from exc


def question(prompt: str) -> HumanMessage:
    """The message of a person who asks for ``prompt``."""
    from langchain_core.messages import HumanMessage

    return HumanMessage(prompt, id=str(uuid.uuid4()))


def answer(prompt: str, result: Mapping[str, Any], place: str) -> AIMessage:
    """What a run answers: how it ended and its picture, in Markdown, which chat pages show."""
    from langchain_core.messages import AIMessage

    label = "".join(c for c in " ".join(prompt.split()) if c not in "[]()\\`")[:100]
    score = f" ({result['passed']} of {result['total']})" if result["total"] else ""
    reason = f"\n\nBecause {result['reason']}" if result.get("reason") else ""
    text = f"{ENDINGS[result['outcome']]}{score}.\n\n![{label}]({place}){reason}"
    return AIMessage(text)
