"""How sure a verdict is, by the likelihoods that a server tells."""

from __future__ import annotations

import asyncio
import json
import math
from pathlib import Path
from typing import Any

from fake_server import Answer, Call, FakeServer
from gems.models.chat.likelihood import Token, read_tokens
from gems.models.chat.openai import OpenAIChat
from gems.models.judges.certainty import certainties
from gems.models.judges.judge import Requirement
from gems.models.judges.mllm import MLLMJudge
from gems.settings import Settings
from PIL import Image


def written(*pieces: str, **likelihoods: float) -> tuple[Token, ...]:
    """An answer in pieces; the likelihoods are of what stands, or could stand, at the verdict."""
    return tuple(Token(p, likelihoods if p in likelihoods else {p: 1.0}) for p in pieces)


def test_the_share_of_its_own_side_is_how_sure_a_verdict_is() -> None:
    one = written('{"reason": "seen", "', 'verdict": "', "yes", '"}', yes=0.6, no=0.2, y=0.1, can=0.1)
    [sure] = certainties(one, 1)
    assert sure is not None and math.isclose(sure, 0.7 / 0.9)
    joined = written('{"verdict":', ' "no', '"}', **{' "no': 0.9, ' "yes': 0.1})
    assert certainties(joined, 1) == [0.9]


def test_what_is_not_told_or_on_no_side_has_no_certainty() -> None:
    assert certainties((), 2) == [None, None]
    assert certainties(written('{"verdict": "', "cannot", ' tell"}', cannot=1.0), 1) == [None]
    assert certainties(written('{"verdict": "', "yes", '"}', yes=1.0), 2) == [None, None]


def test_odd_logprobs_are_read_as_far_as_they_go() -> None:
    odd: list[Any] = [None, [], {"content": None}, {"content": [None, 3]}, {"content": "text"}]
    assert [read_tokens(told) for told in odd] == [()] * len(odd)
    [token] = read_tokens({"content": [{"token": "yes", "logprob": "x", "top_logprobs": [7]}]})
    assert token == Token("yes", {"yes": 0.0})


def logprobs(text: str, verdict: str, sure: float) -> dict[str, Any]:
    start, end = text.split(verdict, 1)
    other = {"token": "no", "logprob": math.log(1 - sure)}
    pieces = [(start, 1.0, []), (verdict, sure, [other]), (end, 1.0, [])]
    return {"content": [{"token": t, "logprob": math.log(p), "top_logprobs": o} for t, p, o in pieces]}


def judged(server: FakeServer, picture: Path, **settings: Any) -> dict[str, Any]:
    opened = OpenAIChat("openai:fake", Settings(mllm_base_url=server.base_url, **settings))
    asked = Requirement(id="q1", question="Is it?", statement="it", kind="object", parent=None)
    return dict(asyncio.run(MLLMJudge(opened).judge(picture, [asked])).verdicts[0])


def test_a_servers_likelihoods_reach_the_verdict(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    Image.new("RGB", (8, 8)).save(picture)

    def script(call: Call, number: int) -> Answer:
        text = json.dumps({"reason": "seen", "verdict": "yes"})
        if "logprobs" not in call.body:
            return Answer(text)
        choice = {
            "message": {"role": "assistant", "content": text},
            "logprobs": logprobs(text, "yes", 0.75),
            "finish_reason": "stop",
        }
        return Answer(data=json.dumps({"choices": [choice]}).encode(), media="application/json")

    with FakeServer(script) as server:
        assert "confidence" not in judged(server, picture)
        assert round(judged(server, picture, mllm_logprobs=True)["confidence"], 6) == 0.75


def test_a_server_that_knows_no_likelihoods_is_asked_without(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    Image.new("RGB", (8, 8)).save(picture)

    def refusing(call: Call, number: int) -> Answer | None:
        if "logprobs" in call.body or "top_logprobs" in call.body:
            return Answer("logprobs is not supported with this model", status=400)
        return Answer(json.dumps({"reason": "seen", "verdict": "yes"}))

    with FakeServer(refusing) as server:
        verdict = judged(server, picture, mllm_logprobs=True)
        assert verdict["value"] == "pass" and "confidence" not in verdict
        assert len(server.calls) == 2
