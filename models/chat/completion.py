"""What a chat server answered, read from the bytes: servers that call themselves compatible put an
answer in many places, and send a success in which there is none."""

from __future__ import annotations

import json
from typing import Any

from langchain_core.messages import AIMessage

from ..server_words import one_line, words_of
from ..text import clean

FAILED = ("error", "insufficient_system_resource", "network_error")
"""Reasons to end by which a server says that it failed."""


class NoAnswerError(ValueError):
    """A success that holds no answer; the message says what it holds instead.

    Attributes:
        status: the HTTP status that an error inside names.
        body: what came, for the words and wishes in it.
    """

    def __init__(self, what: str, body: str = "", status: int | None = None) -> None:
        super().__init__(what)
        self.body = body
        self.status = status


def read_completion(body: bytes) -> AIMessage:
    """The message in the body of a chat completion.

    Its text is what was said; ``additional_kwargs`` hold ``reasoning_content``, ``tool_arguments`` and
    ``refusal`` where there are any.

    Raises:
        NoAnswerError: there is none.
    """
    text = body.decode("utf-8", "replace")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise NoAnswerError(describe(text), text) from None
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    choice = choice_in(value)
    if choice is None or not isinstance(value, dict):
        raise NoAnswerError(without_choice(value, text), text, status_in(value))
    if problem := failure_in(choice):
        raise NoAnswerError(f"an error ({problem})", text, status_in(choice))
    return message_of(choice, value if isinstance(value, dict) else {})


def describe(text: str) -> str:
    """A body that is no JSON, in a few words."""
    start = text.lstrip()[:200]
    if not start:
        return "an empty body"
    if start.startswith(("data:", "event:", ":")):
        return "an event stream that nobody asked for"
    if start.startswith("<"):
        return f"a web page ({words_of(text)[:100]})"
    return f"what is no JSON, or half of one ({one_line(start)[:100]})"


def without_choice(value: Any, text: str) -> str:
    """JSON that is no completion, in a few words."""
    if isinstance(value, dict) and not value.get("choices") and tells_error(value):
        return f"an error ({words_of(text)[:200]})"
    return f"JSON that holds no answer ({one_line(text)[:100]})"


def tells_error(value: dict[str, Any]) -> bool:
    """Whether an object without choices speaks of an error."""
    return any(value.get(name) for name in ("error", "errors", "detail", "message", "msg"))


def choice_in(value: Any) -> dict[str, Any] | None:
    """The first choice that says something, or that says why it does not."""
    if not isinstance(value, dict):
        return None
    choices = value.get("choices")
    # Other APIs' answers: the message beside the reason to end, or the content itself.
    bare = {"message": value, "finish_reason": value.get("stop_reason")} if "role" in value else value
    for choice in choices if isinstance(choices, list) else (bare,):
        if isinstance(choice, dict) and (choice.get("error") or message_in(choice) is not None):
            return None if choice is value and not isinstance(choice.get("message"), dict) else choice
    return None


def message_in(choice: dict[str, Any]) -> dict[str, Any] | None:
    """A choice's message: the usual one, the text of an older form, or none but a reason to end."""
    message = choice.get("message")
    if isinstance(message, dict):
        return message
    if isinstance(message, str):
        return {"content": message}
    if isinstance(choice.get("text"), str):
        return {"content": choice["text"]}
    ended = choice.get("finish_reason")
    return {} if isinstance(ended, str) and ended not in ("stop", "length") else None


def failure_in(choice: dict[str, Any]) -> str:
    """What a choice tells of a failure of the server's; empty: nothing."""
    if choice.get("error"):
        return words_of(json.dumps(choice["error"]))[:200]
    said = message_in(choice) or {}
    ended = str(choice.get("finish_reason")).lower()
    return f"finish_reason {ended}" if ended in FAILED and not text_of(said.get("content")) else ""


def status_in(value: Any) -> int | None:
    """The HTTP status that an error inside a success names."""
    error = value.get("error") if isinstance(value, dict) else None
    for entry in (error, value):
        holder = entry if isinstance(entry, dict) else {}
        for code in (holder.get(name) for name in ("code", "status", "status_code")):
            if isinstance(code, str) and code.isdigit():
                code = int(code)
            if isinstance(code, int) and 400 <= code <= 599:
                return code
    return None


def message_of(choice: dict[str, Any], value: dict[str, Any]) -> AIMessage:
    """A choice as a message of LangChain's."""
    said = message_in(choice) or {}
    beside = {
        "reasoning_content": reasoning_of(said),
        "tool_arguments": arguments_of(said),
        "refusal": text_of(said.get("refusal")),
    }
    return AIMessage(
        content=clean(text_of(said.get("content")) or text_of(said.get("parsed"))),
        additional_kwargs=clean({name: found for name, found in beside.items() if found}),
        response_metadata={
            "finish_reason": choice.get("finish_reason"),
            "logprobs": choice.get("logprobs"),
        },
        usage_metadata=usage_of(value.get("usage")),
    )


def text_of(content: Any) -> str:
    """Content as one text: itself, the parts it is split into, or the object it was parsed to."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(part if isinstance(part, str) else text_of_part(part) for part in content)
    if isinstance(content, dict):
        return text_of_part(content) or json.dumps(content, ensure_ascii=False)
    return ""


def text_of_part(part: Any) -> str:
    """The text of one part of a content; reasoning is none."""
    if not isinstance(part, dict) or str(part.get("type")) in ("thinking", "reasoning", "thought"):
        return ""
    for name in ("text", "output_text", "json", "content", "refusal"):
        inner = part.get(name)
        if isinstance(inner, str):
            return inner
        if isinstance(inner, dict):
            value = inner.get("value")
            return value if isinstance(value, str) else json.dumps(inner, ensure_ascii=False)
    return ""


def reasoning_of(said: dict[str, Any]) -> str:
    """The reasoning beside or among the content."""
    for name in ("reasoning_content", "reasoning", "thinking", "reasoning_details"):
        if text := text_of(said.get(name)):
            return text
    parts = said.get("content")
    found = [
        str(part.get("thinking") or part.get("reasoning") or part.get("text") or "")
        for part in (parts if isinstance(parts, list) else ())
        if isinstance(part, dict) and str(part.get("type")) in ("thinking", "reasoning", "thought")
    ]
    return "\n".join(filter(None, found))


def arguments_of(said: dict[str, Any]) -> list[str]:
    """The arguments of every tool that the model meant to call with its answer."""
    calls = said.get("tool_calls")
    functions = [
        call.get("function", call)
        for call in (calls if isinstance(calls, list) else ())
        if isinstance(call, dict)
    ]
    functions.append(said.get("function_call"))
    found = [
        text_of(function.get("arguments") or function.get("input"))
        for function in functions
        if isinstance(function, dict)
    ]
    return [text for text in found if text]


def usage_of(usage: Any) -> Any:
    """The tokens, as LangChain's messages carry them; None: not told."""
    if not isinstance(usage, dict):
        return None
    came, went = (
        max(0, count) if isinstance(count := usage.get(name), int) else 0
        for name in ("prompt_tokens", "completion_tokens")
    )
    return {"input_tokens": came, "output_tokens": went, "total_tokens": came + went}
