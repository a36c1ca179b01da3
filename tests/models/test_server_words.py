"""What servers say, and for how long they ask to be left alone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import hypothesis.strategies as st
import pytest
from gems.models.server_words import fields_in, own_words, words_of
from gems.models.waits import wished_wait
from hypothesis import given


@given(st.text() | st.recursive(st.none() | st.text(), st.lists, max_leaves=5).map(json.dumps))
def test_any_body_is_one_line(body: str) -> None:
    words = words_of(body)
    assert "\n" not in words and "\x1b" not in words
    words.encode()
    assert fields_in(body) is not None


@given(st.text(), st.text())
def test_own_words_are_words_of_the_server(said: str, sent: str) -> None:
    own = own_words(said, sent).split()
    assert all(word in said for word in own)


def test_what_a_server_quotes_is_not_its_own() -> None:
    sent = "Draw the words 'max_tokens is too large' on a wall"
    assert own_words('Rejected: "max_tokens is too large"', sent) == "Rejected"
    assert own_words("max_tokens: unknown", sent) == "max_tokens unknown"


@pytest.mark.parametrize(
    ("body", "words", "fields"),
    [
        (
            {"errors": {"prompt": ["is too long", "is odd"]}},
            "prompt: is too long; prompt: is odd",
            "prompt",
        ),
        ({"errors": {"seed": "unknown"}}, "seed: unknown", "seed"),
        ({"errors": {"size": {"message": "is none"}}}, "size: is none", "size"),
        ({"errors": [{"size": ["is none"]}]}, "size: is none", ""),
        ({"errors": {"message": "no"}}, "no", ""),
        ({"detail": {"size": ["size is none"]}}, "size is none", "size"),
        ({"error": {"errors": {"n": ["is 0"]}}}, "n: is 0", "n"),
    ],
)
def test_complaints_by_field_are_read(body: object, words: str, fields: str) -> None:
    said = json.dumps(body)
    assert words_of(said) == words
    assert fields_in(said) == frozenset(fields.split())


def ago(seconds: float) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"retry-after": "2"}, "", 2.0),
        ({"Retry-After": " 0.5 "}, "", 0.5),
        ({"retry-after": "-3"}, "", 0.0),
        ({"retry-after": "30s"}, "", 30.0),
        ({"retry-after": "soon"}, "", None),
        ({"retry-after": ""}, "", None),
        ({"retry-after": "nan"}, "", None),
        ({"retry-after-ms": "1500"}, "", 1.5),
        ({"retry-after": lambda: format_datetime(ago(60), usegmt=True)}, "", 0.0),
        ({"retry-after": lambda: format_datetime(ago(-60), usegmt=True)}, "", 60.0),
        ({"retry-after": lambda: ago(-60).isoformat()}, "", 60.0),
        ({"x-ratelimit-reset-tokens": "1m30s", "x-ratelimit-remaining-tokens": "0"}, "", 90.0),
        ({"x-ratelimit-reset-tokens": "1m30s", "x-ratelimit-remaining-tokens": "9"}, "", None),
        ({"x-ratelimit-reset": lambda: str(int((time.time() + 60) * 1000))}, "", 60.0),
        ({"x-ratelimit-reset": lambda: str(int(time.time() + 60))}, "", 60.0),
        ({"anthropic-ratelimit-requests-reset": lambda: ago(-60).isoformat()}, "", 60.0),
        ({}, "Please try again in 1m12.5s.", 72.5),
        ({}, "Please try again in 250ms", 0.25),
        ({}, "Please retry in 16.03s.", 16.03),
        ({}, "Please wait 2 minutes before you retry", 120.0),
        ({}, '{"error": {"retry_after_ms": 900}}', 0.9),
        ({}, '{"details": [{"retryDelay": "17s"}]}', 17.0),
        ({}, '{"metadata": {"headers": {"Retry-After": "7"}}}', 7.0),
        ({}, "the limit is 3 requests a minute", None),
        ({}, "", None),
    ],
)
def test_a_wish_is_read_in_any_form(
    headers: dict[str, str | Callable[[], str]], body: str, seconds: float | None
) -> None:
    # Moments are told when the test runs: others may have taken minutes since the parameters were made.
    told = {name: value() if callable(value) else value for name, value in headers.items()}
    wish = wished_wait(told, body)
    assert wish == (
        None if seconds is None else pytest.approx(seconds, abs=30 if seconds == 60 else 1e-9)
    )


@given(
    st.dictionaries(st.sampled_from(["retry-after", "date", "x-ratelimit-reset"]), st.text()), st.text()
)
def test_no_header_and_no_body_breaks_the_reading(headers: dict[str, str], body: str) -> None:
    wish = wished_wait(headers, body)
    assert wish is None or wish >= 0
