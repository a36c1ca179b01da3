"""Successes that hold no answer: they are asked again, and no picture is paid without questions."""

from __future__ import annotations

import pytest
from command_line import GENERATE, gems, line_of, only, pictures, raw
from fake_server import Answer, Call, FakeServer
from gems.models import retry

pytestmark = pytest.mark.usefixtures("on_fake_server", "no_waits")


@pytest.fixture
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(seconds: float, why: str) -> None:
        return None

    monkeypatch.setattr(retry, "wait_a_while", at_once)


NO_ANSWERS: list[tuple[object, str]] = [
    (b"", "an empty body"),
    (b"<html><title>Welcome</title></html>", "a web page (Welcome)"),
    (b'data: {"choices": []}\n\ndata: [DONE]\n\n', "an event stream that nobody asked for"),
    (b'{"choices": [{"mess', 'what is no JSON, or half of one ({"choices": [{"mess)'),
    ({"error": {"message": "upstream is gone"}}, "an error (upstream is gone)"),
    ({"choices": None}, 'JSON that holds no answer ({"choices": null})'),
    ({"choices": []}, 'JSON that holds no answer ({"choices": []})'),
    ({}, "JSON that holds no answer ({})"),
    ([], "JSON that holds no answer ([])"),
    ({"choices": [{"message": None}]}, 'JSON that holds no answer ({"choices": [{"message": null}]})'),
    ({"choices": [{"error": {"message": "overloaded"}}]}, "an error (overloaded)"),
    (b"\xff\xfe\x00", "what is no JSON, or half of one"),
]


@pytest.mark.parametrize(("body", "what"), NO_ANSWERS)
def test_a_success_without_an_answer_is_asked_again_and_then_told(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch, body: object, what: str
) -> None:
    monkeypatch.setenv("GEMS_MLLM_RETRIES", "1")
    server.script = only("decomposer", raw(body))
    line = line_of(gems(*GENERATE))
    assert line.startswith(f"fake at {server.base_url} keeps answering 200 with {what}")
    assert sum(call.kind == "decomposer" for call in server.calls) == 2
    assert pictures(server) == 0
    server.script = None
    resumed = gems("resume", "run")
    assert resumed.exit_code == 0 and "all_passed" in resumed.stdout


@pytest.mark.parametrize(("body", "what"), NO_ANSWERS)
def test_one_success_without_an_answer_costs_nothing_but_a_request(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch, body: object, what: str
) -> None:
    monkeypatch.setenv("GEMS_MLLM_RETRIES", "1")
    roles: set[str] = set()

    def script(call: Call, number: int) -> Answer | None:
        first = call.kind not in roles
        roles.add(call.kind)
        return raw(body) if first else None

    server.script = script
    result = gems(*GENERATE)
    assert result.exit_code == 0 and "all_passed" in result.stdout and "warning" not in result.stdout


def test_an_error_inside_a_success_counts_as_its_own_status(server: FakeServer) -> None:
    error = {"error": {"code": 401, "message": "no such key"}}
    server.script = lambda call, number: raw(error)
    assert line_of(gems(*GENERATE)).endswith("refuses (401): no such key; set GEMS_MLLM_API_KEY")


@pytest.mark.parametrize("said", ["prose", "{}", '{"questions": 3}', '{"questions": [{}]}', "null"])
def test_without_questions_no_picture_is_paid(server: FakeServer, said: str) -> None:
    server.script = only("decomposer", said)
    assert line_of(gems(*GENERATE)).startswith("openai:fake gave no usable answer: ")
    assert pictures(server) == 0
    server.script = None
    assert gems("resume", "run").exit_code == 0
