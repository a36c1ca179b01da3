"""Every task from its official files to its figures: what the judge is sent, and what becomes of it."""

from __future__ import annotations

import base64
import io
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_server import Answer, Call, FakeServer
from gems.errors import AccessError
from gems.evals.tasks.catalogue import TASKS, open_task
from gems.evals.tasks.judging import Judging, units_of
from gems.evals.tasks.plan import TaskPlan, make_plan
from gems.evals.tasks.report import write
from gems.evals.tasks.results import TaskResult, score_task
from gems.models.judges.completions import CompletionJudge
from gems.models.loop import run_blocking
from gems.settings import Settings
from made_up_tasks import DATA, N, draw_by_hand, tokens, user_text
from PIL import Image

MODEL = "some-judge"
HALF = math.log(0.5)
Script = Callable[[Call, int], Any]


def plan_of(name: str, tmp_path: Path, pictures: int = 2) -> TaskPlan:
    data = DATA[name](tmp_path / "data")
    number = min(pictures, TASKS[name].pictures)
    return make_plan(open_task(name), data, tmp_path / "out", limit=None, pictures=number, seed=0)


def judge_with(plan: TaskPlan, script: Script, home: Path) -> list[Call]:
    """The calls that the judge got."""
    with FakeServer(script) as server:
        settings = Settings(home=home, judge_base_url=server.base_url, judge_retries=0)
        judge = CompletionJudge(f"openai:{MODEL}", settings)
        try:
            run_blocking(Judging(plan, judge).run(units_of(plan, by_round=False)))
        finally:
            run_blocking(judge.aclose())
        return server.calls


def judged(
    name: str, script: Callable[[Call, int], Any], tmp_path: Path
) -> tuple[TaskResult, list[Call]]:
    plan = plan_of(name, tmp_path)
    draw_by_hand(plan)
    calls = judge_with(plan, script, tmp_path / "home")
    return score_task(plan, f"openai:{MODEL}", ["embedded"]), calls


def shape(call: Call) -> tuple[list[str], dict[str, Any], str]:
    """The user's parts in order, what is sent beside the messages, and the picture's media type."""
    body = dict(call.body)
    messages = body.pop("messages")
    assert [message["role"] for message in messages] in (["user"], ["system", "user"])
    assert set(messages[0]) == {"role", "content"}
    parts = messages[-1]["content"]
    url = next(part["image_url"]["url"] for part in parts if part["type"] == "image_url")
    kinds = ["picture" if part["type"] == "image_url" else "text" for part in parts]
    assert all(
        set(part) == {"type", "text" if part["type"] == "text" else "image_url"} for part in parts
    )
    assert "wedding" not in json.dumps(messages)
    return kinds, body, url.partition(";")[0]


def said(text: str | Callable[[Call], str]) -> Callable[[Call, int], Answer]:
    return lambda call, number: Answer(text if isinstance(text, str) else text(call))


def mean(result: TaskResult) -> float:
    (arm,) = result.arms
    assert arm.headline is not None
    return arm.headline.mean


PICTURE_FIRST, PICTURE_LAST = ["picture", "text"], ["text", "picture"]
OCR = {"model": MODEL, "max_tokens": 1024}
PROTOCOLS: dict[str, tuple[Any, list[str], list[dict[str, Any]], bool, str]] = {
    "geneval2": (
        lambda call, number: tokens(Yes=HALF, one=HALF),
        PICTURE_FIRST,
        [{"model": MODEL, "max_tokens": 1, "temperature": 0, "logprobs": True, "top_logprobs": 20}],
        False,
        "png",
    ),
    "oneig-en": (said("Yes"), PICTURE_FIRST, [{"model": MODEL, "max_tokens": 128}], False, "jpeg"),
    "oneig-zh": (said("Yes"), PICTURE_FIRST, [{"model": MODEL, "max_tokens": 128}], False, "jpeg"),
    "wise-legacy": (
        said("Consistency: 2\nRealism: 2\nAesthetic Quality: 2"),
        PICTURE_LAST,
        [{"model": MODEL, "temperature": 0, "max_tokens": 2000}],
        True,
        "png",
    ),
    "wise-verified": (
        said("Score: 1"),
        PICTURE_LAST,
        [
            {
                "model": MODEL,
                "temperature": 0,
                "max_tokens": 500,
                "chat_template_kwargs": {"enable_thinking": False},
            }
        ],
        True,
        "png",
    ),
    "longtext-en": (said("door OPEN"), PICTURE_FIRST, [OCR], False, "png"),
    "longtext-zh": (said("Open Door"), PICTURE_FIRST, [OCR], False, "png"),
    "spatialgeneval": (
        said("A\nB\nC\nD\nA\nB\nC\nD\nA\nB"),
        PICTURE_LAST,
        [{"model": MODEL, "temperature": 1.0}],
        True,
        "png",
    ),
    "crea": (
        said("[1, 2, 3, 4, 5, 3]"),
        PICTURE_LAST,
        [{"model": MODEL, "max_tokens": 8192}],
        True,
        "png",
    ),
}
"""By task: the judge's script, the parts' order, what else is sent, a system text, the picture."""


@pytest.mark.parametrize("name", PROTOCOLS)
def test_nothing_is_sent_but_what_the_protocol_says(name: str, tmp_path: Path) -> None:
    script, order, others, system, media = PROTOCOLS[name]
    result, calls = judged(name, script, tmp_path)
    assert calls
    for call in calls:
        kinds, rest, kind = shape(call)
        assert (kinds, kind) == (order, f"data:image/{media}")
        assert rest in others
        assert (call.body["messages"][0]["role"] == "system") is system
    assert result.arms[0].prompts == N
    assert result.judge_cost["calls"] == len(calls)


def test_geneval2_scores_what_the_first_tokens_say(tmp_path: Path) -> None:
    def script(call: Call, number: int) -> Answer:
        if user_text(call).startswith("How many"):
            return tokens(two=math.log(0.25), _=HALF, no=math.log(0.25))
        return tokens(Yes=HALF, _yes=HALF)

    result, calls = judged("geneval2", script, tmp_path)
    assert len(calls) == 2 * N
    assert user_text(calls[0]).endswith("Answer in one word.")
    twos = sum(1 for n in range(N) if n % 7 == 1)
    expected = 100 * (twos * math.sqrt(0.75) + (N - twos) * math.sqrt(0.5)) / N
    assert mean(result) == pytest.approx(expected)
    assert result.arms[0].figures["AM by skill"]["object"] == pytest.approx(100)
    assert result.arms[0].figures["questions without a right token"] == 0


def test_a_judge_that_never_shows_its_tokens_is_warned_of_and_asked_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result, _ = judged("geneval2", said("Yes"), tmp_path)
    assert any("no log-probabilities" in line for line in result.warnings)
    monkeypatch.setattr("gems.evals.tasks.judging.MOST_MUTE", 5)
    with pytest.raises(AccessError, match="no log-probabilities"):
        judged("geneval2", said("Yes"), tmp_path / "again")
    mixed, _ = judged(
        "geneval2",
        lambda call, number: said("no")(call, number) if number < 4 else tokens(Yes=HALF),
        tmp_path / "mixed",
    )
    assert mixed.warnings == []


@pytest.mark.parametrize("logprobs", [[], {"content": "x"}, {"content": [{"token": 3}]}])
def test_an_answer_in_another_shape_is_none(logprobs: object, tmp_path: Path) -> None:
    broken = json.dumps({"choices": [{"message": {"content": "x"}, "logprobs": logprobs}]})
    result, _ = judged("geneval2", lambda call, number: Answer(data=broken.encode()), tmp_path)
    assert mean(result) == 0


def test_what_a_judge_makes_no_number_is_null_for_machines(tmp_path: Path) -> None:
    plan = plan_of("crea", tmp_path)
    draw_by_hand(plan)
    judge_with(plan, said("[NaN, 2, 3, 4, 5, Infinity]"), tmp_path / "home")
    result = score_task(plan, f"openai:{MODEL}", [])
    assert result.arms[0].headline is None and math.isnan(result.arms[0].figures["sum of six"])
    write(plan, result, {"base": {"mean score": math.inf}})
    told = json.loads((plan.out / "result.json").read_text(), parse_constant=pytest.fail)
    assert told["arms"][0]["figures"]["sum of six"] is told["official"]["base"]["mean score"] is None


def test_wise_asks_three_times_at_most_and_leaves_an_id_out(tmp_path: Path) -> None:
    def script(call: Call, number: int) -> Answer:
        if "tale 1 has" in user_text(call):
            return Answer("I cannot say")
        if "tale 2 has" in user_text(call):
            return Answer("no", status=400)
        return Answer("Score: 1")

    result, calls = judged("wise-verified", script, tmp_path)
    assert len(calls) == 3 + 3 + (N - 2)
    assert result.arms[0].figures["without a score"] == 2
    assert result.arms[0].figures["overall (needs all 1,000)"] is None
    assert mean(result) == pytest.approx(1.0)


def test_spatial_asks_for_five_valid_replies_and_gives_up_after_twenty_five(tmp_path: Path) -> None:
    def script(call: Call, number: int) -> Answer:
        return Answer("sorry" if "yard 0?" in user_text(call) else "A\nB\nC\nD\nA\nB\nC\nD\nA\nE")

    result, calls = judged("spatialgeneval", script, tmp_path)
    assert len(calls) == 25 + 5 * (N - 1)
    assert result.arms[0].figures["given up"] == 1
    assert mean(result) == pytest.approx(0.9)


def test_longtext_and_crea_and_wise_legacy_scores(tmp_path: Path) -> None:
    assert mean(judged("longtext-en", said("a door"), tmp_path / "a")[0]) == pytest.approx(0.5)
    assert mean(judged("longtext-zh", said("Open"), tmp_path / "b")[0]) == pytest.approx(0.5)
    assert mean(judged("crea", said("[1, 2, 3, 4, 5, 3]"), tmp_path / "c")[0]) == pytest.approx(18)
    three = said("Consistency: 2\nRealism: 1\nAesthetic Quality: 0")
    assert mean(judged("wise-legacy", three, tmp_path / "d")[0]) == pytest.approx(0.8)


def test_oneig_takes_parents_and_texts_and_skips_black_cells(tmp_path: Path) -> None:
    def script(call: Call, number: int) -> Answer:
        asked = user_text(call)
        if "door?" in asked:
            return Answer("No")
        return Answer("Yes" if "red?" in asked else "Open Door")

    with (DATA["oneig-en"](tmp_path / "data") / "OneIG-Bench.csv").open("a") as table:
        table.write("Knowledge_Reasoning,000,why doors open\n")  # nobody is asked about it here
    task = open_task("oneig-en")
    plan = make_plan(task, tmp_path / "data", tmp_path / "out", limit=None, pictures=2, seed=0)
    draw_by_hand(plan)
    black = plan.out / plan.records()["base"][0].image
    Image.new("RGB", (8, 8)).save(black)
    calls = judge_with(plan, script, tmp_path / "home")
    assert len(calls) == (2 * 18 + 6) - 2
    result = score_task(plan, f"openai:{MODEL}", [])
    assert not any("not judged" in caveat for caveat in result.caveats)
    figures = result.arms[0].figures
    assert figures["alignment"] == 0.0
    assert figures["text"] == 1.0


@pytest.mark.parametrize("name", ["geneval", "dpg"])
def test_another_judge_in_place_of_a_detector_is_never_comparable(name: str, tmp_path: Path) -> None:
    result, _ = judged(name, said("yes"), tmp_path)
    assert mean(result) == pytest.approx(100 if name == "dpg" else 1)
    assert "not comparable" in result.title
    assert result.caveats[0].startswith("the judge is")


def test_a_refused_call_counts_and_a_dead_judge_stops_and_goes_on(tmp_path: Path) -> None:
    plan = plan_of("crea", tmp_path, pictures=1)
    draw_by_hand(plan)

    def away(call: Call, number: int) -> Answer:
        return Answer("down", status=500) if number >= 5 else Answer("[1,1,1,1,1,1]")

    with pytest.raises(Exception, match="keeps answering 500"):
        judge_with(plan, away, tmp_path / "home")
    kept = score_task(plan, f"openai:{MODEL}", [])
    assert kept.arms[0].prompts == 5
    assert f"{N - 5} pictures are not judged" in kept.caveats
    rest = judge_with(plan, lambda call, number: Answer("flagged", status=400), tmp_path / "home")
    assert len(rest) == N - 5
    assert judge_with(plan, said("[9,9,9,9,9,9]"), tmp_path / "home") == []
    assert score_task(plan, f"openai:{MODEL}", []).arms[0].figures["dropped replies"] == N - 5


def test_the_picture_that_is_sent_says_nothing_of_how_it_was_made(tmp_path: Path) -> None:
    from PIL.PngImagePlugin import PngInfo

    plan = plan_of("crea", tmp_path, pictures=1)
    draw_by_hand(plan)
    path, told = plan.out / plan.records()["base"][0].image, PngInfo()
    told.add_itxt("gems:prompt", "a wedding")
    Image.new("RGB", (8, 8), (9, 9, 9)).save(path, pnginfo=told)
    calls = judge_with(plan, said("[1,1,1,1,1,1]"), tmp_path / "home")
    urls = [
        part["image_url"]["url"]
        for call in calls
        for part in call.body["messages"][-1]["content"]
        if part["type"] == "image_url"
    ]
    pictures = [Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) for url in urls]
    assert all(not picture.info.get("gems:prompt") for picture in pictures)
    assert (9, 9, 9) in {picture.convert("RGB").getpixel((0, 0)) for picture in pictures}
