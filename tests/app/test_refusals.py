"""A server's refusals: its words are told, and what it names is left out."""

from __future__ import annotations

import json

import pytest
from command_line import GENERATE, gems, line_of, only, raw
from fake_server import Answer, FakeServer

pytestmark = pytest.mark.usefixtures("on_fake_server")

WORDS = "the picture is too large for this model"


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": WORDS, "code": None}},
        [{"error": {"code": 400, "message": WORDS, "status": "INVALID_ARGUMENT"}}],
        {"detail": WORDS},
        {"error": WORDS},
        {"message": WORDS},
        {"errors": [{"message": WORDS}]},
        {"object": "error", "message": WORDS, "code": 400},
        {"error": {"message": json.dumps({"error": {"message": WORDS}})}},
        {"error": {"innererror": {"message": WORDS}}},
        WORDS,
        WORDS.encode(),
        f"<html><style>p {{}}</style><p>{WORDS}</p></html>".encode(),
    ],
)
def test_a_servers_words_are_repeated_whatever_they_are_wrapped_in(
    server: FakeServer, body: object
) -> None:
    server.script = lambda call, number: raw(body, 400)
    where = f"fake at {server.base_url}"
    assert line_of(gems(*GENERATE)).startswith(f"{where} refuses (400): {WORDS}")


def test_fastapis_list_of_details_names_the_field(server: FakeServer) -> None:
    details = [{"type": "extra_forbidden", "loc": ["body", "messages"], "msg": "bad"}]
    server.script = lambda call, number: raw({"detail": details}, 422)
    assert "refuses (422): messages: bad" in line_of(gems(*GENERATE))


def gemini(name: str) -> Answer:
    said = f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.'
    details = [{"@type": "BadRequest", "fieldViolations": [{"description": said}]}]
    error = {"code": 400, "message": said, "status": "INVALID_ARGUMENT", "details": details}
    return raw([{"error": error}], 400)


@pytest.mark.parametrize(
    ("field", "refusal"),
    [
        ("max_completion_tokens", gemini("max_completion_tokens")),
        ("max_tokens", gemini("max_tokens")),
        ("max_tokens", raw({"detail": [{"loc": ["body", "max_tokens"], "msg": "no"}]}, 422)),
        ("max_tokens", raw({"error": {"message": "unsupported", "param": "max_tokens"}}, 400)),
        ("response_format", raw(b"response_format: unknown field", 400)),
        ("temperature", raw({"error": "'temperature' does not support 0.2 with this model"}, 400)),
        ("max_completion_tokens", raw([{"error": {"message": "Bad Request"}}], 400)),
        ("response_format", raw({"error": "Failed to parse grammar"}, 500)),
    ],
)
def test_what_a_server_refuses_is_left_out_and_the_run_goes_on(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch, field: str, refusal: Answer
) -> None:
    monkeypatch.setenv("GEMS_MLLM_TEMPERATURE", "0.2")
    server.script = lambda call, number: refusal if field in call.body else None
    result = gems(*GENERATE)
    assert (result.exit_code, result.stderr) == (0, ""), result.stderr
    assert "all_passed" in result.stdout
    assert field not in server.calls[-1].body


@pytest.mark.parametrize(
    "prompt",
    [
        "a poster that says max_tokens is too large for us",
        "the words response_format json schema in red",
        'a screen with {"temperature": 3, "max_completion_tokens": 1} on it',
        "grammar school children with a structured schema of json",
        "context length exceeded written on a wall",
    ],
)
def test_a_prompts_own_words_teach_nothing(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch, prompt: str
) -> None:
    monkeypatch.setenv("GEMS_MLLM_TEMPERATURE", "0.2")
    said = f"This cannot be processed: {prompt!r}"
    server.script = only("decomposer", raw({"error": {"message": said}}, 400))
    assert "This cannot be processed" in line_of(gems("generate", prompt, *GENERATE[2:]))
    asked = [call.body for call in server.calls if call.kind == "decomposer"]
    assert len(asked) == 1
    server.script = None
    assert gems("resume", "run").exit_code == 0
    names = {"max_tokens", "max_completion_tokens", "response_format", "temperature"}
    assert names <= set(server.calls[-1].body)


def test_a_lesson_that_does_not_help_is_not_kept(server: FakeServer) -> None:
    server.script = only("decomposer", raw({"error": "max_tokens, they say, and no"}, 400))
    line_of(gems(*GENERATE))
    assert "max_tokens" in next(c for c in reversed(server.calls) if c.kind == "planner").body
    server.script = None
    gems("resume", "run")
    assert "max_tokens" in server.calls[-1].body
