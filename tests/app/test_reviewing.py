"""A person reviews rounds in the terminal, and forks a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from gems.app.cli import app
from gems.app.reviewing import read_line
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


def gems(*command: str, typed: str = "") -> Any:
    return CliRunner().invoke(app, list(command), input=typed)


def test_a_person_steers_a_run_and_forks_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: Any
) -> None:
    for name, value in {
        "GEMS_MLLM": "openai:fake", "GEMS_MLLM_BASE_URL": server.base_url,
        "GEMS_GENERATOR": "openai:fake", "GEMS_GENERATOR_BASE_URL": server.base_url,
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
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
