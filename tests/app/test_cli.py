"""The command line as a user sees it: what it prints, where, and how it exits."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import settings_for
from fake_server import FakeServer
from gems.app.cli import app
from gems.errors import StorageError
from gems.memory import objects as objects_module
from gems.memory.files import write_file
from gems.settings import load_settings
from PIL import Image
from typer.testing import CliRunner, Result


@pytest.fixture
def on_server(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> FakeServer:
    for name in ("MLLM", "GENERATOR"):
        monkeypatch.setenv(f"GEMS_{name}", "openai:fake")
        monkeypatch.setenv(f"GEMS_{name}_BASE_URL", server.base_url)
        monkeypatch.setenv(f"GEMS_{name}_RETRIES", "0")
    return server


def gems(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def assert_one_line(result: Result, code: int, *words: str) -> None:
    assert result.exit_code == code, (result.output, result.exception)
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("gems: "), result.stderr
    assert ".png" not in result.stdout
    for word in words:
        assert word in lines[0]


def test_the_same_request_and_seed_again_draw_what_came_right(on_server: FakeServer) -> None:
    gems("generate", "a cat", "--seed", "7", "--thread", "first")
    again = gems("generate", "a cat", "--seed", "7")
    assert again.exit_code == 0 and "drawn as it came right before" in again.stdout
    assert "came right before" not in gems("generate", "a cat", "--seed", "8").stdout


def test_json_prints_one_object_and_nothing_else(on_server: FakeServer, tmp_path: Path) -> None:
    result = gems("generate", "a cat", "--seed", "7", "--json", "--out", str(tmp_path / "out"))
    assert (result.exit_code, result.stderr) == (0, "")
    data = json.loads(result.stdout)
    assert list(data) == [
        "thread_id",
        "outcome",
        "prompt",
        "request",
        "skill",
        "image",
        "best_round",
        "passed",
        "total",
        "rounds",
        "usage",
        "warnings",
    ]
    assert set(data["usage"]) == {"mllm_calls", "images", "input_tokens", "output_tokens", "seconds"}
    assert set(data["rounds"][0]) == {"round", "prompt", "seed", "image", "verdicts", "experience"}
    assert set(data["rounds"][0]["verdicts"][0]) == {"question", "verdict"}
    assert Path(data["image"]).parent == tmp_path / "out"
    with Image.open(data["image"]) as picture:
        assert picture.text["gems:thread"] == data["thread_id"]  # type: ignore[attr-defined]


def test_the_live_view_tells_the_whole_story(on_server: FakeServer) -> None:
    result = gems("generate", "a cat", "--seed", "7")
    assert result.exit_code == 0
    for words in ("Round 1", "Round 2", "learned:", "2 of 3 pass", "all_passed", ".png"):
        assert words in result.stdout


def test_markup_in_a_prompt_is_text(on_server: FakeServer) -> None:
    assert "a [bold]cat[/bold] [/x]" in gems("generate", "a [bold]cat[/bold] [/x]").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["generate", ""], 2, "empty"),
        (["generate", "   "], 2, "empty"),
        (["generate", "x" * 100_000], 2, "100,000 characters"),
        (["generate", "a cat", "--skill", "magic"], 2, "no skill is called 'magic'"),
        (["generate", "a cat", "--rounds", "0"], 2, "rounds = 0"),
        (["generate", "a cat", "--candidates", "99"], 2, "candidates = 99"),
        (["generate", "a cat", "--verify", "sometimes"], 2, "verify = 'sometimes'"),
        (["generate", "a cat", "--mllm", "magic:1"], 2, "no MLLM is called 'magic:1'"),
        (["generate", "a cat", "--generator", "magic"], 2, "no generator is called 'magic'"),
        (["generate", "a cat", "--generator", "diffusers:/nowhere/model"], 1, "/nowhere/model"),
        (["generate", "a cat", "--out", "/proc/no/where"], 1, "--out"),
        (["generate", "a cat", "--thread", "../x"], 2, "cannot name a thread"),
        (["resume", "nothing"], 1, "no run is called 'nothing'"),
        (["show", "nothing"], 1, "gems runs"),
        (["skills", "show", "magic"], 2, "no skill is called"),
        (["skills", "validate", "/proc"], 2, "no SKILL.md"),
        (["eval", "nothing"], 2, "no suite 'nothing'"),
        (["eval", "shapes", "--arms", "nothing"], 2, "no arm 'nothing'"),
        (["eval", "shapes", "--out", "/proc/no/where"], 1, "--out"),
    ],
)
def test_bad_input_is_one_line(
    on_server: FakeServer, arguments: list[str], code: int, words: str
) -> None:
    assert_one_line(gems(*arguments), code, words)
    assert not [call for call in on_server.calls if call.kind == "image"]


def test_wrong_usage_exits_with_2() -> None:
    for arguments in (["generate"], ["nonsense"], ["generate", "a", "--rounds", "many"]):
        assert gems(*arguments).exit_code == 2


@pytest.mark.parametrize(
    "prompt", ["a dragon", "nine red circles", "a bigger red circle", "no circles"]
)
def test_what_the_embedded_world_lacks_is_said_before_anything_is_drawn(prompt: str) -> None:
    assert_one_line(gems("generate", prompt), 1, "not in the embedded world", "GEMS_MLLM")
    assert "resume" not in gems("generate", prompt).stderr
    home = Path(os.environ["GEMS_HOME"])
    assert not list((home / "images").rglob("*.png"))


def test_a_dead_server_is_one_line_with_the_thread_to_resume(
    on_server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMS_MLLM_BASE_URL", "http://127.0.0.1:9/v1")
    assert_one_line(gems("generate", "a cat"), 1, "127.0.0.1:9", "gems resume a-cat-")


def test_an_unwritable_home_is_one_line(
    on_server: FakeServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GEMS_HOME", str(tmp_path / "file"))
    assert_one_line(gems("generate", "a cat"), 1, "GEMS_HOME")


def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMS_MLLM_TIMEOUT", "soon")
    assert_one_line(gems("generate", "a cat"), 2, "GEMS_MLLM_TIMEOUT", "'soon'")


def test_a_full_disk_is_one_line_and_the_run_goes_on_later(
    on_server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = write_file

    def full(path: Path, data: bytes) -> None:
        if path.suffix == ".png":
            raise StorageError(f"cannot write {path}: No space left on device")
        real(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(objects_module, "write_file", full)
        result = gems("generate", "a cat", "--thread", "mine")
    assert_one_line(result, 1, "No space left", "gems resume mine")
    assert gems("resume", "mine").exit_code == 0


def test_runs_and_show_tell_what_was_tried(on_server: FakeServer) -> None:
    assert "gems generate" in gems("runs").stdout
    gems("generate", "a cat", "--seed", "7", "--thread", "mine")
    assert "mine" in gems("runs").stdout and "all_passed" in gems("runs").stdout
    shown = gems("show", "mine").stdout
    assert "Round 2" in shown and "learned" in shown
    assert json.loads(gems("show", "mine", "--json").stdout)["best_round"] == 2
    assert json.loads(gems("runs", "--json").stdout)[0]["thread_id"] == "mine"


def test_skills_are_listed_shown_and_validated(tmp_path: Path) -> None:
    assert "text-rendering" in gems("skills", "list").stdout
    assert "# Spatial arrangement" in gems("skills", "show", "spatial").stdout
    assert gems("skills", "validate").exit_code == 0
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "SKILL.md").write_text("nothing")
    result = gems("skills", "validate", str(tmp_path))
    assert result.exit_code == 1 and "no front matter" in result.stdout


def test_doctor_says_what_is_reachable_and_what_to_do(
    on_server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = gems("doctor")
    assert good.exit_code == 0 and "openai:fake at" in good.stdout
    monkeypatch.setenv("GEMS_MLLM_BASE_URL", "http://127.0.0.1:9/v1")
    load_settings.cache_clear()
    bad = gems("doctor")
    assert bad.exit_code == 1 and "is the server up" in bad.stdout


def test_help_is_quick_and_version_is_told() -> None:
    assert gems("--version").stdout.strip()
    code = "import gems.app.cli, sys; sys.exit('langgraph' in sys.modules or 'pydantic' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_ctrl_c_leaves_a_run_that_can_be_resumed(tmp_path: Path) -> None:
    with FakeServer(vision=5.0) as server:
        settings = settings_for(server, tmp_path / "home")
        env = {**os.environ, "GEMS_HOME": str(settings.home)}
        for name in ("MLLM", "GENERATOR"):
            env |= {f"GEMS_{name}": "openai:fake", f"GEMS_{name}_BASE_URL": server.base_url}
        command = [sys.executable, "-m", "gems.app.cli"]
        process = subprocess.Popen(
            [*command, "generate", "a cat", "--thread", "mine"],
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.time() + 60
        while not any(c.kind.startswith("verifier") for c in server.calls) and time.time() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
        assert process.returncode == 130
        assert said.strip() == "gems: stopped; go on with: gems resume mine"
        server.latency["vision"] = 0.0
        done: Any = subprocess.run(
            [*command, "resume", "mine", "--json"], env=env, capture_output=True, text=True
        )
        assert json.loads(done.stdout)["outcome"] == "all_passed"
        assert sum(call.kind == "decomposer" for call in server.calls) == 1


@pytest.mark.slow
def test_kill_and_resume_repeats_no_finished_call() -> None:
    script = Path(__file__).parents[1] / "kill_and_resume.py"
    done = subprocess.run(
        [sys.executable, str(script), "--kills", "7", "--seed", "3"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_eval_prints_figures_and_writes_a_report(tmp_path: Path) -> None:
    arguments = ["eval", "shapes", "--small", "--limit", "3", "--out", str(tmp_path / "out")]
    result = gems(*arguments, "--arms", "base,loop+memory+skills", "--json")
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    base, ours = figures["arms"]
    assert (base["arm"], base["prompts"], base["images"]["mean"]) == ("base", 3, 1.0)
    assert ours["correct"]["mean"] >= base["correct"]["mean"]
    assert Path(figures["report"]).read_text().count("<svg") == 2
    again = gems(*arguments, "--arms", "base,loop+memory+skills")
    assert again.exit_code == 0 and "loop+memory+skills over base" in again.stdout
    assert_one_line(gems(*arguments, "--seed", "1"), 2, "choose another --out")
    (tmp_path / "out" / "plan.json").write_text("{")
    assert_one_line(gems(*arguments), 2, "plan.json", "--out")
