"""What every chat provider's exceptions mean, in our own; the one place where they are translated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...errors import RefusedError, UnreachableError
from ..proxies import proxy_note
from ..retry import FailedRequestError, add_note, failure_of_status
from ..server_words import one_line
from ..waits import wished_wait
from .completion import NoAnswerError

BY_PROXIES = frozenset({403, 407, 502, 503, 504})
"""What a proxy may have answered in the server's place."""
UNREACHED = "connect|protocol|network|read|closed|proxy|decoding"
"""Words in the names of exceptions that say no answer came whole."""


def translate(
    exc: Exception, where: str, url: str, limit: float, part: str = "MLLM"
) -> FailedRequestError:
    """Our failure for what a chat model raised.

    Args:
        where: model and address, for messages.
        url: the address, where GEMS knows it.
        limit: seconds that the request had.
        part: whose settings name the server, for advice.
    """
    key = f"GEMS_{part}_API_KEY"
    first = first_cause(exc)
    if isinstance(exc, NoAnswerError):
        return no_answer(exc, where, key)
    if isinstance(exc, TimeoutError) or "timeout" in type(exc).__name__.lower():
        return FailedRequestError(UnreachableError(f"{where} gave no answer in {limit:g} s"), True)
    status = status_of(exc)
    if status is not None:
        response = getattr(exc, "response", None)
        failure = failure_of_status(where, status, body_of(exc), headers_of(response), key)
        if status in BY_PROXIES and (note := proxy_note(url)):
            add_note(failure.error, note)
        return failure
    if isinstance(first, UnicodeEncodeError):
        reason = "a character of the key or of an address cannot be sent: copy the key again"
        return FailedRequestError(RefusedError(f"{where}: {reason}"), False)
    if re.search(UNREACHED, type(exc).__name__.lower()):
        return unreached(first, where, url, part)
    # Whatever else a provider's class raises: an answer it cannot read, or a fault in it. Neither is an
    # answer, so no role may go on as if there had been a bad one.
    reason = one_line(f"{type(exc).__name__}: {exc}")[:300]
    return FailedRequestError(UnreachableError(f"{where} gave no answer ({reason})"), True)


def no_answer(exc: NoAnswerError, where: str, key: str) -> FailedRequestError:
    """A success without an answer: what the error inside says, else something to try again."""
    if exc.status is not None:
        return failure_of_status(where, exc.status, exc.body, None, key)
    error = UnreachableError(f"{where} keeps answering 200 with {exc}")
    return FailedRequestError(error, True, wished_wait({}, exc.body[:4000]))


def unreached(first: BaseException, where: str, url: str, part: str) -> FailedRequestError:
    """A connection that failed."""
    reason = one_line(str(first))[:200] or type(first).__name__
    advice = f"is the server up, and GEMS_{part}_BASE_URL right?"
    error = UnreachableError(f"{where} cannot be reached ({reason}): {advice}")
    if note := proxy_note(url):
        add_note(error, note)
    return FailedRequestError(error, True, brief=type(first).__name__ == "ConnectError")


def status_of(exc: Exception) -> int | None:
    """The HTTP status an exception carries, under the names that providers give it."""
    for holder in (exc, getattr(exc, "response", None)):
        for name in ("status_code", "status", "code"):
            status = getattr(holder, name, None)
            if isinstance(status, int) and 400 <= status <= 599:
                return int(status)
    return None


def body_of(exc: Exception) -> str:
    """An error's body as it came; else what the exception says."""
    for value in (getattr(getattr(exc, "response", None), "text", None), getattr(exc, "message", None)):
        if isinstance(value, str) and value.strip():
            return value
    return str(exc) if getattr(exc, "response", None) is None else ""


def headers_of(response: Any) -> Mapping[str, str]:
    """The headers of an error's answer, where it has any."""
    headers = getattr(response, "headers", None)
    return headers if isinstance(headers, Mapping) else {}


def first_cause(exc: BaseException) -> BaseException:
    """The error at the beginning of a chain, which says more than those wrapped around it."""
    while exc.__cause__ is not None and not isinstance(exc.__cause__, OSError):
        exc = exc.__cause__
    return exc
