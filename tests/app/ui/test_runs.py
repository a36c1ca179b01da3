"""A run on the page: begun, watched, steered, gone on with."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

import pytest
from gems.app.run_view import view_of
from gems.errors import AnswerError, StorageError, UnreachableError
from gems.memory.fakes import FakeExperiences
from gems.models.fakes import FakeGenerator
from scripted_sessions import scripted, slow_generator

YES = {"verdict": "yes"}
NO = {"verdict": "no", "reason": "it is a dog"}
MEMORY = {"experiences": FakeExperiences()}


@pytest.mark.parametrize(
    "parts", [{"mllm": scripted(verifier=[NO, YES]), "generator": FakeGenerator(), **MEMORY}]
)
def test_a_run_arrives_round_by_round_and_stays(page: Any, parts: Any) -> None:
    thread = page.start(seed="1", rounds="3")
    told = page.get(f"/runs/{thread}/live").text
    assert told.count("event: view") > 1 and told.rstrip().endswith("event: end\ndata:")
    last = told.rpartition("event: view")[2]
    for text in ('aria-label="Round 2"', "say it first", "all passed", ">it is a dog</span>"):
        assert text in last, text
    assert re.search(r"<ins>[^<]*cat[^<]*</ins>", last)
    shown = page.get(f"/runs/{thread}").text
    picture = re.search(r'src="(/pictures/[0-9a-f]{64}\.png\?side=1024)"', shown)
    assert picture and page.get(picture[1]).headers["content-type"] == "image/webp"
    assert "data-live" not in shown and "how good is it?" in shown
    again = re.search(r'href="(/\?prompt=[^"]+)"', shown)
    assert again and ">a cat</textarea>" in page.get(again[1]).text
    assert "<h1>a cat</h1>" in page.get(f"/runs/{thread}/report.html").text


@pytest.mark.parametrize(
    ("form", "line"),
    [
        ({"prompt": " "}, "empty"), ({"rounds": "many"}, "whole number"), ({"rounds": "99"}, "rounds"),
        ({"skill": "no-such"}, "no skill is called"), ({"review": "now"}, "review"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_one_line_and_the_words_are_kept(
    page: Any, form: Any, line: str
) -> None:
    answer = page.post("/runs", **{"prompt": "a cat & a dog", **form})
    alerts = re.findall(r'role="alert">([^<]*)<', answer.text)
    assert answer.status_code == 422 and len(alerts) == 1 and line in alerts[0]
    assert form.get("prompt", "a cat &amp; a dog") in answer.text
    assert not page.session.index.all()


@pytest.mark.parametrize(
    "parts",
    [
        {
            "mllm": scripted(),
            "generator": FakeGenerator(failures=[UnreachableError("nobody is <there>")]),
        }
    ],
)
def test_an_error_on_the_way_is_a_line_and_the_run_goes_on_from_there(page: Any, parts: Any) -> None:
    thread = page.draw()
    shown = page.get(f"/runs/{thread}").text
    assert "nobody is &lt;there&gt;" in shown and "Go on with it" in shown
    assert page.post(f"/runs/{thread}/resume").status_code == 200
    page.wait(thread)
    assert page.session.report(thread)["outcome"] == "all_passed"


@pytest.mark.parametrize(
    "parts", [{"mllm": scripted(verifier=[NO] * 9), "generator": slow_generator(0.3), **MEMORY}]
)
def test_a_stopped_run_ends_with_its_best_picture(page: Any, parts: Any) -> None:
    thread = page.start(rounds="9")
    page.wait(thread, "it is a dog")
    page.post(f"/runs/{thread}/stop")
    page.wait(thread)
    report = page.session.report(thread)
    assert report["outcome"] == "cancelled" and report["image"]
    assert 'badge cancelled">cancelled' in page.get(f"/runs/{thread}").text


@pytest.mark.parametrize(
    "parts", [{"mllm": scripted(verifier=[NO] * 9), "generator": FakeGenerator(), **MEMORY}]
)
def test_a_person_reviews_rounds(page: Any, parts: Any) -> None:
    thread = page.draw(review="every_round", rounds="5")
    waiting = page.get(f"/runs/{thread}").text
    assert "what do you say?" in waiting and ">a cat, a cat</textarea>" in waiting

    page.post(f"/runs/{thread}/answer", decision="go_on", planned="a cat, a cat", prompt="a tabby")
    page.wait(thread)
    assert page.session.report(thread)["rounds"][1]["prompt"] == "a tabby"

    said = {"planned": "x", "prompt": "x", "add": "a collar\r\n\r\na bell", "wrong": "no tail"}
    page.post(f"/runs/{thread}/answer", verdict__q1="pass", **said)
    page.wait(thread)
    facts = page.session.facts(thread)
    statements = [item["statement"] for item in facts["requirements"]]
    assert statements == ["a cat", "a collar", "a bell", "without this fault: no tail"]
    assert facts["verdicts"]["2.0.q1"]["value"] == "pass" and facts["reviews"][-1]["prompt"] == ""

    page.post(f"/runs/{thread}/answer", verdict__q2="drop")
    page.wait(thread)
    assert len(page.session.facts(thread)["requirements"]) == 3
    page.post(f"/runs/{thread}/answer", verdict__q9="pass")
    page.wait(thread)
    assert "no requirement is called" in page.get(f"/runs/{thread}").text
    page.post(f"/runs/{thread}/answer", decision="take")
    page.wait(thread)
    assert page.session.report(thread)["outcome"] == "accepted"


BRIEFED: Any = {
    "clarifier": {"questions": ["Which <cat>?"]},
    "reviser": {"request": "a black cat with a collar"},
}


@pytest.mark.parametrize(
    "parts", [{"mllm": scripted(**BRIEFED), "generator": FakeGenerator(), **MEMORY}]
)
def test_a_person_is_asked_before_it_draws(page: Any, parts: Any) -> None:
    thread = page.draw(ask="1")
    waiting = page.get(f"/runs/{thread}").text
    assert "Before it is drawn" in waiting and "Which &lt;cat&gt;?" in waiting
    assert ">a cat</textarea>" in waiting and "waits for you" in waiting
    page.post(f"/runs/{thread}/answer", before="1", said__c9="x")
    assert "no question is called" in page.wait(thread, "no question")
    said = {"said__c1": "black", "said__q1": "a cat", "add": "a collar\r\n", "words": ""}
    page.post(f"/runs/{thread}/answer", before="1", **said)
    shown = page.wait(thread)
    facts = page.session.facts(thread)
    assert [item["statement"] for item in facts["requirements"]] == ["a cat", "a collar"]
    assert facts["attempts"][0]["prompt"] == "a black cat with a collar"
    assert "Drawn as: a black cat with a collar" in shown and "Which &lt;cat&gt;? black" in shown
    other = page.draw(ask="1")
    page.post(f"/runs/{other}/answer", before="1", said__q1="")
    page.wait(other)
    assert not page.session.facts(other)["requirements"]


@pytest.mark.parametrize(
    "parts",
    [
        {
            "mllm": scripted(reviser=[AnswerError("gibberish"), BRIEFED["reviser"]]),
            "generator": FakeGenerator(),
            **MEMORY,
        }
    ],
)
def test_a_finished_run_is_followed_up(page: Any, parts: Any) -> None:
    thread = page.draw()
    first = page.session.report(thread)["image"]
    assert "What shall be different?" in page.get(f"/runs/{thread}").text
    page.post(f"/runs/{thread}/follow-up", change="make it romantic")
    page.wait(thread, "gibberish")
    assert "What shall be different?" in page.wait(thread)
    page.post(f"/runs/{thread}/follow-up", change="make it <black>")
    shown = page.wait(thread)
    assert page.session.report(thread).get("request") == "a black cat with a collar"
    assert "Before: a cat" in shown and Path(first).stem in shown
    assert "make it &lt;black&gt;" in shown
    refused = page.post(f"/runs/{thread}/follow-up", change=" ")
    assert refused.status_code == 422 and "empty" in refused.text


def test_another_way_from_a_round_is_another_run(page: Any) -> None:
    thread = page.draw()
    forked = page.post(f"/runs/{thread}/fork", round="1", prompt="a tabby", verdict__q1="fail")
    other = str(forked.url).rpartition("/")[2]
    page.wait(other)
    assert other == f"{thread}-fork"
    assert [r["prompt"] for r in page.session.report(other)["rounds"]][1] == "a tabby"
    refused = page.post(f"/runs/{thread}/fork", round="9", prompt="")
    assert refused.status_code == 422 and "cannot be forked after round 9" in refused.text
    assert "after which round" in page.post(f"/runs/{thread}/fork").text


@pytest.mark.parametrize("parts", [{"mllm": scripted(), "generator": slow_generator(0.5), **MEMORY}])
def test_a_run_at_work_is_not_begun_twice(page: Any, parts: Any) -> None:
    thread = page.start()
    refused = page.post(f"/runs/{thread}/resume")
    assert refused.status_code == 422 and "this run is at work" in refused.text
    page.wait(thread)


def test_stars_stay_with_a_run_and_are_taken_back(page: Any) -> None:
    thread = page.draw()
    assert "4 of 5 stars" not in page.get("/runs").text
    page.post(f"/runs/{thread}/rate", stars="4")
    assert "4 of 5 stars" in page.get("/runs").text
    assert thread in page.get("/runs?stars=4").text and thread not in page.get("/runs?stars=5").text
    for wrong in ("9", "-1", "x"):
        assert page.post(f"/runs/{thread}/rate", stars=wrong).status_code == 422
    page.post(f"/runs/{thread}/rate", stars="")
    assert page.session.index.read(thread).rating is None


def test_a_run_that_is_nowhere_or_cannot_be_read_is_watched_without_a_traceback(
    page: Any, parts: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert page.get("/runs/nobody/live").status_code == 404
    thread = page.draw()
    troubles = [StorageError("the <disk> is gone")]

    def view(*parts: Any) -> Any:
        if troubles:
            raise troubles.pop()
        return view_of(*parts)

    monkeypatch.setattr("gems.app.ui.runs.GLANCE", 0.01)
    monkeypatch.setattr("gems.app.ui.runs.view_of", view)
    told = page.get(f"/runs/{thread}/live").text
    assert "the &lt;disk&gt; is gone" in told and told.rstrip().endswith("event: end\ndata:")
    assert "all passed" in told


def test_a_run_that_another_process_works_at_is_seen_to_go_on(
    page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gems.app.ui.runs.GLANCE", 0.05)
    page.session.generate("a cat", thread_id="mine", review="on_failure")
    assert 'data-live="/runs/mine/live"' in page.get("/runs/mine").text
    later = threading.Timer(0.3, lambda: page.session.resume("mine", answer={"decision": "take"}))
    later.start()
    told = page.get("/runs/mine/live").text
    later.join()
    assert "what do you say?" in told and "accepted" in told.rpartition("event: view")[2]


def test_a_deleted_run_goes_with_its_pictures(page: Any) -> None:
    gone, stays = page.draw("a cat"), page.draw("a dog")
    shown = page.get(f"/runs/{gone}").text
    assert "Delete it for good" in shown
    answer = page.post(f"/runs/{gone}/delete")
    assert str(answer.url).endswith("/runs") and gone not in answer.text and stays in answer.text
    assert page.get(f"/runs/{gone}").status_code == 404
    assert page.post(f"/runs/{gone}/delete").status_code == 404
    left = {Path(item["image"]).stem for item in page.session.report(stays)["rounds"]}
    assert {path.stem for path in page.home.glob("images/??/*.png")} == left


@pytest.mark.parametrize(
    "parts", [{"mllm": scripted(verifier=[NO] * 9), "generator": slow_generator(0.3), **MEMORY}]
)
def test_a_run_at_work_is_not_deleted(page: Any, parts: Any) -> None:
    thread = page.start(rounds="9")
    page.wait(thread, "it is a dog")
    assert "Delete it for good" not in page.get(f"/runs/{thread}").text
    answer = page.post(f"/runs/{thread}/delete")
    assert answer.status_code == 422 and "is at work" in answer.text
    page.post(f"/runs/{thread}/stop")
    page.wait(thread)
    assert page.session.report(thread)["image"]
