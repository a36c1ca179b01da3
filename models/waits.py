"""How long a server asks to be left alone: in headers and bodies, as vendors write it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

NUMBER = r"\d+(?:\.\d+)?"
UNIT = r"milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d"
DURATION = rf"(?:{NUMBER}\s*(?:{UNIT})\b[\s,]*(?:and\s+)?)+|(?:{NUMBER}(?:ms|[smhd]))+"
IN_WORDS = re.compile(
    rf"(?:retry|try\s+again|wait|again|available|resets?)\b[^\d.]{{0,40}}?({DURATION})", re.IGNORECASE
)
IN_FIELDS = re.compile(
    rf"retry[-_]?(?:after|delay|in)(?P<unit>[-_]?(?:ms|milliseconds|seconds|s))?[\"']*\s*[:=]\s*"
    rf"[\"']?(?P<value>{NUMBER}(?:\s*(?:{UNIT}))?)",
    re.IGNORECASE,
)
SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
EPOCH = 1e9
"""A number from here on is a moment and not a duration; from a thousand times this in milliseconds."""


def wished_wait(headers: Mapping[str, str], said: str) -> float | None:
    """Seconds that an answer asks to wait before the next request; None: it says nothing of it."""
    lower = {name.lower(): value for name, value in headers.items()}
    wishes = (in_milliseconds(lower), in_header(lower), in_body(said), until_reset(lower))
    return next((max(0.0, wish) for wish in wishes if wish is not None), None)


def in_milliseconds(headers: Mapping[str, str]) -> float | None:
    """``retry-after-ms``, in seconds."""
    value = number_in(headers.get("retry-after-ms"))
    return None if value is None else value / 1000


def in_header(headers: Mapping[str, str]) -> float | None:
    """``Retry-After``: seconds, a duration, or a date, which counts from the server's own clock."""
    header = headers.get("retry-after", "")
    value = number_in(header)
    if value is not None:
        return value
    return duration_of(header, headers.get("date"))


def in_body(said: str) -> float | None:
    """A wish in the words or the fields of an error: "try again in 1m12s", ``"retryDelay": "17s"``."""
    if match := IN_FIELDS.search(said):
        value, unit = match["value"], (match["unit"] or "").strip("-_").lower()
        number = number_in(value)
        if number is None:
            return duration_in(value)
        return number / 1000 if unit.startswith("m") else number
    match = IN_WORDS.search(said)
    return duration_in(match[1]) if match else None


def until_reset(headers: Mapping[str, str]) -> float | None:
    """The longest of the limits that are used up, by the headers that tell when each is lifted."""
    resets = [
        moment
        for name, value in headers.items()
        if "ratelimit" in name and "reset" in name
        if headers.get(name.replace("reset", "remaining"), "0").strip() in {"0", "0.0"}
        if (moment := seconds_until(value)) is not None
    ]
    return max(resets, default=None)


def seconds_until(value: str) -> float | None:
    """Seconds until a moment: given in seconds, as a duration, as a time since 1970, or as a date."""
    number = number_in(value)
    if number is None:
        return duration_of(value)
    if number < EPOCH:
        return number
    return (number / 1000 if number >= EPOCH * 1000 else number) - time.time()


def duration_of(text: str, now: str | None = None) -> float | None:
    """A text that is a duration, or a date that is so far from ``now``."""
    if re.fullmatch(rf"\s*(?:{DURATION})\s*", text, re.IGNORECASE):
        return duration_in(text)
    return from_date(text, now)


def from_date(text: str, now: str | None = None) -> float | None:
    """Seconds from ``now``, a date too, to a date of HTTP's or ISO's form."""
    moment = moment_in(text)
    start = moment_in(now or "") or datetime.now(UTC)
    return None if moment is None else (moment - start).total_seconds()


def moment_in(text: str) -> datetime | None:
    """A date of HTTP's or ISO's form."""
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = read(text.strip())
        except (ValueError, TypeError, IndexError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def number_in(text: str | None) -> float | None:
    """A finite number that is all of ``text``."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if abs(value) < 1e15 else None


def duration_in(text: str) -> float | None:
    """The sum of "1m12.5s", "2 minutes", "250ms"."""
    parts = list(durations(text))
    return sum(parts) if parts else None


def durations(text: str) -> Iterator[float]:
    """Each part of a duration, in seconds."""
    for match in re.finditer(rf"({NUMBER})\s*({UNIT})(?![a-z])", text, re.IGNORECASE):
        unit = match[2].lower()
        key = "ms" if unit == "ms" or unit.startswith("milli") else unit[0]
        yield float(match[1]) * SECONDS[key]
