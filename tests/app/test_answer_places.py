"""An answer is found wherever a server put it, a draft is none, and a refusal is called one."""

from __future__ import annotations

import json

import pytest
from command_line import GENERATE, completion, gems, line_of, only, pictures, raw
from fake_server import Answer, FakeServer

pytestmark = pytest.mark.usefixtures("on_fake_server")

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
