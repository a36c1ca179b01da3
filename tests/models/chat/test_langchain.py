"""The LangChain adapter against a server that behaves and misbehaves."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import traceback
from pathlib import Path
from typing import Any

import pytest
from conftest import settings_for
from fake_server import HANG_UP, SILENCE, Answer, Call, FakeServer
from gems.errors import AnswerError, BackendError, InputError, RefusedError, UnreachableError
from gems.models.chat.langchain import LangChainMLLM
from gems.models.chat.mllm import Reply
from gems.models.judges.mllm import Look, verifier_role
from gems.models.registry import open_mllm
from gems.nodes.planner import PLANNER, SkillChoice
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from PIL import Image

GOOD = '{"skill": "none", "reason": "plain"}'
FIELDS = {"prompt": "a cat", "skills": [], "experiences": [], "track_record": []}


def ask(server: FakeServer, tmp_path: Path, **settings: Any) -> Reply[SkillChoice]:
    model = open_mllm("openai:fake", settings_for(server, tmp_path, **settings))
    return asyncio.run(model.ask(PLANNER, FIELDS))


def scripted(server: FakeServer, *answers: Any) -> None:
    server.script = lambda call, number: answers[min(number, len(answers) - 1)]


@pytest.mark.parametrize(
    "text",
    [GOOD, f"<think>hm {{}}</think>\n{GOOD}", f"```json\n{GOOD}\n```", f"I would say {GOOD}. Yes!"],
)
def test_reads_json_in_any_wrapping(server: FakeServer, tmp_path: Path, text: str) -> None:
    scripted(server, text)
    reply = ask(server, tmp_path)
    assert reply.answer == SkillChoice(skill="none", reason="plain")
    assert (reply.cost.requests, reply.cost.input_tokens, reply.cost.output_tokens) == (1, 100, 20)


def test_keeps_the_reasoning(server: FakeServer, tmp_path: Path) -> None:
    scripted(server, Answer(GOOD, message={"reasoning_content": "because"}))
    assert ask(server, tmp_path).reasoning == "because"
    scripted(server, f"<think>since</think>{GOOD}")
    assert ask(server, tmp_path).reasoning == "since"


@pytest.mark.parametrize("bad", ["just prose", GOOD[:15], '{"reason": 1}', ""])
def test_repairs_an_unusable_answer_once(server: FakeServer, tmp_path: Path, bad: str) -> None:
    scripted(server, bad, GOOD)
    reply = ask(server, tmp_path)
    assert reply.cost.requests == 2
    said = json.dumps(server.calls[1].body["messages"])
    assert "cannot be used" in said


def test_a_cut_off_answer_is_repaired(server: FakeServer, tmp_path: Path) -> None:
    scripted(server, Answer(GOOD[:-1], finish_reason="length"), GOOD)
    assert ask(server, tmp_path).cost.requests == 2
    assert "cut off" in json.dumps(server.calls[1].body["messages"])


def test_climbs_down_the_ladder_and_remembers(server: FakeServer, tmp_path: Path) -> None:
    def script(call: Call, number: int) -> Answer | str:
        refused = call.body.get("response_format") is not None
        return Answer("response_format is not supported", status=400) if refused else GOOD

    server.script = script
    model = open_mllm("openai:fake", settings_for(server, tmp_path))
    first = asyncio.run(model.ask(PLANNER, FIELDS))
    second = asyncio.run(model.ask(PLANNER, FIELDS))
    assert (first.cost.requests, second.cost.requests) == (3, 1)
    forms = [(c.body.get("response_format") or {}).get("type") for c in server.calls]
    assert forms == ["json_schema", "json_object", None, None]


def test_endless_prose_ends_in_one_error_that_carries_its_cost(
    server: FakeServer, tmp_path: Path
) -> None:
    scripted(server, "prose, nothing but prose")
    with pytest.raises(AnswerError, match="no usable answer") as caught:
        ask(server, tmp_path)
    assert caught.value.cost.requests == len(server.calls) <= 4
    assert caught.value.cost.input_tokens > 0


@pytest.mark.parametrize(
    "failure",
    [Answer("busy", status=429, headers={"retry-after": "0"}), Answer("oops", status=500), HANG_UP],
)
def test_passing_troubles_are_retried(server: FakeServer, tmp_path: Path, failure: Any) -> None:
    scripted(server, failure, GOOD)
    assert ask(server, tmp_path).cost.requests == 2


def test_silence_is_cut_short(server: FakeServer, tmp_path: Path) -> None:
    scripted(server, SILENCE)
    with pytest.raises(UnreachableError, match=r"gave no answer in 0\.2 s"):
        ask(server, tmp_path, mllm_timeout=0.2, mllm_retries=1)
    assert len(server.calls) == 2


@pytest.mark.parametrize(
    ("status", "kind", "advice"),
    [
        (401, RefusedError, "set GEMS_MLLM_API_KEY"),
        (404, RefusedError, "the model's name"),
        (500, UnreachableError, "keeps answering 500"),
    ],
)
def test_errors_say_what_to_do(
    server: FakeServer, tmp_path: Path, status: int, kind: type[BackendError], advice: str
) -> None:
    scripted(server, Answer("no", status=status))
    with pytest.raises(kind, match=advice) as caught:
        ask(server, tmp_path, mllm_retries=0)
    assert "\n" not in str(caught.value)


def test_a_dead_server_is_reported_with_its_address(server: FakeServer, tmp_path: Path) -> None:
    settings = settings_for(server, tmp_path, mllm_retries=0)
    settings = settings.model_copy(update={"mllm_base_url": "http://127.0.0.1:9/v1"})
    with pytest.raises(UnreachableError, match="127.0.0.1:9.*is the server up"):
        asyncio.run(open_mllm("openai:fake", settings).ask(PLANNER, FIELDS))


def test_the_call_allowance_bounds_retries_and_repairs(server: FakeServer, tmp_path: Path) -> None:
    scripted(server, "prose")
    model = open_mllm("openai:fake", settings_for(server, tmp_path))
    with pytest.raises(BackendError):
        asyncio.run(model.ask(PLANNER, FIELDS, max_requests=1))
    assert len(server.calls) == 1


def test_pictures_are_scaled_down_and_sent_as_images(server: FakeServer, tmp_path: Path) -> None:
    path = tmp_path / "big.png"
    Image.new("RGB", (900, 300), (200, 0, 0)).save(path)
    model = open_mllm("openai:fake", settings_for(server, tmp_path, mllm_image_side=90))

    async def many() -> list[Reply[Look]]:
        return await asyncio.gather(
            *(model.ask(verifier_role("judge"), {"question": f"{n}?"}, [path]) for n in range(5))
        )

    assert len(asyncio.run(many())) == 5
    url = server.calls[0].body["messages"][1]["content"][0]["image_url"]["url"]
    with Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))) as sent:
        assert sent.size == (90, 30)


def test_requests_name_role_and_limits(server: FakeServer, tmp_path: Path) -> None:
    ask(server, tmp_path, mllm_max_tokens=321)
    body = server.calls[0].body
    assert body["max_tokens"] == body["max_completion_tokens"] == 321
    assert body["response_format"]["json_schema"]["name"] == "planner"


def test_one_model_serves_many_event_loops_and_no_more_at_once_than_set(tmp_path: Path) -> None:
    with FakeServer(text=0.1) as server:
        model = open_mllm("openai:fake", settings_for(server, tmp_path, mllm_concurrency=2))

        async def many() -> None:
            await asyncio.gather(*(model.ask(PLANNER, FIELDS) for _ in range(6)))

        for _ in range(2):
            asyncio.run(many())
        starts = sorted(call.started for call in server.calls)
        for start in starts:
            assert sum(start - 0.09 <= other <= start for other in starts) <= 2


def test_any_other_langchain_chat_model_works(tmp_path: Path, server: FakeServer) -> None:
    chat = FakeListChatModel(responses=[f"Well: {GOOD}"])
    model = LangChainMLLM(chat, settings_for(server, tmp_path), name="mine")
    assert asyncio.run(model.ask(PLANNER, FIELDS)).answer.skill == "none"


def test_a_chat_model_class_is_found_by_name(server: FakeServer, tmp_path: Path) -> None:
    settings = settings_for(server, tmp_path)
    with pytest.raises(InputError, match="pip install langchain-nowhere"):
        open_mllm("langchain:nowhere:model", settings)
    with pytest.raises(InputError, match="names no model"):
        open_mllm("langchain:openai", settings)


def test_openai_itself_needs_a_key(tmp_path: Path, server: FakeServer) -> None:
    settings = settings_for(server, tmp_path).model_copy(update={"mllm_base_url": None})
    with pytest.raises(InputError, match="GEMS_MLLM_API_KEY"):
        open_mllm("openai:gpt", settings)


class BrokenChat(FakeListChatModel):
    """A chat model with a fault in it."""

    fault: Exception

    def _call(self, *args: Any, **kwargs: Any) -> str:
        raise self.fault


@pytest.mark.parametrize(
    "fault",
    [
        TypeError("'NoneType' object"),
        AttributeError("no choices"),
        KeyError("choices"),
        ValueError("x"),
    ],
)
def test_a_fault_in_a_chat_model_is_no_answer_that_a_role_could_do_without(
    server: FakeServer, tmp_path: Path, fault: Exception
) -> None:
    chat = BrokenChat(responses=[], fault=fault)
    model = LangChainMLLM(chat, settings_for(server, tmp_path, mllm_retries=0), name="mine")
    with pytest.raises(
        UnreachableError, match=rf"mine gave no answer \({type(fault).__name__}"
    ) as caught:
        asyncio.run(model.ask(PLANNER, FIELDS))
    assert caught.value.__cause__ is fault


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"choices": null}', b'{"choices": []}', b'{"error": {"message": "x"}}']
)
def test_other_classes_of_langchains_fail_of_no_answer_in_one_line_too(
    server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    server.script = lambda call, number: Answer(data=body, media="application/json")
    settings = settings_for(server, tmp_path, mllm_retries=1)
    model = open_mllm("langchain:openai:fake", settings)
    with pytest.raises(UnreachableError) as caught:
        asyncio.run(model.ask(PLANNER, FIELDS))
    assert "\n" not in str(caught.value) and len(server.calls) == 2


def test_a_key_is_in_no_traceback(server: FakeServer, tmp_path: Path) -> None:
    key = "sk-0123456789-abcdefghij"
    server.script = lambda call, number: Answer(f"wrong key {key}", status=401)
    with pytest.raises(RefusedError) as caught:
        ask(server, tmp_path, mllm_api_key=key)
    assert key not in "".join(traceback.format_exception(caught.value))


def test_questions_about_one_picture_begin_alike_and_several_pictures_are_numbered(
    server: FakeServer, tmp_path: Path
) -> None:
    paths = [tmp_path / f"{n}.png" for n in (1, 2)]
    for number, path in enumerate(paths):
        Image.new("RGB", (8, 8), (number, 0, 0)).save(path)
    model = open_mllm("openai:fake", settings_for(server, tmp_path))
    for question in ("Is there a cat?", "Is there a dog?"):
        asyncio.run(model.ask(verifier_role("judge"), {"question": question}, paths[:1]))
    first, second = (call.body["messages"] for call in server.calls)
    assert first[0] == second[0] and first[1]["content"][0] == second[1]["content"][0]
    assert first[1]["content"][0]["type"] == "image_url"
    assert "Is there a dog?" in second[1]["content"][1]["text"]
    asyncio.run(model.ask(verifier_role("judge"), {"question": "Which?"}, paths))
    blocks = server.calls[-1].body["messages"][1]["content"]
    assert [block.get("text", "image")[:10] for block in blocks] == [
        "Picture 1:", "image", "Picture 2:", "image", "<question>"
    ]  # fmt: skip
