"""One retry policy for every server: what is worth another try, and how long to wait for it.

Hand-written, not tenacity: how often and how long depends on each failure (``Retry-After``, a server
that is away), which there takes callbacks longer than this loop.
"""

from __future__ import annotations

import random
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from ..errors import (
    AccessError,
    BackendError,
    DeclinedError,
    RefusedError,
    UnreachableError,
    cause_to_show,
)
from .patience import PATIENCE, wait_a_while
from .server_words import fields_in, own_words, words_of
from .waits import wished_wait

T = TypeVar("T")
RETRY_STATUS = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
"""What passes by itself; 529 is a vendor's own word for overloaded."""
FORM_STATUS = frozenset({400, 415, 422, 501})
ACCESS_STATUS = frozenset({401, 402, 403, 404, 407, 429})
"""What the user mends outside the run: key, account, model name, address."""
ABOUT_FORM = re.compile(
    r"(?:unsupported|not support|unknown|unrecogni[sz]ed|unexpected|invalid|failed to|cannot|error in)"
    r".{0,80}(?:response_format|json_schema|json schema|grammar|max_(?:completion_)?tokens)"
    r"|(?:response_format|json_schema|grammar|max_(?:completion_)?tokens).{0,80}(?:support|unknown|invalid)"
    r"|handle the requested parameters",
    re.IGNORECASE | re.DOTALL,
)
"""A refusal over form under a status that says otherwise: 500 of local servers, 404 of a router's."""
BUSY_STATUS = {429: "rate limit", 503: "the server is busy", 529: "the server is busy"}
"""What passes by itself within minutes, and why it is waited for."""
OUT_OF_QUOTA = r"insufficient_quota|billing_hard_limit_reached|billing_not_active"
DECLINED = (
    r"content_?filter|content_policy|content management policy|responsible_?ai_?policy|safety system"
    r"|\bflagged\b|\bnsfw\b|prohibited.content|safety (filter|checker|polic)"
    r"|moderation_blocked|data_inspection_failed|prompt_blocked|sensitive_words"
)
"""By these an error says that it is about what was asked for, not about how."""
LONGEST_WAIT = 30.0
LONGEST_PATIENCE = 150.0
"""Seconds that one request waits in all for a server that is busy: two windows of a minute's limit."""
BRIEF_RETRIES = 3
"""Retries where nobody listens: a server that starts up is met, one that is away is soon told."""
SAID_LENGTH = 300
"""Characters of a server's words that a message repeats."""


class RefusedRequestError(RefusedError):
    """A server took offence at the form of a request; ``said`` are its own words, ``fields`` what it
    names in fields of their own."""

    said = ""
    fields: frozenset[str] = frozenset()

    def is_about(self, pattern: str, sent: str = "") -> bool:
        """Whether the server's words match ``pattern``, but for those that repeat ``sent``: what a
        prompt put there says nothing of the request's form."""
        if any(re.fullmatch(pattern, field, re.IGNORECASE) for field in self.fields):
            return True
        said = own_words(self.said, sent) if sent else self.said
        return bool(re.search(pattern, said, re.IGNORECASE))


@dataclass(eq=False)
class FailedRequestError(Exception):
    """One failed request: our error for it, and whether and when to try again."""

    error: BackendError
    retry: bool
    after: float | None = None
    """Seconds the server asked to wait."""
    brief: bool = False
    """Whether nobody listens there, so that long patience is in vain."""
    busy: bool = False
    """Whether it passes by itself, so that patience counts in minutes and not in requests."""
    why: str = "no answer"
    """What is waited for, in a word or two."""


def failure_of_status(
    where: str, status: int, body: str, headers: Mapping[str, str] | str | None, key: str
) -> FailedRequestError:
    """What an HTTP error status means.

    Args:
        where: the model and address, for the message.
        body: the answer's body, of whatever form.
        headers: the answer's headers, or its ``Retry-After`` alone.
        key: the setting that holds the key, for advice.
    """
    said = words_of(body)
    reason = said[:SAID_LENGTH]
    about_form = status in FORM_STATUS or (status in {404, 500} and bool(ABOUT_FORM.search(said)))
    if status in RETRY_STATUS and not about_form and not re.search(OUT_OF_QUOTA, body):
        away = UnreachableError(f"{where} keeps answering {status}: {reason or 'no reason given'}")
        sent = {"retry-after": headers} if isinstance(headers, str) else headers or {}
        busy = status in BUSY_STATUS
        why = BUSY_STATUS.get(status, f"the server answers {status}")
        after = wished_wait(sent, body) if busy else wished_wait({**only_asked(sent)}, "")
        return FailedRequestError(away, True, after, busy=busy, why=why)
    error = refusal_of(where, status, body, key)
    if about_form and not isinstance(error, DeclinedError):
        error = RefusedRequestError(str(error))
        error.said, error.fields = said, fields_in(body)
    return FailedRequestError(error, False)


def only_asked(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that ask to wait, without those that tell of limits."""
    return {name: value for name, value in headers.items() if "ratelimit" not in name.lower()}


def refusal_of(where: str, status: int, body: str, key: str) -> RefusedError:
    """Our error for a server's no."""
    reason = words_of(body)[:SAID_LENGTH] or "no reason given"
    if status in {400, 403, 422, 451} and re.search(DECLINED, body, re.IGNORECASE):
        return DeclinedError(f"{where} declines ({status}): {reason}; word the prompt another way")
    advice = {
        401: f"; set {key}",
        402: "; the account needs credit",
        403: f"; check {key} and what it may do",
        404: "; check the model's name and the base URL",
        407: "; the proxy wants to know who you are",
        429: "; the account's quota is used up",
    }.get(status, "")
    refusal = AccessError if status in ACCESS_STATUS else RefusedError
    return refusal(f"{where} refuses ({status}): {reason}{advice}")


async def with_retries(
    attempt: Callable[[], Awaitable[T]],
    retries: int,
    *,
    first_wait: float = 0.5,
    most: int | None = None,
) -> T:
    """Runs ``attempt`` until it succeeds, fails for good, or patience is at its end.

    Waits double from ``first_wait``, shaken by up to a quarter; a server's own wish counts. What is
    busy is waited for up to ``LONGEST_PATIENCE`` and not counted as a retry, unless there are to be
    none. No wait goes beyond the deadline of the run that asks.

    Args:
        retries: after failures other than a busy server's.
        most: attempts in all, whatever they fail of.

    Raises:
        BackendError: the last failure's error.
    """
    tries = Tries(retries, first_wait, most)
    while True:
        try:
            return await attempt()
        except FailedRequestError as failure:
            wait = tries.next_wait(failure)
            if wait is None:
                raise failure.error from cause_to_show(failure.__cause__)
        await wait_a_while(wait, tries.why)


class Tries:
    """How much patience one request has left."""

    def __init__(self, retries: int, first_wait: float, most: int | None) -> None:
        self._retries = retries
        self._first_wait = first_wait
        self._most = most
        self._made = self._failed = 0
        self._waited = 0.0
        self.why = ""

    def next_wait(self, failure: FailedRequestError) -> float | None:
        """Seconds until another try; None: there is none, and the error says why if it is not plain."""
        self._made += 1
        self._failed += not failure.busy
        self.why = failure.why
        if not failure.retry or self._used_up(failure):
            return None
        wait = self._length(failure)
        beyond = failure.busy and self._waited + wait > LONGEST_PATIENCE
        if beyond or not PATIENCE.get().allows(wait):
            if wait == failure.after:
                add_note(failure.error, f"it asks to wait {wait:.0f} s")
            return None
        self._waited += wait
        return wait

    def _used_up(self, failure: FailedRequestError) -> bool:
        most = min(self._retries, BRIEF_RETRIES) if failure.brief else self._retries
        if self._most is not None and self._made >= self._most:
            return True
        return self._failed > most or (failure.busy and self._retries == 0)

    def _length(self, failure: FailedRequestError) -> float:
        step = self._first_wait * 2.0 ** min(self._made - 1, 12) * random.uniform(0.75, 1.25)
        step = min(step, LONGEST_WAIT)
        if failure.after is None:
            return step
        # A server that always asks for no time at all would be asked a thousand times.
        least = step if failure.busy and self._made > BRIEF_RETRIES else 0.05
        return (
            max(failure.after, least) if failure.busy else min(max(failure.after, 0.05), LONGEST_WAIT)
        )


def add_note(error: BackendError, note: str) -> None:
    """Adds to the message of an error that was not raised yet."""
    error.args = (f"{error.args[0]}; {note}", *error.args[1:])
