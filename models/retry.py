"""One retry policy for every server: what is worth another try, and how long to wait for it.

Hand-written, not tenacity: how often and how long depends on each failure (``Retry-After``, a server
that is away), which there takes callbacks longer than this loop.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from ..errors import AccessError, BackendError, RefusedError, UnreachableError

T = TypeVar("T")
RETRY_STATUS = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
FORM_STATUS = frozenset({400, 415, 422, 501})
ACCESS_STATUS = frozenset({401, 402, 403, 404, 407, 429})
"""What the user mends outside the run: key, account, model name, address."""
CONTENT = re.compile(
    r"moderation|safety|content.{0,3}(policy|filter)|flagged|nsfw|prohibited|inappropriate",
    re.IGNORECASE,
)
"""Words of a refusal that is about what was asked for; some servers give it a 403."""
LONGEST_WAIT = 30.0
BRIEF_RETRIES = 3
"""Retries where nobody listens: a server that starts up is met, one that is away is soon told."""


class RefusedRequestError(RefusedError):
    """A server took offence at the form of a request; ``said`` are its own words, shortened."""

    said = ""

    def is_about(self, pattern: str) -> bool:
        """Whether the server's words match ``pattern``."""
        return bool(re.search(pattern, self.said, re.IGNORECASE))


@dataclass(eq=False)
class FailedRequestError(Exception):
    """One failed request: our error for it, and whether and when to try again."""

    error: BackendError
    retry: bool
    after: float | None = None
    """Seconds the server asked to wait."""
    brief: bool = False
    """Whether nobody listens there, so that long patience is in vain."""


def failure_of_status(
    where: str, status: int, said: str, after: str | None, key: str
) -> FailedRequestError:
    """What an HTTP error status means.

    Args:
        where: the model and address, for the message.
        said: the server's own words.
        after: the ``Retry-After`` header.
        key: the setting that holds the key, for advice.
    """
    reason = " ".join(said.split())[:300]
    if status in RETRY_STATUS and "insufficient_quota" not in said:
        away = UnreachableError(f"{where} keeps answering {status}: {reason or 'no reason given'}")
        return FailedRequestError(away, True, seconds_of(after))
    advice = {
        401: f"; set {key}",
        403: f"; check {key} and what it may do",
        404: "; check the model's name and the base URL",
        429: "; the account's quota is used up",
    }.get(status, "")
    error = refusal_of(status, reason)(f"{where} refuses ({status}): {reason}{advice}")
    if isinstance(error, RefusedRequestError):
        error.said = reason
    return FailedRequestError(error, False)


def refusal_of(status: int, said: str) -> type[RefusedError]:
    """Which refusal a status is: of the request's form, of whoever asks, or of the content."""
    if status in FORM_STATUS:
        return RefusedRequestError
    return AccessError if status in ACCESS_STATUS and not CONTENT.search(said) else RefusedError


def seconds_of(header: str | None) -> float | None:
    """A ``Retry-After`` header in seconds; dates and nonsense count as none."""
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None


async def with_retries(
    attempt: Callable[[], Awaitable[T]], retries: int, *, first_wait: float = 0.5
) -> T:
    """Runs ``attempt`` until it succeeds, fails for good, or the retries are used up.

    Waits double from ``first_wait``, shaken by up to a quarter; a server's own wish counts, up to
    ``LONGEST_WAIT``.

    Raises:
        BackendError: the last failure's error.
    """
    for number in range(retries + 1):
        try:
            return await attempt()
        except FailedRequestError as failure:
            most = min(retries, BRIEF_RETRIES) if failure.brief else retries
            if not failure.retry or number >= most:
                raise failure.error from failure.__cause__
            wait = first_wait * 2**number * random.uniform(0.75, 1.25)
            if failure.after is not None:
                wait = max(failure.after, 0.05)
            await asyncio.sleep(min(wait, LONGEST_WAIT))
    raise AssertionError("the last attempt returns or raises")
