"""One policy: what is worth another try, for how long, and how it is told."""

from __future__ import annotations

import asyncio
import pickle
import time
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest
from gems.errors import AnswerError, Cost, RefusedError, UnreachableError
from gems.models.retry import (
    BRIEF_RETRIES,
    FailedRequestError,
    RefusedRequestError,
    failure_of_status,
    with_retries,
)


def failing(
    count: int, make: Callable[[], FailedRequestError]
) -> tuple[Callable[[], Awaitable[str]], list[float]]:
    """An attempt that fails ``count`` times, and the times of its calls."""
    calls: list[float] = []

    async def attempt() -> str:
        calls.append(time.monotonic())
        if len(calls) <= count:
            raise make()
        return "done"

    return attempt, calls


def away(**more: object) -> FailedRequestError:
    return FailedRequestError(UnreachableError("away"), True, **more)  # type: ignore[arg-type]


def run(attempt: Callable[[], Awaitable[str]], retries: int) -> str:
    return asyncio.run(with_retries(attempt, retries, first_wait=0.01))


def test_tries_again_until_it_works() -> None:
    attempt, calls = failing(3, away)
    assert run(attempt, 3) == "done" and len(calls) == 4


def test_waits_longer_each_time() -> None:
    attempt, calls = failing(3, away)
    run(attempt, 3)
    waits = [after - before for before, after in pairwise(calls)]
    assert waits[2] > waits[0] and waits[0] >= 0.0075


def test_gives_up_with_the_last_error() -> None:
    attempt, calls = failing(9, away)
    with pytest.raises(UnreachableError, match="away"):
        run(attempt, 2)
    assert len(calls) == 3


def test_without_retries_there_is_one_request() -> None:
    attempt, calls = failing(9, away)
    with pytest.raises(UnreachableError):
        run(attempt, 0)
    assert len(calls) == 1


def test_what_is_final_is_not_tried_again() -> None:
    attempt, calls = failing(9, lambda: FailedRequestError(AnswerError("no"), False))
    with pytest.raises(AnswerError):
        run(attempt, 5)
    assert len(calls) == 1


def test_where_nobody_listens_patience_is_short() -> None:
    attempt, calls = failing(99, lambda: away(brief=True))
    with pytest.raises(UnreachableError):
        run(attempt, 50)
    assert len(calls) == BRIEF_RETRIES + 1


def test_a_servers_own_wish_counts() -> None:
    attempt, calls = failing(1, lambda: away(after=0.2))
    run(attempt, 1)
    assert calls[1] - calls[0] >= 0.2


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_passing_troubles_are_worth_another_try(status: int) -> None:
    failure = failure_of_status("it", status, "busy", "3", "KEY")
    assert failure.retry and failure.after == 3 and isinstance(failure.error, UnreachableError)


@pytest.mark.parametrize(
    ("status", "said", "advice"),
    [
        (401, "no", "set KEY"),
        (403, "no", "check KEY"),
        (404, "no", "the model's name"),
        (429, "insufficient_quota", "quota is used up"),
        (400, "a\nb", "a b"),
    ],
)
def test_refusals_are_final_and_say_what_to_do_in_one_line(status: int, said: str, advice: str) -> None:
    failure = failure_of_status("it", status, said, None, "KEY")
    assert not failure.retry and isinstance(failure.error, RefusedError)
    assert advice in str(failure.error) and "\n" not in str(failure.error)


def test_a_refusal_over_form_knows_what_it_is_about() -> None:
    error = failure_of_status("a json model", 400, "Unknown parameter: 'seed'", None, "KEY").error
    assert isinstance(error, RefusedRequestError)
    assert error.is_about(r"\bseed\b") and not error.is_about("json")


def test_refusals_survive_pickling() -> None:
    error = RefusedRequestError("no", Cost(2, 3, 4))
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.cost) == ("no", Cost(2, 3, 4))
