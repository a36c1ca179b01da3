"""A stop takes effect at once, whatever the run waits for, and reaches the run that it is meant for."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from conftest import settings_for
from fake_server import SILENCE, Answer, Call, FakeServer
from gems import Session
from gems.errors import CancelledRunError, RunError
from gems.events import Event
from gems.memory.state import RunResult

BUSY = Answer("slow down", status=429, headers={"retry-after": "100"})
FIRST = ("planner", "decomposer", "image")
LATER = ("verifier_all", "compressor", "refiner")
LIMIT = 60.0
"""Seconds within which a stop has to end a run that would wait longer."""


def trouble_with(role: str, said: Any, asked: threading.Event, round_two: bool = False) -> Any:
    """A script that says ``said`` to one role, of pictures only the second where asked for."""
    seen = 0

    def script(call: Call, number: int) -> Any:
        nonlocal seen
        if call.kind != role:
            return None
        seen += 1
        if round_two and seen == 1:
            return None
        asked.set()
        return said

    return script


def stopped(session: Session, server: FakeServer, script: Any, asked: threading.Event) -> RunResult:
    """A run that is cancelled once the server was asked what it has no answer to."""
    server.script = server.image_script = script
    ended: list[Any] = []

    def run() -> None:
        try:
            ended.append(session.generate("a cat", seed=3, thread_id="mine", memory=False))
        except RunError as exc:
            ended.append(exc)

    running = threading.Thread(target=run, daemon=True)
    running.start()
    assert asked.wait(LIMIT)
    session.cancel("mine")
    running.join(LIMIT)
    assert ended, "the run waits for the server all the same"
    if isinstance(ended[0], RunError):
        raise ended[0]
    result: RunResult = ended[0]
    return result


@pytest.mark.parametrize("said", [BUSY, SILENCE], ids=["busy", "silent"])
@pytest.mark.parametrize("role", LATER)
def test_a_stop_ends_a_run_that_has_a_picture(
    server: FakeServer, tmp_path: Path, role: str, said: Any
) -> None:
    asked = threading.Event()
    session = Session(settings_for(server, tmp_path, mllm_timeout=300, mllm_retries=9))
    result = stopped(session, server, trouble_with(role, said, asked), asked)
    assert result["outcome"] == "cancelled" and Path(result["image"]).is_file()
    assert session.resume("mine") == result


@pytest.mark.parametrize("said", [BUSY, SILENCE], ids=["busy", "silent"])
def test_so_while_the_second_picture_is_drawn(server: FakeServer, tmp_path: Path, said: Any) -> None:
    asked = threading.Event()
    session = Session(settings_for(server, tmp_path, generator_timeout=300))
    result = stopped(session, server, trouble_with("image", said, asked, round_two=True), asked)
    assert (result["outcome"], result["best_round"], result["passed"]) == ("cancelled", 1, 2)


@pytest.mark.parametrize("said", [BUSY, SILENCE], ids=["busy", "silent"])
@pytest.mark.parametrize("role", FIRST)
def test_before_the_first_picture_it_leaves_a_run_to_be_resumed(
    server: FakeServer, tmp_path: Path, role: str, said: Any
) -> None:
    asked = threading.Event()
    waits = {"mllm_timeout": 300, "generator_timeout": 300}
    session = Session(settings_for(server, tmp_path, **waits))
    with pytest.raises(CancelledRunError, match="stopped before the first picture: gems resume mine"):
        stopped(session, server, trouble_with(role, said, asked), asked)
    server.script = server.image_script = None
    assert session.resume("mine")["outcome"] == "all_passed"


def test_closing_the_session_does_not_wait_for_a_busy_server(
    server: FakeServer, tmp_path: Path
) -> None:
    asked = threading.Event()
    server.script = trouble_with("decomposer", BUSY, asked)
    session = Session(settings_for(server, tmp_path))
    events = session.stream("a cat", thread_id="mine")
    assert asked.wait(LIMIT)
    closing = threading.Thread(target=session.close, daemon=True)
    closing.start()
    closing.join(LIMIT)
    assert not closing.is_alive()
    with pytest.raises(CancelledRunError, match="gems resume mine"):
        list(events)


def test_nor_does_a_cancelled_task(server: FakeServer, tmp_path: Path) -> None:
    asked = threading.Event()
    server.script = trouble_with("refiner", BUSY, asked)
    session = Session(settings_for(server, tmp_path))

    async def scenario() -> None:
        running = asyncio.create_task(session.agenerate("a cat", thread_id="mine", memory=False))
        await asyncio.to_thread(asked.wait, LIMIT)
        running.cancel()
        await asyncio.wait_for(asyncio.wait({running}), LIMIT)
        assert running.cancelled()

    asyncio.run(scenario())
    server.script = None
    assert session.resume("mine")["outcome"] == "all_passed"


def test_a_second_resume_is_refused_and_leaves_a_stop_to_the_first(
    server: FakeServer, tmp_path: Path
) -> None:
    session = Session(settings_for(server, tmp_path))

    def on_event(event: Event) -> None:
        if event["event"] == "judged":
            session.cancel("mine")
            with pytest.raises(RunError, match="under way"):
                session.resume("mine")
            told.set()

    told = threading.Event()
    server.latency["text"] = 0.2
    result = session.generate("a cat", thread_id="mine", memory=False, on_event=on_event)
    assert told.wait(LIMIT)
    assert (result["outcome"], result["best_round"]) == ("cancelled", 1)


def test_nor_does_it_take_a_pause(server: FakeServer, tmp_path: Path) -> None:
    session = Session(settings_for(server, tmp_path))
    held = server.script = lambda call, number: None

    def pause_and_resume(call: Call, number: int) -> None:
        if call.kind == "verifier_all":
            session.pause("mine", message="look")
            with pytest.raises(RunError, match="under way"):
                session.resume("mine")

    server.script = pause_and_resume
    result = session.generate("a cat", thread_id="mine", memory=False)
    assert result["outcome"] == "paused" and result.get("pause", {}).get("message") == "look"
    server.script = held
    assert session.resume("mine")["outcome"] == "all_passed"


def test_what_was_asked_of_a_run_that_ended_is_not_meant_for_the_next(
    server: FakeServer, tmp_path: Path
) -> None:
    session = Session(settings_for(server, tmp_path))
    session.cancel("mine")
    assert session.generate("a cat", thread_id="mine")["outcome"] == "all_passed"
    session.cancel("mine")
    fresh = session.generate("a dog", thread_id="mine", fresh=True)
    assert fresh["outcome"] == "all_passed"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("role", "number"),
    [
        ("decomposer", signal.SIGINT),
        ("image", signal.SIGINT),
        ("verifier_all", signal.SIGINT),
        ("refiner", signal.SIGTERM),
    ],
)
def test_ctrl_c_does_not_wait_for_a_busy_server(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch, role: str, number: signal.Signals
) -> None:
    for name in ("MLLM", "GENERATOR"):
        monkeypatch.setenv(f"GEMS_{name}", "openai:fake")
        monkeypatch.setenv(f"GEMS_{name}_BASE_URL", server.base_url)
    asked = threading.Event()
    server.script = server.image_script = trouble_with(role, BUSY, asked)
    command = [sys.executable, "-m", "gems.app.cli", "generate", "a cat", "--thread", "mine"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert asked.wait(LIMIT)
    running.send_signal(number)
    _, said = running.communicate(timeout=LIMIT)
    if number == signal.SIGINT:
        assert (running.returncode, said) == (130, "gems: stopped; go on with: gems resume mine\n")
    server.script = server.image_script = None
    resumed = subprocess.run([*command[:3], "resume", "mine"], capture_output=True, text=True)
    assert resumed.returncode == 0 and "all_passed" in resumed.stdout
