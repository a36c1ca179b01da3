"""Whole runs through the library: against servers that misbehave, resumed, repeated."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from conftest import settings_for
from fake_conversation import section
from fake_server import HANG_UP, SILENCE, Answer, Call, FakeServer
from gems import Session
from gems.errors import GemsError, InputError, RunError, StorageError, UnreachableError
from gems.events import Event
from gems.memory.images import read_provenance
from gems.settings import Settings


def test_a_run_ends_with_a_verified_picture(server: FakeServer, server_settings: Settings) -> None:
    events: list[Event] = []
    work = Session(server_settings)
    result = work.generate("a cat", seed=3, on_event=events.append)
    assert (result["outcome"], result["best_round"], result["passed"]) == ("all_passed", 2, 3)
    # One question failed, and passes next: both are looked at again.
    assert result["usage"]["mllm_calls"] == len(server.calls) - 2 == 8
    found = read_provenance(Path(result["image"]))
    assert (found["thread"], found["round"]) == (result["thread_id"], "2")
    assert events[0]["event"] == "started" and events[-1]["event"] == "finished"
    json.dumps(result)


def test_without_second_looks_every_verdict_counts_as_it_was_given(
    server: FakeServer, server_settings: Settings
) -> None:
    result = Session(server_settings).generate("a cat", seed=3, second_looks=False)
    assert (result["outcome"], result["usage"]["mllm_calls"]) == ("all_passed", 6)


THINK = '<think>let me see {"skill": 1}</think>'


@pytest.mark.parametrize("wrap", [THINK + "{}", "```json\n{}\n```", "I think {} is right."])
def test_wrapped_answers_end_with_a_picture(
    server: FakeServer, server_settings: Settings, wrap: str
) -> None:
    from fake_conversation import read_request

    def script(call: Call, number: int) -> str:
        answer = json.dumps(server.conversation.answer(*read_request(call.body)))
        return wrap.replace("{}", answer)

    server.script = script
    result = Session(server_settings).generate("a cat", seed=3)
    assert result["outcome"] == "all_passed"


@pytest.mark.parametrize("every", [2, 3])
@pytest.mark.parametrize(
    "trouble",
    [Answer("busy", status=429, headers={"retry-after": "0"}), Answer("", status=500), HANG_UP],
)
def test_troubles_now_and_then_do_not_show(
    server: FakeServer, server_settings: Settings, trouble: Any, every: int
) -> None:
    server.script = lambda call, number: trouble if number % every == 1 else None
    settings = server_settings.model_copy(update={"mllm_retries": 6})
    result = Session(settings).generate("a cat", seed=3)
    assert result["outcome"] == "all_passed"
    assert result["usage"]["mllm_calls"] == len([c for c in server.calls if c.kind != "image"])


@pytest.mark.parametrize(
    "trouble", ["nothing but prose", '{"verdict": ', Answer("flagged by moderation", status=400)]
)
def test_a_verifier_that_fails_is_never_a_failed_picture(
    server: FakeServer, tmp_path: Path, trouble: Any
) -> None:
    server.script = lambda call, number: trouble if call.kind.startswith("verifier") else None
    settings = settings_for(server, tmp_path, mllm_retries=0)
    result = Session(settings).generate("a cat", seed=3)
    assert result["outcome"] == "unverified"
    assert {v["verdict"] for v in result["rounds"][0]["verdicts"]} == {"not_judged"}
    assert result["warnings"] and Path(result["image"]).is_file()


@pytest.mark.parametrize("role", ["planner", "decomposer", "compressor", "refiner"])
@pytest.mark.parametrize("trouble", [SILENCE, "prose", Answer("no", status=401)])
def test_any_role_that_fails_ends_in_a_picture_or_one_line_to_resume_from(
    server: FakeServer, tmp_path: Path, role: str, trouble: Any
) -> None:
    server.script = lambda call, number: trouble if call.kind == role else None
    timeout = 0.5 if trouble == SILENCE else 30
    settings = settings_for(server, tmp_path, mllm_timeout=timeout, mllm_retries=0)
    work = Session(settings)
    try:
        result = work.generate("a cat", seed=3)
        assert Path(result["image"]).is_file()
    except GemsError as exc:
        assert (trouble != "prose" or role == "decomposer") and "\n" not in str(exc)
        server.script = None
        patient = Session(settings_for(server, tmp_path))
        result = patient.resume(exc.thread_id or "")
        assert result["outcome"] == "all_passed"


def test_resume_pays_for_no_finished_call_again(server: FakeServer, tmp_path: Path) -> None:
    server.script = lambda call, number: Answer("x", status=401) if call.kind == "refiner" else None
    settings = settings_for(server, tmp_path)
    with pytest.raises(GemsError) as caught:
        (Session(settings).generate("a cat", seed=3))
    server.script = None
    result = Session(settings).resume(caught.value.thread_id or "")
    assert result["outcome"] == "all_passed"
    assert max(Counter((c.kind, c.key) for c in server.done()).values()) == 1


def test_a_finished_run_is_not_run_again(server: FakeServer, server_settings: Settings) -> None:
    work = Session(server_settings)
    first = work.generate("a cat", seed=3)
    calls = len(server.calls)
    assert (Session(server_settings).resume(first["thread_id"] or "")) == first
    assert len(server.calls) == calls


def test_two_fresh_homes_give_the_same_run(server: FakeServer, tmp_path: Path) -> None:
    results = [
        (Session(settings_for(server, tmp_path / name)).generate("a cat", seed=3)) for name in "ab"
    ]
    one, two = (Path(result["image"]).read_bytes() for result in results)
    assert one == two
    assert results[0]["thread_id"] == results[1]["thread_id"]


def test_the_same_command_twice_makes_two_threads(
    server: FakeServer, server_settings: Settings
) -> None:
    work = Session(server_settings)
    one, two = ((work.generate("a cat", seed=3, memory=False)) for _ in range(2))
    assert two["thread_id"] == f"{one['thread_id']}-2"


def test_a_named_thread_exists_once(server: FakeServer, server_settings: Settings) -> None:
    work = Session(server_settings)
    (work.generate("a cat", thread_id="mine"))
    with pytest.raises(InputError, match="gems resume mine"):
        (work.generate("a dog", thread_id="mine"))
    with pytest.raises(InputError, match="cannot name a thread"):
        (work.generate("a dog", thread_id="../../etc"))


def test_experiences_reach_the_next_run(server: FakeServer, server_settings: Settings) -> None:
    work = Session(server_settings)
    (work.generate("a cat on a mat", seed=3))
    before = len(server.calls)
    (work.generate("a cat on the mat", seed=4))
    planner = next(c for c in server.calls[before:] if c.kind == "planner")
    text = planner.body["messages"][1]["content"][-1]["text"]
    [use] = json.loads(section(text, "experiences"))
    assert use["request"] == "a cat on a mat" and use["outcome"].startswith("round 1 failed: thing")
    writer = next(c for c in server.calls[before:] if c.kind == "skill_writer")
    text_of_writer = writer.body["messages"][1]["content"][-1]["text"]
    [lesson] = json.loads(section(text_of_writer, "recalled"))
    assert lesson["gained"] == 1 and lesson["then_passed_everything"]
    assert lesson["next_prompt"].startswith("a cat on a mat: thing 1")
    skill = {"skill": "none", "right": 0, "tried": 1}
    assert skill in json.loads(section(text, "track_record"))
    refiner = next(c for c in server.calls[before:] if c.kind == "refiner")
    told = section(refiner.body["messages"][1]["content"][-1]["text"], "track_record")
    row = {"failed": "object", "strategy": "spell out", "fixed": 1, "tried": 1, "broke": 0}
    assert row in json.loads(told)
    (work.generate("three green dogs", seed=6, rounds=1))
    (work.generate("three green dogs", seed=8, rounds=1))
    planner = [c for c in server.calls if c.kind == "planner"][-1]
    text = planner.body["messages"][1]["content"][-1]["text"]
    assert "ended with failures in round 1" in [
        row["outcome"] for row in json.loads(section(text, "experiences"))
    ]
    assert {**skill, "tried": 3} in json.loads(section(text, "track_record"))
    (work.generate("a cat on my mat", seed=5, memory=False))
    last = [c for c in server.calls if c.kind == "planner"][-1]
    text = last.body["messages"][1]["content"][-1]["text"]
    assert section(text, "experiences") == section(text, "track_record") == ""


def test_cancel_ends_with_the_best_picture(tmp_path: Path) -> None:
    with FakeServer(succeed_in=99, text=0.05) as server:
        work = Session(settings_for(server, tmp_path))

        def on_event(event: Event) -> None:
            if event["event"] == "experience":
                work.cancel("mine")

        result = work.generate("a cat", thread_id="mine", on_event=on_event)
    assert result["outcome"] == "cancelled" and Path(result["image"]).is_file()


def test_many_runs_at_once_share_a_workshop(server: FakeServer, server_settings: Settings) -> None:
    work = Session(server_settings)

    async def many() -> list[Any]:
        found: list[Any] = await asyncio.gather(*(work.agenerate(f"cat {n}", seed=n) for n in range(8)))
        return found

    results = asyncio.run(many())
    assert {r["outcome"] for r in results} == {"all_passed"}
    assert len({r["thread_id"] for r in results}) == 8


def test_an_unwritable_out_folder_is_found_before_anything_is_drawn(
    server: FakeServer, server_settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="--out"):
        (Session(server_settings).generate("a cat", out=tmp_path / "file" / "x"))
    assert not server.calls


def test_a_full_disk_while_checkpointing_is_one_line(
    server: FakeServer, server_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    async def full(*_: Any, **__: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    work = Session(server_settings)
    with monkeypatch.context() as patch:
        patch.setattr(AsyncSqliteSaver, "aput", full)
        with pytest.raises(StorageError, match="disk is full.*make room") as caught:
            (work.generate("a cat", seed=3))
    result = work.resume(caught.value.thread_id or "")
    assert result["outcome"] == "all_passed"


def test_a_run_under_way_elsewhere_is_left_alone(server: FakeServer, server_settings: Settings) -> None:
    work = Session(server_settings)
    (work.generate("a cat", thread_id="mine"))
    with work.index.hold("mine"), pytest.raises(RunError, match="under way in another process"):
        (Session(server_settings).resume("mine"))


def test_five_rounds_of_large_pictures_keep_the_checkpoints_small(tmp_path: Path) -> None:
    with FakeServer(succeed_in=99, questions=7, size=1024) as server:
        settings = settings_for(server, tmp_path)
        result = Session(settings).generate("a cat " * 40, seed=3)
    assert len(result["rounds"]) == 5
    size = sum(p.stat().st_size for p in settings.root.glob("checkpoints.sqlite*"))
    assert size < 1_000_000


def test_a_dead_server_is_one_line_with_the_thread(server: FakeServer, tmp_path: Path) -> None:
    settings = settings_for(server, tmp_path, mllm_retries=0)
    dead = settings.model_copy(update={"mllm_base_url": "http://127.0.0.1:9/v1"})
    with pytest.raises(UnreachableError) as caught:
        (Session(dead).generate("a cat"))
    assert caught.value.thread_id
