"""What servers really send, as the user of the command line meets it: the line and the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_server import Answer, Call, FakeServer
from gems.app.cli import app
from gems.models import retry
from typer.testing import CliRunner, Result

GENERATE = ("generate", "a cat", "--seed", "7", "--no-memory", "--thread", "run")


@pytest.fixture(autouse=True)
def on_server(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MLLM", "GENERATOR"):
        monkeypatch.setenv(f"GEMS_{name}", "openai:fake")
        monkeypatch.setenv(f"GEMS_{name}_BASE_URL", server.base_url)
        monkeypatch.setenv(f"GEMS_{name}_RETRIES", "0")


def gems(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def line_of(result: Result, code: int = 1) -> str:
    """The one line of a command that failed, without the program's name."""
    assert result.exit_code == code, (result.output, result.exception)
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith("gems: ")
    return line.removeprefix("gems: ").removesuffix(" | then: gems resume run")


def pictures(server: FakeServer) -> int:
    return sum(call.kind == "image" for call in server.calls)


def only(role: str, said: Any) -> Callable[[Call, int], Any]:
    """A script that says ``said`` to one role and what is sensible to the others."""
    return lambda call, number: said if call.kind == role else None


def raw(body: object, status: int = 200, **headers: str) -> Answer:
    """An answer with ``body``, JSON or bytes, as it is."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(data=data, status=status, media="application/json", headers=headers)


def completion(message: object, **choice: object) -> Answer:
    return raw({"choices": [{"index": 0, "finish_reason": "stop", "message": message, **choice}]})


# The server's words

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


# Successes without an answer

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


# The answer is in another place

QUESTIONS = '{"questions": [{"question": "Is there a cat?", "statement": "a cat"}]}'
CALL = {"id": "1", "type": "function", "function": {"name": "answer", "arguments": QUESTIONS}}


@pytest.mark.parametrize(
    "answer",
    [
        completion({"content": None, "reasoning_content": f"They want a cat.\n{QUESTIONS}"}),
        completion({"content": "", "reasoning": f"```json\n{QUESTIONS}\n```"}),
        completion({"content": f"<think>A cat. {QUESTIONS}</think>"}),
        completion({"content": None, "tool_calls": [CALL]}),
        completion({"content": "I will call a tool.", "tool_calls": [CALL]}),
        completion(
            {"content": None, "function_call": {"name": "x", "arguments": json.loads(QUESTIONS)}}
        ),
        completion({"content": [{"type": "text", "text": QUESTIONS}]}),
        completion({"content": [{"type": "text", "text": t} for t in (QUESTIONS[:9], QUESTIONS[9:])]}),
        completion({"content": json.loads(QUESTIONS)}),
        completion({"content": QUESTIONS}, finish_reason="length"),
        completion({"content": f"{QUESTIONS} and mor"}, finish_reason="length"),
        completion({"content": f'{{"name": "answer", "arguments": {QUESTIONS}}}'}),
        completion(
            {"content": None, "reasoning_details": [{"type": "reasoning.text", "text": QUESTIONS}]}
        ),
        raw({"message": {"role": "assistant", "content": QUESTIONS}, "done_reason": "stop"}),
        raw({"role": "assistant", "content": [{"type": "text", "text": QUESTIONS}]}),
        raw({"choices": [{"text": QUESTIONS, "finish_reason": "stop"}]}),
        raw(b"\xef\xbb\xbf" + json.dumps({"choices": [{"message": {"content": QUESTIONS}}]}).encode()),
    ],
)
def test_an_answer_is_found_wherever_it_is(server: FakeServer, answer: Answer) -> None:
    server.script = only("decomposer", answer)
    result = gems(*GENERATE)
    assert result.exit_code == 0 and "1 requirements to check" in result.stdout, result.output
    assert sum(call.kind == "decomposer" for call in server.calls) == 1


@pytest.mark.parametrize(
    "answer",
    [
        completion({"content": None, "reasoning_content": f"{QUESTIONS}? No, that is not all."}),
        completion({"content": f'[{QUESTIONS}, {{"questions": [{{"quest'}, finish_reason="length"),
        completion({"content": f'{{"draft": {QUESTIONS}, "final": {{"qu'}, finish_reason="length"),
        completion({"content": f'{{"draft": {QUESTIONS}, "final": {{"qu'}, finish_reason="max_tokens"),
        completion({"content": f"<think>Perhaps {QUESTIONS}, or rather"}),
    ],
)
def test_a_draft_is_no_answer(server: FakeServer, answer: Answer) -> None:
    server.script = lambda call, number: answer if number < 2 and call.kind == "decomposer" else None
    result = gems(*GENERATE)
    assert result.exit_code == 0 and "3 requirements to check" in result.stdout, result.output


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (completion({"content": None, "refusal": "I will not."}), "I will not."),
        (
            completion({"content": "", "refusal": None}, finish_reason="content_filter"),
            "the answer was filtered (content_filter)",
        ),
        (raw({"choices": [{"finish_reason": "SAFETY"}]}), "the answer was filtered (safety)"),
        (completion({"content": "I'm sorry, but I can't help."}), "I'm sorry, but I can't help."),
        (completion({"content": "I cannot assist with that."}), "I cannot assist with that."),
        (
            completion({"content": [{"type": "refusal", "refusal": "Sorry, no."}]}),
            "Sorry, no.",
        ),
    ],
)
def test_a_refusal_is_called_a_refusal(server: FakeServer, answer: Answer, why: str) -> None:
    server.script = only("decomposer", answer)
    assert line_of(gems(*GENERATE)) == (
        f"openai:fake declines to answer as decomposer ({why}): word the prompt another way, or name "
        "another MLLM"
    )
    assert pictures(server) == 0


@pytest.mark.parametrize(
    "error",
    [
        {"code": "content_filter", "message": "The response was filtered"},
        {"code": "content_policy_violation", "message": "The response was filtered"},
        {
            "innererror": {"code": "ResponsibleAIPolicyViolation"},
            "message": "The response was filtered",
        },
    ],
)
def test_a_filter_in_front_of_the_model_is_called_so_too(server: FakeServer, error: object) -> None:
    server.script = lambda call, number: raw({"error": error}, 400)
    line = line_of(gems(*GENERATE))
    assert "declines (400): The response was filtered" in line and "word the prompt" in line


# One odd field


def questions(*items: object) -> str:
    return json.dumps({"questions": items})


CAT = {"question": "Is there a cat?", "statement": "a cat"}
RED = {"question": "Is it red?", "statement": "a red cat", "depends_on": 1}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (questions({**CAT, "kind": "color"}, RED), 2),
        (questions({**CAT, "depends_on": "none"}, RED), 2),
        (questions({**CAT, "depends_on": "null", "statement": None}, {**RED, "depends_on": "1."}), 2),
        (questions(CAT, {"statement": "no question"}, {**RED, "depends_on": "q1"}), 2),
        (questions("Is there a cat?", 7, None, RED), 2),
        (questions({**CAT, "kind": None, "importance": "high"}, {**RED, "depends_on": [1]}), 2),
        (questions({**CAT, "kind": ["object"], "depends_on": {}}, {**RED, "depends_on": 1e400}), 2),
    ],
)
def test_an_odd_field_of_a_question_voids_nothing_else(
    server: FakeServer, said: str, kept: int
) -> None:
    server.script = only("decomposer", said)
    result = gems(*GENERATE)
    assert result.exit_code == 0 and f"{kept} requirements to check" in result.stdout, result.output
    assert sum(call.kind == "decomposer" for call in server.calls) == 1


@pytest.mark.parametrize(
    "verdicts",
    [
        [
            {"number": "1.", "verdict": "yes"},
            {"number": "q2", "verdict": "Yes."},
            {"number": 3.0, "verdict": True},
        ],
        [{"number": n, "verdict": "yes", "reason": odd} for n, odd in ((1, None), (2, ["a"]), (3, 4))],
        [{"number": n, "verdict": "yes"} for n in (1, 2, 3)] + [{"number": "all", "verdict": "yes"}],
        [{"number": n, "verdict": "yes"} for n in (1, 2, 3)] + [{"verdict": "no"}, "yes", None],
        {"1": "yes", "2": {"verdict": "yes"}, "3": "Yes"},
    ],
)
def test_an_odd_verdict_drops_itself_alone(server: FakeServer, verdicts: object) -> None:
    server.script = only("verifier_all", json.dumps({"verdicts": verdicts}))
    result = gems(*GENERATE, "--verify", "together")
    assert result.exit_code == 0 and "3 of 3 pass" in result.stdout, result.output


@pytest.mark.parametrize(
    "odd",
    [
        {"action": "Rewrite."},
        {"reasoning": None, "strategy": None},
        {"covers": "all of them"},
        {"covers": [{"number": "first", "quote": "x"}, {"number": "1.", "quote": None}, 3]},
        {"strategy": ["digits", "names"], "reasoning": {"why": "because"}},
    ],
)
def test_an_odd_field_of_the_refiner_costs_nothing(server: FakeServer, odd: dict[str, Any]) -> None:
    good = {"action": "rewrite", "prompt": "a cat (round 2)", "strategy": "s", "reasoning": "r"}
    server.script = only("refiner", json.dumps({**good, **odd}))
    result = gems(*GENERATE)
    assert "warning" not in result.stdout and "Round 2: a cat (round 2)" in result.stdout


# Proxies


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "socks5://127.0.0.1:9", "nonsense://x"])
def test_a_server_on_this_machine_needs_no_proxy(
    monkeypatch: pytest.MonkeyPatch, variable: str, proxy: str
) -> None:
    monkeypatch.setenv(variable, proxy)
    result = gems(*GENERATE)
    assert result.exit_code == 0 and "all_passed" in result.stdout, result.stderr


@pytest.mark.parametrize("proxy", ["socks5://me:secret-word@127.0.0.1:9", "nonsense://127.0.0.1:9"])
@pytest.mark.parametrize("part", ["MLLM", "GENERATOR"])
def test_a_proxy_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, proxy: str, part: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    monkeypatch.setenv(f"GEMS_{part}_BASE_URL", "http://models.example/v1")
    line = line_of(gems(*GENERATE), 2)
    assert line.startswith("ALL_PROXY=") and "cannot be used as a proxy" in line
    assert "secret-word" not in line


def test_the_doctor_names_an_unusable_proxy_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5h://127.0.0.1:9")
    monkeypatch.setenv("GEMS_MLLM_BASE_URL", "https://models.example/v1")
    result = gems("doctor")
    assert result.exit_code == 1 and "HTTPS_PROXY=socks5h://127.0.0.1:9 cannot be used" in " ".join(
        result.stdout.split()
    )


def test_a_dead_proxy_is_not_blamed_on_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://me:secret-word@127.0.0.1:9")
    monkeypatch.setenv("GEMS_MLLM_BASE_URL", "http://models.example/v1")
    line = line_of(gems(*GENERATE))
    assert line.endswith("requests go through HTTP_PROXY=http://me:***@127.0.0.1:9")


# Keys

SECRET = "sk-test-0123456789abcdef"


@pytest.mark.parametrize("part", ["MLLM", "GENERATOR"])
@pytest.mark.parametrize(
    "key",
    [
        f"{SECRET}\n",
        f"  {SECRET}\r\n",
        f'"{SECRET}"',
        f"'{SECRET}'",
        f"Bearer {SECRET}",
        f"\ufeff{SECRET}",
    ],
)
def test_a_key_is_stripped_of_what_was_copied_along(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch, part: str, key: str
) -> None:
    monkeypatch.setenv(f"GEMS_{part}_API_KEY", key)
    assert gems(*GENERATE).exit_code == 0
    sent = {head.get("authorization") for head in server.heads}
    assert sent == {None, f"Bearer {SECRET}"}


@pytest.mark.parametrize("command", [GENERATE, ("doctor",)])
@pytest.mark.parametrize("part", ["MLLM", "GENERATOR"])
@pytest.mark.parametrize(
    ("odd", "what"),
    [
        ("\n", "a line break"),
        ("\u2019", "the character U+2019"),
        ("\u2026", "the character U+2026"),
        (" ", "a space"),
        ("\u00a0", "the character U+00A0"),
        ("\u200b", "the character U+200B"),
    ],
)
def test_a_key_that_cannot_be_one_is_told_without_being_shown(
    server: FakeServer,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    part: str,
    odd: str,
    what: str,
) -> None:
    monkeypatch.setenv(f"GEMS_{part}_API_KEY", f"{SECRET[:12]}{odd}{SECRET[12:]}")
    result = gems(*command)
    assert result.exit_code == (2 if command == GENERATE else 1)
    assert f"GEMS_{part}_API_KEY holds {what} at position 13" in " ".join(result.output.split())
    assert SECRET[:12] not in result.output and SECRET[12:] not in result.output
    assert pictures(server) == 0


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
def test_a_key_that_the_server_repeats_is_in_no_output_and_no_file(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, status: int
) -> None:
    monkeypatch.setenv("GEMS_MLLM_API_KEY", SECRET)
    said = raw({"error": {"message": f"the key {SECRET} may not"}}, status)
    server.script = lambda call, number: said if call.kind == "verifier" else None
    result = gems(*GENERATE)
    server.script = lambda call, number: said
    other = gems("generate", "a dog", "--no-memory")
    assert "the key *** may not" in line_of(other)
    assert SECRET not in result.output + other.output
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files and not any(SECRET.encode() in path.read_bytes() for path in files)


def test_a_password_in_an_address_is_not_shown(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMS_MLLM_BASE_URL", server.base_url.replace("//", "//me:secret-word@"))
    server.script = lambda call, number: raw({"error": "no"}, 404)
    outputs = [gems(*GENERATE).output, gems("doctor").output]
    assert not any("secret-word" in output for output in outputs)


# Rate limits


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
