"""A person reviews rounds in the terminal, is asked before the first one, and forks a run."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from fake_server import FakeServer
from gems.app.briefing import read_lines
from gems.app.cli import app
from gems.app.reviewing import read_line
from graph_server import BIN, kept_environment, settings_of
from typer.testing import CliRunner


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("", {"decision": "go_on"}), (" take ", {"decision": "take"}), ("STOP", {"decision": "stop"}),
        ("q3=pass", {"verdicts": {"q3": "pass"}}), ("-q2", {"drop": ["q2"]}),
        ("q1=pass, q2 = fail", {"verdicts": {"q1": "pass", "q2": "fail"}}),
        ("+ a red collar", {"add": ["a red collar"]}), ("!no tail", {"wrong": "no tail"}),
        ("> a cat", {"prompt": "a cat"}), ("what?", None), ("+", None), ("q1=perhaps", None),
        ("q1=pass nonsense", None), ("take it", None),
    ],
)  # fmt: skip
def test_a_line_is_an_answer_or_none(line: str, answer: Any) -> None:
    assert read_line(line) == answer


def test_lines_before_the_first_picture_are_one_answer() -> None:
    typed = ["+ a red collar", "-q2", "q1: a big cat", "- q3", "in watercolour", "and soft light"]
    assert read_lines(typed) == {
        "add": ["a red collar"], "drop": ["q2", "q3"], "edit": {"q1": "a big cat"},
        "words": "in watercolour\nand soft light",
    }  # fmt: skip
    assert read_lines([]) == {}


def gems(*command: str, typed: str = "") -> Any:
    return CliRunner().invoke(app, list(command), input=typed)


def use(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "GEMS_MLLM": "openai:fake", "GEMS_MLLM_BASE_URL": server.base_url,
        "GEMS_GENERATOR": "openai:fake", "GEMS_GENERATOR_BASE_URL": server.base_url,
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)


def test_a_person_is_asked_before_it_draws(monkeypatch: pytest.MonkeyPatch, server: Any) -> None:
    use(server, monkeypatch)
    waiting = gems("generate", "a cat", "--thread", "mine", "--ask", "--rounds", "1")
    assert waiting.exit_code == 0 and "gems resume mine" in waiting.output
    assert "Which style?" in waiting.output and "Round 1" not in waiting.output
    said = gems("resume", "mine", typed="watercolour\n\n-q9\n+ a red collar\n-q2\n\n")
    assert "no requirement is called 'q9'" in said.output
    assert said.exit_code == 0 and "Round 1: a cat, watercolour, a red collar" in said.output
    shown = gems("show", "mine").output
    assert "a red collar" in shown and "drawn as: a cat, watercolour" in shown
    shown = json.loads(gems("show", "mine", "--json").stdout)
    assert shown["request"] == "a cat, watercolour, a red collar" and shown["prompt"] == "a cat"


def test_enter_draws_and_what_cannot_be_used_is_asked_again() -> None:
    command = ("generate", "two cats and a dog", "--ask", "--rounds", "1", "--seed", "3")
    drawn = gems(*command, "--thread", "first", typed="\n\n\n\n")
    assert drawn.exit_code == 0 and "Round 1" in drawn.output
    assert drawn.output.count("Run first") == drawn.output.count("requirements to check") == 1
    waits = gems(*command, "--thread", "mine", typed="xyzzy\n\n\n\n")
    assert waits.exit_code == 0 and "xyzzy" in waits.output and "gems resume mine" in waits.output
    assert "Round 1" not in waits.output
    again = gems("resume", "mine", typed="dark red\nno idea\nskip\n\nred\nno idea\nskip\n\n")
    assert again.exit_code == 0 and "Round 1" in again.output, again.output
    request = json.loads(gems("show", "mine", "--json").stdout)["request"]
    assert request == "two red cats, one dog"


def test_a_finished_run_is_followed_up(monkeypatch: pytest.MonkeyPatch, server: Any) -> None:
    use(server, monkeypatch)
    assert gems("generate", "a cat", "--thread", "mine", "--rounds", "1").exit_code == 0
    said = gems("follow-up", "mine", "now make the sky darker")
    assert said.exit_code == 0 and "Round 1: a cat, now make the sky darker" in said.output
    shown = gems("show", "mine").output
    assert "mine: a cat" in shown and "mine: now make the sky darker" in shown
    assert "drawn as: a cat, now make the sky darker" in shown
    kept = json.loads(gems("show", "mine", "--json").stdout)
    assert Path(kept["earlier"][0]["image"]).is_file()
    for wrong in (("mine", " "), ("nobody", "darker")):
        refused = gems("follow-up", *wrong)
        assert refused.exit_code and len(refused.stderr.splitlines()) == 1


def test_for_json_a_run_that_asks_is_paused(monkeypatch: pytest.MonkeyPatch, server: Any) -> None:
    use(server, monkeypatch)
    waiting = gems("generate", "a cat", "--thread", "mine", "--ask", "--json")
    result = json.loads(waiting.stdout)
    assert result["outcome"] == "paused" and result["image"] == ""
    assert result["pause"]["asks"][0]["value"][0]["questions"]


def test_a_person_steers_a_run_and_forks_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: Any
) -> None:
    use(server, monkeypatch)
    command = ("generate", "a cat", "--thread", "mine", "--review", "on_failure", "--seed", "1")
    waiting = gems(*command)
    assert waiting.exit_code == 0 and "gems resume mine" in waiting.output
    said = gems("resume", "mine", typed="hm?\n> a cat on a mat\ntake\n")
    assert said.exit_code == 0 and "Round 2: a cat on a mat" in said.output, said.output
    assert "that is none of them" in said.output and "accepted" in said.output
    forked = gems("fork", "mine", "--round", "1", "--verdict", "q3=pass", "--json")
    assert json.loads(forked.stdout)["thread_id"] == "mine-fork", forked.output
    for wrong in (
        ("--round", "9"),
        ("--round", "1", "--verdict", "q3"),
        ("--round", "1", "--prompt", " "),
    ):
        refused = gems("fork", "mine", *wrong)
        assert refused.exit_code == 2 and len(refused.stderr.splitlines()) == 1


@pytest.mark.slow
@pytest.mark.parametrize("option", [("--ask",), ("--review", "on_failure")])
def test_a_pipe_that_stays_open_and_says_nothing_is_told_what_is_waited_for(
    tmp_path: Path, server: FakeServer, option: tuple[str, ...]
) -> None:
    env = {**kept_environment(), **settings_of(server, tmp_path / "home")}
    name = str(BIN / "gems")
    command = [name, "generate", "a cat", "--thread", "mine", "--seed", "1", *option]
    pipes: Any = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE, "stdout": subprocess.DEVNULL}
    with subprocess.Popen(command, env=env, text=True, **pipes) as waiting:
        assert waiting.stderr is not None
        said = next(line for line in waiting.stderr if "waits for an answer on its standard" in line)
        assert "gems resume mine" in said
        waiting.send_signal(signal.SIGINT)
        assert waiting.wait(60) == 130 and "gems resume mine" in waiting.stderr.read()
    resumed = subprocess.run(
        [name, "resume", "mine"],
        env=env, input="\n" * 9, capture_output=True, text=True, timeout=100, check=True,
    )  # fmt: skip
    assert "all_passed" in resumed.stdout + resumed.stderr or "3 of 3" in resumed.stdout, resumed
    assert "waits for an answer" not in resumed.stderr
