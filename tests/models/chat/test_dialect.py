"""What the adapter learns from a server's refusals, and what it does not learn."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from conftest import settings_for
from fake_server import Answer, Call, FakeServer
from gems.errors import AnswerError, RefusedError, UnreachableError
from gems.models.chat.dialect import MODES, Dialect
from gems.models.chat.mllm import MLLM
from gems.models.registry import open_mllm
from gems.models.retry import RefusedRequestError
from gems.nodes.planner import PLANNER

GOOD = '{"skill": "none", "reason": "plain"}'
FIELDS: dict[str, Any] = {"prompt": "a cat", "skills": [], "experiences": [], "track_record": []}
LIMIT_NAMES = ("max_tokens", "max_completion_tokens")


@pytest.fixture
def mllm(server: FakeServer, tmp_path: Path) -> MLLM:
    return open_mllm("openai:fake", settings_for(server, tmp_path))


def ask(mllm: MLLM, **more: Any) -> int:
    """How many requests one call took."""
    return asyncio.run(mllm.ask(PLANNER, FIELDS, **more)).cost.requests


def refusing(*names: str, words: str | None = None) -> Any:
    """A server that answers 400 to requests with any of ``names``."""

    def script(call: Call, number: int) -> Answer | str:
        for name in names:
            if name in call.body:
                return Answer(words or f"Unknown parameter: '{name}'", status=400)
        return GOOD

    return script


def forms(server: FakeServer) -> list[str]:
    return [(call.body.get("response_format") or {"type": "text"})["type"] for call in server.calls]


@pytest.mark.parametrize("name", LIMIT_NAMES)
def test_a_limit_the_server_does_not_know_is_left_out_from_then_on(
    server: FakeServer, mllm: MLLM, name: str
) -> None:
    server.script = refusing(name)
    assert (ask(mllm), ask(mllm)) == (2, 1)
    other = next(limit for limit in LIMIT_NAMES if limit != name)
    assert other in server.calls[-1].body and name not in server.calls[-1].body


def test_of_two_limits_that_exclude_each_other_the_new_one_stays(
    server: FakeServer, mllm: MLLM
) -> None:
    words = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
    server.script = refusing("max_tokens", words=words)

    async def many() -> None:
        await asyncio.gather(*(mllm.ask(PLANNER, FIELDS) for _ in range(5)))

    asyncio.run(many())
    assert "max_completion_tokens" in server.calls[-1].body
    assert forms(server)[-1] == "json_schema"


def test_many_refused_at_once_go_down_one_rung_together(server: FakeServer, mllm: MLLM) -> None:
    def script(call: Call, number: int) -> Answer | str:
        kind = (call.body.get("response_format") or {}).get("type")
        return Answer("json_schema is not supported", status=400) if kind == "json_schema" else GOOD

    server.script = script

    async def many() -> None:
        await asyncio.gather(*(mllm.ask(PLANNER, FIELDS) for _ in range(5)))

    asyncio.run(many())
    assert ask(mllm) == 1
    assert set(forms(server)) == {"json_schema", "json_object"}


def test_a_refusal_over_something_else_is_final_and_teaches_nothing(
    server: FakeServer, mllm: MLLM
) -> None:
    server.script = lambda call, number: Answer("the prompt is too long", 400) if number == 0 else GOOD
    with pytest.raises(RefusedError, match="too long") as caught:
        ask(mllm)
    assert caught.value.cost.requests == len(server.calls) == 1
    assert ask(mllm) == 1 and forms(server)[-1] == "json_schema"


def test_one_calls_bad_answers_do_not_lower_the_ladder_for_others(
    server: FakeServer, mllm: MLLM
) -> None:
    server.script = lambda call, number: "prose" if number < 4 else GOOD
    with pytest.raises(AnswerError):
        ask(mllm)
    assert ask(mllm) == 1 and forms(server)[-1] == "json_schema"


def test_a_lower_rung_that_works_where_a_higher_one_failed_twice_is_kept(
    server: FakeServer, mllm: MLLM
) -> None:
    def script(call: Call, number: int) -> str:
        return GOOD if "response_format" not in call.body else ""

    server.script = script
    assert (ask(mllm), ask(mllm)) == (4, 1)


def test_a_spent_allowance_tells_what_really_failed(server: FakeServer, mllm: MLLM) -> None:
    server.script = lambda call, number: Answer("oops", status=500)
    with pytest.raises(UnreachableError, match="500"):
        ask(mllm, max_requests=1)
    server.script = lambda call, number: "prose"
    with pytest.raises(AnswerError, match="allows no further try"):
        ask(mllm, max_requests=1)
    server.script = refusing("response_format")
    with pytest.raises(RefusedError, match="response_format"):
        ask(mllm, max_requests=1)
    assert len(server.calls) == 3


def test_the_allowance_covers_retries_repairs_and_rungs_together(
    server: FakeServer, mllm: MLLM
) -> None:
    answers: list[Answer | str] = [Answer("oops", status=500), "prose", "prose"]
    server.script = lambda call, number: answers[number]
    with pytest.raises(AnswerError) as caught:
        ask(mllm, max_requests=3)
    assert caught.value.cost.requests == len(server.calls) == 3


def test_openai_itself_is_sent_the_new_limit_alone(server: FakeServer, tmp_path: Path) -> None:
    settings = settings_for(server, tmp_path, mllm_api_key="key").model_copy(
        update={"mllm_base_url": "https://api.openai.com/v1"}
    )
    model: Any = open_mllm("openai:gpt", settings)
    body = model.dialect.body(PLANNER, "text")
    assert list(body) == ["max_completion_tokens"]


def test_a_page_instead_of_an_answer_is_an_error_of_ours(server: FakeServer, mllm: MLLM) -> None:
    server.script = lambda call, number: Answer(data=b"<html>welcome</html>")
    with pytest.raises(UnreachableError, match="200 with a web page .welcome.") as caught:
        ask(mllm)
    assert "\n" not in str(caught.value) and caught.value.cost.requests == len(server.calls) == 3


def test_the_lowest_rung_has_nothing_below_it() -> None:
    dialect = Dialect(MODES, [], 9)
    assert [dialect.below(mode) for mode in MODES] == ["json_object", "text", None]
    refusal = RefusedRequestError("no")
    refusal.said = "response_format"
    assert dialect.leave_out(refusal, {}, "text") is None
