"""A busy server is waited for as it asks, within limits, and the user is told."""

from __future__ import annotations

import pytest
from command_line import GENERATE, gems, line_of, only, raw
from fake_server import Answer, FakeServer
from gems.models import retry

pytestmark = pytest.mark.usefixtures("on_fake_server")


def limited(body: object = None, status: int = 429, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return raw({"error": "slow down"} if body is None else body, status, **named)


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (limited(retry_after="20"), 20),
        (limited(retry_after_ms="20000", retry_after="99"), 20),
        (
            limited(retry_after="Thu, 26 Nov 2026 10:00:20 GMT", date="Thu, 26 Nov 2026 10:00:00 GMT"),
            20,
        ),
        (limited({"error": {"message": "Rate limit reached. Please try again in 20.0s."}}), 20),
        (limited({"error": {"message": "Please retry after 20 seconds."}}), 20),
        (limited([{"error": {"details": [{"retryDelay": "20s"}]}}]), 20),
        (limited({"error": {"retry_after": 20}}), 20),
        (limited({"detail": "try again in 20000ms"}), 20),
        (limited(x_ratelimit_reset_requests="20s", x_ratelimit_remaining_requests="0"), 20),
        (limited(status=503, retry_after="20"), 20),
    ],
)
def test_a_busy_server_is_waited_for_as_it_asks_and_the_user_is_told(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch, answer: Answer, seconds: int
) -> None:
    monkeypatch.setenv("GEMS_MLLM_RETRIES", "1")
    slept: list[float] = []

    async def sleep(duration: float) -> None:
        slept.extend([duration] if duration >= 0.3 else [])

    monkeypatch.setattr("gems.models.patience.asyncio.sleep", sleep)
    server.script = lambda call, number: answer if call.kind == "decomposer" and not slept else None
    result = gems(*GENERATE)
    assert result.exit_code == 0, result.stderr
    assert slept == [pytest.approx(seconds, abs=1)]
    why = "rate limit" if answer.status == 429 else "the server is busy"
    assert f"waiting {seconds} s: {why}" in result.stdout


def test_patience_has_an_end_and_says_what_was_asked(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMS_MLLM_RETRIES", "3")
    server.script = only("decomposer", limited(retry_after="3600"))
    line = line_of(gems(*GENERATE))
    assert line.endswith("keeps answering 429: slow down; it asks to wait 3600 s")
    assert sum(call.kind == "decomposer" for call in server.calls) == 1


def test_no_wait_goes_beyond_the_time_budget(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMS_MLLM_RETRIES", "3")
    server.script = only("decomposer", limited(retry_after="20"))
    assert "it asks to wait 20 s" in line_of(gems(*GENERATE, "--max-seconds", "5"))


def test_a_busy_server_is_waited_for_longer_than_the_retries_last(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMS_MLLM_RETRIES", "1")
    slept: list[float] = []

    async def sleep(duration: float) -> None:
        slept.extend([duration] if duration >= 0.3 else [])

    monkeypatch.setattr("gems.models.patience.asyncio.sleep", sleep)
    server.script = only("decomposer", limited())
    line_of(gems(*GENERATE))
    assert 60 < sum(slept) <= retry.LONGEST_PATIENCE
