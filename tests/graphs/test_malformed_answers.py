"""Twenty ways to answer badly, over whole runs: each answer is read, or repaired within one call more,
and no picture that was judged counts as unjudged."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_conversation import read_request
from fake_server import Call, FakeServer
from gems import Session
from gems.models.chat.messages import Said, parse_plain
from gems.models.judges.mllm import Look, Looks
from gems.nodes.actions import ACTIONS, answer_for
from gems.nodes.compressor import Lesson
from gems.nodes.decomposer import Questions
from gems.settings import Settings

PROMPTS = (
    "a cat", 'a poster that says "12 July"', "三只红色的猫和一只狗", "赤い鳥居と桜", "кот и две собаки",
    "قطة وكلبان", "no people on a beach", "a {curly} prompt", "l'été, d'un «vieux» moulin", "a\nb\tc",
)  # fmt: skip


def worded(value: dict[str, Any]) -> str:
    """An answer said in plain words."""
    if "verdicts" in value:
        return "\n".join(f"{v['number']}. {v['verdict']} - {v['reason']}" for v in value["verdicts"])
    if "verdict" in value:
        return f"{value['verdict'].capitalize()}. {value['reason']}"
    if "questions" in value:
        return "\n".join(f"{n}. {q['question']}" for n, q in enumerate(value["questions"], 1))
    if "prompt" in value:
        return f"Here is the improved prompt:\n\n```\n{value['prompt']}\n```"
    return str(value.get("experience") or value.get("skill"))


def twisted(change: Callable[[Any], Any]) -> Callable[[dict[str, Any]], str]:
    """Every value of an answer changed, lists and objects kept."""

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: walk(item) for key, item in value.items()}
        return [walk(item) for item in value] if isinstance(value, list) else change(value)

    return lambda value: json.dumps(walk(value), ensure_ascii=False)


def foreign(value: Any) -> Any:
    return {"yes": "是", "no": "不是", "object": "物体"}.get(value or "", value)


def sloppy(value: Any) -> Any:
    return (
        {"yes": "Correct.", "no": "Incorrect", "object": "Entity"}.get(value, value) if value else value
    )


BADLY: dict[str, Callable[[dict[str, Any]], str]] = {
    "fenced": lambda v: f"```json\n{json.dumps(v)}\n```",
    "fenced, in words": lambda v: f"Sure! Here you are:\n```\n{json.dumps(v)}\n```\nAnything else?",
    "after thinking": lambda v: f"<think>let me see {{1}}</think>{json.dumps(v)}",
    "after unopened thinking": lambda v: f"hm {{}}</think>\n{json.dumps(v)}",
    "after a draft": lambda v: f'First {{"a": 1}}, no: {json.dumps(v)}',
    "wrapped": lambda v: json.dumps({"answer": v}),
    "as a tool call": lambda v: json.dumps({"name": "answer", "arguments": v}),
    "single quotes": repr,
    "trailing comma": lambda v: json.dumps(v)[:-1] + ",}",
    "comments": lambda v: "{ // so\n" + json.dumps(v)[1:],
    "curly quotes": lambda v: re.sub(r'"([^"]*)"', r"“\1”", json.dumps(v)),
    "line breaks": lambda v: json.dumps(v, indent=4).replace("\n", "\r\n"),
    "a bare list": lambda v: json.dumps(v[key] if (key := listed(v)) else v),
    "numbers as texts": twisted(lambda x: str(x) if isinstance(x, int) else x),
    "lists for texts": twisted(lambda x: [x] if isinstance(x, str) and len(x) > 12 else x),
    "another language": twisted(foreign),
    "other words": twisted(sloppy),
    "upper case": twisted(lambda x: x.upper() if x in ("yes", "no", "rewrite", "none") else x),
    "more keys": lambda v: json.dumps({**v, "confidence": "high", "notes": None}),
    "plain words": worded,
}


def listed(value: dict[str, Any]) -> str | None:
    """The only list of an answer that is nothing but one."""
    return next((key for key in ("questions", "verdicts") if key in value), None)


@pytest.mark.slow
@pytest.mark.parametrize("badly", BADLY)
def test_a_model_that_answers_badly_ends_like_one_that_answers_well(tmp_path: Path, badly: str) -> None:
    with FakeServer() as server:
        talk = server.conversation

        def script(call: Call, number: int) -> str:
            role, text, picture = read_request(call.body)
            return BADLY[badly](talk.answer(role, text, picture))

        server.script = script
        settings = Settings(
            home=tmp_path,
            mllm="openai:fake",
            mllm_base_url=server.base_url,
            generator="openai:fake",
            generator_base_url=server.base_url,
        )
        with Session(settings) as session:
            for number, prompt in enumerate(PROMPTS):
                begun = len(server.calls)
                verify: Any = ("each", "together")[number % 2]
                result = session.generate(prompt, thread_id=f"n{number}", seed=1, verify=verify)
                asked = [call for call in server.calls[begun:] if call.kind != "image"]
                repairs = sum(len(call.body["messages"]) > 2 for call in asked)
                assert 2 * repairs <= len(asked), (badly, prompt)
                assert result["outcome"] == "all_passed", (badly, prompt, result["warnings"])
                assert result["passed"] == result["total"] == 3


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("No, there are five.", "no"),
        ("**Yes** - it is so", "yes"),
        ("I see two dogs.\n\nAnswer: no", "no"),
        ("不是。只有两只。", "no"),
        ("是的，有一只猫。", "yes"),
        ("Cannot tell.", "cannot_tell"),
        ("No problem! Let me look first", None),
        ("Yesterday it was so", None),
        ("nothing but prose", None),
        ("I'm sorry, I can't help with that.", None),
        ("", None),
    ],
)
def test_a_verdict_in_plain_words_is_read_where_it_is_plain(text: str, verdict: str | None) -> None:
    look = parse_plain(Said(text), Look)
    assert (look.verdict if look else None) == verdict


def test_verdicts_in_a_numbered_list_are_read() -> None:
    looks = parse_plain(Said('1. yes\n2) No, one\n**3.** perhaps\n4: no - it reads "12 Juiy"'), Looks)
    assert looks is not None
    assert [(v.number, v.verdict) for v in looks.verdicts] == [(1, "yes"), (2, "no"), (4, "no")]


PROMPT = "A red cat on a wooden bench, soft morning light, three birds above"
REFINEMENT = answer_for(tuple(ACTIONS.values()))


@pytest.mark.parametrize(
    "text",
    [
        PROMPT,
        f'"{PROMPT}"',
        f"Here is the new prompt:\n\n```\n{PROMPT}\n```\nIt names the birds.",
        f"**Improved prompt:** {PROMPT}\n\nThis should help.",
        f"I would say “{PROMPT}” this time.",
    ],
)
def test_a_prompt_that_was_written_out_is_a_prompt(text: str) -> None:
    refined = parse_plain(Said(text), REFINEMENT)
    assert refined is not None and (refined.action, refined.prompt) == ("rewrite", PROMPT)


@pytest.mark.parametrize(
    "said", [Said("prose"), Said(PROMPT, ended="length"), Said('{"prompt": "a cat')]
)
def test_half_a_prompt_is_none(said: Said) -> None:
    assert parse_plain(said, REFINEMENT) is None


def test_questions_and_lessons_in_plain_words_are_read() -> None:
    asked = parse_plain(
        Said("Sure:\n1. Is there a cat?\n2. **Is it red?**\n3. That is all."), Questions
    )
    assert asked is not None and len(asked.questions) == 2
    lesson = parse_plain(Said("The birds were missing; name them first."), Lesson)
    assert lesson is not None and lesson.experience.startswith("The birds")
