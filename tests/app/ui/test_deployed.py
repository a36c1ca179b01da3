"""What the page makes of a graph server's words; ``tests/servers`` has a real one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from gems.app.cli import app
from gems.app.ui.deployed import Deployed, record_of, refusal
from gems.errors import AccessError, GemsError, InputError, RefusedError, RunError, UnreachableError
from typer.testing import CliRunner


@pytest.mark.parametrize(
    ("status", "kind", "says"),
    [
        (401, AccessError, "GEMS_SERVER_KEY"), (403, AccessError, "GEMS_SERVER_KEY"),
        (404, RunError, "no run 'mine'"), (409, RunError, "at work"), (422, InputError, "too much"),
        (500, RefusedError, "500"),
    ],
)  # fmt: skip
def test_a_refusal_is_an_error_of_ours(status: int, kind: type[GemsError], says: str) -> None:
    request = httpx.Request("GET", "http://server/threads/mine")
    answer = httpx.Response(status, request=request)
    error = refusal(httpx.HTTPStatusError("too much", request=request, response=answer), "mine")
    assert type(error) is kind and says in str(error)


def test_a_thread_is_listed_like_a_run() -> None:
    moment = datetime(2026, 11, 26, tzinfo=UTC)
    ended: dict[str, Any] = {"prompt": "a cat", "outcome": "all_passed", "passed": 2, "total": 2}
    about = {"prompt": "a dog", "rating": 4}
    full = record_of({"thread_id": "1", "values": ended, "metadata": about, "created_at": moment})
    assert (full.prompt, full.outcome, full.rating) == ("a cat", "all_passed", 4)
    assert full.created == moment.timestamp()
    bare = {"thread_id": "2", "values": None, "metadata": {**about, "rating": "many"}}
    new = record_of({**bare, "status": "interrupted", "created_at": moment.isoformat()})
    assert (new.prompt, new.outcome, new.rating) == ("a dog", "paused", None)
    assert new.created == full.created and not record_of({"thread_id": "3"}).prompt


def test_a_server_that_is_away_is_said_by_its_address() -> None:
    away = Deployed("http://127.0.0.1:9/", None)
    for ask in (away.records, lambda: away.record("x"), lambda: away.draw("a cat", {})):
        with pytest.raises(UnreachableError, match="http://127.0.0.1:9 cannot be reached"):
            ask()
    with pytest.raises(InputError, match="empty"):
        away.draw(" ", {})


@pytest.mark.parametrize("url", ["localhost:2024", "http://", "http://[::1", "http://a b/", ""])
def test_an_address_of_nothing_is_refused_at_once(url: str) -> None:
    refused = CliRunner().invoke(app, ["ui", "--url", url])
    assert refused.exit_code == 2 and "--url" in refused.stderr, refused.output
    assert len(refused.stderr.splitlines()) == 1
