"""The exceptions GEMS raises.

::

    GemsError
    |-- InputError            the caller's words are off: prompt, option, setting, skill name
    |-- NotInWorldError       the embedded models do not know something the prompt asks for
    |-- CapError              a cap on what a benchmark may spend was reached
    |-- StorageError          a disk is full, a folder is not writable, a database is broken
    |-- RunError              a run cannot go on or be found; names the thread
    |   `-- CancelledRunError stopped by the user; the thread can be resumed
    `-- BackendError          a model did not do its part; carries what the attempt cost
        |-- UnreachableError  no answer: connection, timeout, 429 or 5xx after the retries
        |-- RefusedError      the server said no: request, content
        |   |-- AccessError   ... to whoever asks: key, quota, model name, address
        |   `-- DeclinedError the model, or a filter beside it, will not do this: another wish may pass
        |-- AnswerError       an answer came, and is not what was asked for
        `-- BudgetError       nobody was asked: money is capped, and what there is of it is spent

A message says what failed, with the value, and what to do next, in one line. No message holds a key:
``hide`` takes out those that ``keep_secret`` was told of, and whatever looks like one.
"""

from __future__ import annotations

import errno
import re
from dataclasses import dataclass
from typing import Any

HIDDEN = "***"
SECRETS = re.compile(
    r"""(?P<before>\bBearer\s+|[?&](?:key|api_key|apikey|token|access_token)=
          |Illegal\ header\ value\ b?(?='|"))('[^']*'|"[^"]*"|[^\s"'&]+)
        |(?P<scheme>://[^\s/:@]*:)[^\s/@]+(?=@)
        |\b(?:sk|xai)-(?=[\w-]*\d)[\w-]{16,}|\b(?:hf|gsk|r8)_(?=\w*\d)\w{16,}|\bAIza[\w-]{30,}""",
    re.VERBOSE | re.IGNORECASE,
)
"""What is a key by its form or its place: a provider's own variable, which GEMS never read."""
SHORTEST_SECRET = 6
"""Characters. A shorter word for a key ("none", "key") is no secret, and stands in many sentences."""
NO_SECRETS = frozenset({"openai", "ollama", "lm-studio", "lmstudio", "not-needed", "no-key-required"})
"""Words that local servers' manuals give for a key."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_secrets: set[str] = set()


def keep_secret(value: str) -> None:
    """Has ``hide`` take ``value`` out of every text from now on."""
    if len(value) >= SHORTEST_SECRET and value.casefold() not in NO_SECRETS:
        _secrets.add(value)


def hide(text: str) -> str:
    """``text`` with three asterisks for every secret in it."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return SECRETS.sub(lambda match: f"{match['before'] or match['scheme'] or ''}{HIDDEN}", text)


def cause_to_show(exc: BaseException | None) -> BaseException | None:
    """``exc`` as the cause of one of our errors; None where it, or what it came from, would print a
    secret in a traceback."""
    link = exc
    while link is not None:
        said = f"{link!r} {link}"
        if hide(said) != said:
            return None
        link = link.__cause__ or link.__context__
    return exc


def write_advice(exc: OSError) -> str:
    """What to do about a file that cannot be written."""
    if exc.errno in FULL:
        return "make room"
    return "check who may write there" if exc.errno in FORBIDDEN else "look at what is there"


class GemsError(RuntimeError):
    """Base of every error GEMS raises on purpose. What it is given is kept without secrets: errors are
    stored with a run."""

    exit_code = 1
    """The command line's."""
    thread_id: str | None = None
    """The run it befell, where there is one; ``resume`` goes on with it."""
    details = ""
    """More lines for a person to read, where one line cannot say it: a diff."""

    def __init__(self, *args: object) -> None:
        super().__init__(*(hide(arg) if isinstance(arg, str) else arg for arg in args))

    def __str__(self) -> str:
        return hide(super().__str__())


class InputError(GemsError):
    """What the caller gave cannot be used; nothing was started."""

    exit_code = 2


class NotInWorldError(GemsError):
    """The embedded models do not know something the prompt asks for; nothing was drawn."""


class CapError(GemsError):
    """A cap on what a benchmark may spend was reached; what is finished is kept."""


class StorageError(GemsError):
    """Something could not be written or read; what was stored before is intact."""


class RunError(GemsError):
    """A run cannot go on, or does not exist."""

    def __init__(self, message: str, thread_id: str | None = None) -> None:
        super().__init__(message)
        self.thread_id = thread_id


class CancelledRunError(RunError):
    """The user stopped the run; it can be resumed."""

    exit_code = 130


@dataclass(frozen=True)
class Cost:
    """What a call to a model cost: HTTP requests made, tokens in and out, money."""

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    money: float | None = None
    """By the operator's prices; None: there is no price for it."""

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.requests + other.requests,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            None if self.paid is None or other.paid is None else self.paid + other.paid,
        )

    @property
    def paid(self) -> float | None:
        """``money``, which is nothing where no request was made."""
        return 0.0 if self.money is None and not self.requests else self.money


class BackendError(GemsError):
    """A model did not do its part. ``cost`` is what the failed attempt used all the same."""

    def __init__(self, message: str, cost: Cost | None = None) -> None:
        super().__init__(message)
        self.cost = cost or Cost()

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (str(self), self.cost))


class UnreachableError(BackendError):
    """No answer came: connection, timeout, or 429 and 5xx until the retries were used up."""


class RefusedError(BackendError):
    """The server answered no, and would again: malformed request, content."""


class AccessError(RefusedError):
    """The server answered no whatever is asked: wrong key, empty account, unknown model or address.

    The user can mend it outside the run, which is stopped meanwhile and goes on from there.
    """


class DeclinedError(RefusedError):
    """The model declined, or a content filter did. The server is well, and another wish may pass."""


class AnswerError(BackendError):
    """An answer came and stayed unusable after the repair."""


class BudgetError(BackendError):
    """The call was not made: what a run or a key may cost is spent."""
