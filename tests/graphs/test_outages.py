"""Servers that go away while pictures are judged: the run stops, and goes on with what is missing."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from conftest import settings_for
from fake_server import HANG_UP, SILENCE, Answer, Call, FakeServer
from gems import RunResult, Session
from gems.app.cli import app
from gems.errors import AccessError, BackendError, UnreachableError
from gems.memory.images import ImageStore
from gems.models.fakes import FakeGenerator, FakeJudge, FakeMLLM
from gems.nodes.dependencies import Dependencies
from gems.settings import Settings
from typer.testing import CliRunner

AWAY = [
    Answer("down", status=500),
    Answer("overloaded", status=503),
    Answer("slow down", status=429),
    HANG_UP,
    SILENCE,
    Answer("bad gateway", status=502),
]


def impatient(server: FakeServer, home: Path, seconds: float = 10) -> Settings:
    return settings_for(server, home, mllm_retries=0, mllm_timeout=seconds)


def twice(calls: list[Call]) -> dict[tuple[str, str], int]:
    """The questions that were answered more than once."""
    counts = Counter((call.kind, call.key) for call in calls)
    return {key: count for key, count in counts.items() if count > 1}


@pytest.mark.parametrize("trouble", AWAY)
def test_nobody_answers_about_the_picture(server: FakeServer, tmp_path: Path, trouble: Any) -> None:
    server.script = lambda call, number: trouble if call.kind.startswith("verifier") else None
    settings = impatient(server, tmp_path, 1.5 if trouble == SILENCE else 10)
    with pytest.raises(UnreachableError) as caught:
        Session(settings).generate("a cat", thread_id="mine", seed=3)
    assert caught.value.thread_id == "mine" and "\n" not in str(caught.value)
    server.script = None
    result = Session(impatient(server, tmp_path)).resume("mine")
    assert (result["outcome"], result["warnings"]) == ("all_passed", [])
    assert not twice(server.done())


@pytest.mark.parametrize("status", [401, 403, 404, 402])
def test_a_key_that_ends_while_judging_can_be_mended(
    server: FakeServer, tmp_path: Path, status: int
) -> None:
    server.script = lambda call, number: (
        Answer("no", status=status) if call.kind.startswith("verifier") else None
    )
    with pytest.raises(AccessError):
        Session(impatient(server, tmp_path)).generate("a cat", thread_id="mine", seed=3)
    server.script = None
    assert Session(impatient(server, tmp_path)).resume("mine")["outcome"] == "all_passed"


@pytest.mark.parametrize(("candidates", "questions", "lost"), [(1, 3, 1), (3, 3, 4), (2, 12, 5)])
def test_what_was_answered_beside_an_outage_is_kept(
    tmp_path: Path, candidates: int, questions: int, lost: int
) -> None:
    with FakeServer(questions=questions, vision=0.05) as server:
        seen: list[Call] = []

        def script(call: Call, number: int) -> Answer | None:
            if call.kind != "verifier":
                return None
            seen.append(call)
            return Answer("down", status=500) if len(seen) == lost else None

        server.script = script
        settings = impatient(server, tmp_path)
        with pytest.raises(UnreachableError):
            Session(settings).generate(
                "a cat", thread_id="mine", seed=3, candidates=candidates, verify="each"
            )
        answered = len(server.done("verifier"))
        assert answered >= lost - 1
        server.script = None
        result = Session(settings).resume("mine")
    assert result["outcome"] == "all_passed"
    assert len(server.done("verifier")) == 2 * candidates * questions


def test_an_outage_in_a_later_round_keeps_the_earlier_ones(server: FakeServer, tmp_path: Path) -> None:
    def script(call: Call, number: int) -> Answer | None:
        late = len(server.done("image")) > 1
        return Answer("down", status=500) if late and call.kind.startswith("verifier") else None

    server.script = script
    with pytest.raises(UnreachableError):
        Session(impatient(server, tmp_path)).generate("a cat", thread_id="mine", seed=3)
    shown = Session(impatient(server, tmp_path)).report("mine")
    assert (shown["outcome"], shown["best_round"], shown["passed"]) == (None, 1, 2)
    server.script = None
    assert Session(impatient(server, tmp_path)).resume("mine")["best_round"] == 2
    assert not twice(server.done())


def test_an_outage_that_lasts_stops_each_resume_and_pays_nothing_twice(
    server: FakeServer, tmp_path: Path
) -> None:
    server.script = lambda call, number: HANG_UP if call.kind.startswith("verifier") else None
    session = Session(impatient(server, tmp_path))
    with pytest.raises(UnreachableError):
        session.generate("a cat", thread_id="mine", seed=3)
    for _ in range(2):
        with pytest.raises(UnreachableError):
            session.resume("mine")
    assert len(server.done("image")) == 1 and not twice(server.done())
    server.script = None
    assert session.resume("mine")["outcome"] == "all_passed"


def test_all_questions_in_one_call_wait_for_the_server_too(server: FakeServer, tmp_path: Path) -> None:
    server.script = lambda call, number: SILENCE if call.kind == "verifier_all" else None
    session = Session(impatient(server, tmp_path, 1.5))
    with pytest.raises(UnreachableError):
        session.generate("a cat", thread_id="mine", seed=3, verify="together")
    server.script = None
    assert session.resume("mine")["outcome"] == "all_passed"


def judged_by(tmp_path: Path, *judges: FakeJudge) -> Session:
    mllm = FakeMLLM(
        planner={"skill": "none"},
        decomposer={"questions": [{"question": f"Is there {thing}?"} for thing in ("a", "b")]},
    )
    deps = Dependencies(
        Settings(home=tmp_path),
        mllm=mllm,
        generator=FakeGenerator(),
        judges=judges,
        images=ImageStore(tmp_path / "images"),
    )
    return Session(deps=deps)


def generate(session: Session) -> RunResult:
    return session.generate("a and b", thread_id="mine", seed=3, memory=False)


@pytest.mark.parametrize("error", [UnreachableError("away"), AccessError("no key")])
def test_a_judge_that_leaves_it_open_does_not_stand_in_for_one_that_is_away(
    tmp_path: Path, error: BackendError
) -> None:
    away = FakeJudge({"q1": error}, name="away", at_once=1)
    unsure = FakeJudge({"q1": "not_judged", "q2": "not_judged"}, name="unsure")
    session = judged_by(tmp_path, away, unsure)
    with pytest.raises(type(error), match=str(error)):
        generate(session)
    away._verdicts.clear()
    result = session.resume("mine")
    assert result["outcome"] == "all_passed"
    assert sorted(ids for _, ids in away.history) == [["q1"], ["q1"], ["q2"]]


def test_a_judge_that_stands_in_lets_the_run_go_on(tmp_path: Path) -> None:
    away = FakeJudge({"q1": UnreachableError("away")}, name="away", at_once=1)
    result = generate(judged_by(tmp_path, away, FakeJudge(name="other")))
    assert result["outcome"] == "all_passed"
    assert result["warnings"] == ["verifier: away"]


def test_the_command_line_says_how_to_go_on(
    server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MLLM", "GENERATOR"):
        monkeypatch.setenv(f"GEMS_{name}", "openai:fake")
        monkeypatch.setenv(f"GEMS_{name}_BASE_URL", server.base_url)
        monkeypatch.setenv(f"GEMS_{name}_RETRIES", "0")
    server.script = lambda call, number: (
        Answer("down", status=500) if call.kind.startswith("verifier") else None
    )
    run = CliRunner().invoke(app, ["generate", "a cat", "--thread", "mine", "--out", str(tmp_path)])
    assert run.exit_code == 1
    assert run.stderr.startswith(f"gems: fake at {server.base_url} keeps answering 500: ")
    assert run.stderr.endswith("down | then: gems resume mine\n") and run.stderr.count("\n") == 1
    server.script = None
    resumed = CliRunner().invoke(app, ["resume", "mine", "--json"])
    assert resumed.exit_code == 0 and resumed.stderr == ""
    assert json.loads(resumed.stdout)["image"] == str(tmp_path / "mine.png")
