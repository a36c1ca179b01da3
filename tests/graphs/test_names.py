"""Threads' names: one run each, whoever asks at the same time and whatever the database holds."""

from __future__ import annotations

import json
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fake_server import FakeServer
from gems import Session
from gems.app.cli import app
from gems.errors import InputError, RunError
from gems.memory.runs import RunIndex, RunRecord
from gems.settings import Settings
from typer.testing import CliRunner, Result


@pytest.fixture
def home(server: FakeServer, server_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with the finished run ``logo``, for the command line too."""
    for name in ("MLLM", "GENERATOR"):
        monkeypatch.setenv(f"GEMS_{name}", "openai:fake")
        monkeypatch.setenv(f"GEMS_{name}_BASE_URL", server.base_url)
    with Session(server_settings) as session:
        session.generate("a fox", thread_id="logo", seed=3)
    return server_settings.root


def gems(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


REFUSAL = (
    "gems: the thread 'logo' has checkpoints of another run, which is not in {}: "
    "choose another --thread, or delete them with --fresh\n"
)


@pytest.mark.parametrize("prompt", ["an owl", "a fox"])
@pytest.mark.parametrize("options", [[], ["--json"], ["--seed", "3"]])
def test_a_name_whose_checkpoints_are_another_runs_is_refused(
    home: Path, server: FakeServer, prompt: str, options: list[str]
) -> None:
    (home / "runs" / "logo.json").unlink()
    drawn = len(server.done("image"))
    for _ in range(2):
        result = gems("generate", prompt, "--thread", "logo", *options)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == REFUSAL.format(home / "runs")
    assert not (home / "runs" / "logo.json").exists()
    assert len(server.done("image")) == drawn


@pytest.mark.parametrize("prompt", ["an owl", "a fox"])
@pytest.mark.parametrize("entered", [True, False])
def test_fresh_begins_anew_under_a_name_that_is_taken(
    home: Path, server: FakeServer, prompt: str, entered: bool
) -> None:
    pictures = set((home / "images").rglob("*.png"))
    if not entered:
        (home / "runs" / "logo.json").unlink()
    asked = len(server.calls)
    result = json.loads(gems("generate", prompt, "--thread", "logo", "--fresh", "--json").stdout)
    assert (result["prompt"], result["outcome"]) == (prompt, "all_passed")
    assert len(result["rounds"]) == 2 and len(server.calls) - asked > 5
    assert json.loads(gems("show", "logo", "--json").stdout)["image"] == result["image"]
    left = {path.stem for path in (home / "images").rglob("*.png")}
    assert left == {Path(item["image"]).stem for item in result["rounds"]} and pictures
    again = json.loads(gems("resume", "logo", "--json").stdout)
    assert again == result


def test_fresh_does_no_harm_to_a_new_name_or_one_made_up(home: Path) -> None:
    hen = ("generate", "a hen", "--seed", "4", "--fresh", "--json")
    first, made = (json.loads(gems(*hen).stdout) for _ in range(2))
    assert first["thread_id"] == made["thread_id"] and made["outcome"] == "all_passed"
    named = json.loads(gems("generate", "a hen", "--thread", "new", "--fresh", "--json").stdout)
    assert named["thread_id"] == "new"
    threads = [record["thread_id"] for record in json.loads(gems("runs", "--json").stdout)]
    assert sorted(threads) == sorted(["logo", "new", made["thread_id"]])


@pytest.mark.parametrize("bad", [("--rounds", "0"), ("--generator", "nonsense:x"), ("--skill", "no")])
def test_fresh_destroys_nothing_for_a_run_that_cannot_begin(home: Path, bad: tuple[str, str]) -> None:
    before = (home / "runs" / "logo.json").read_bytes()
    assert gems("generate", "an owl", "--thread", "logo", "--fresh", *bad).exit_code == 2
    assert (home / "runs" / "logo.json").read_bytes() == before
    assert json.loads(gems("resume", "logo", "--json").stdout)["prompt"] == "a fox"


def test_fresh_leaves_a_run_under_way_alone(home: Path) -> None:
    before = (home / "runs" / "logo.json").read_bytes()
    with RunIndex(home / "runs").hold("logo"):
        result = gems("generate", "an owl", "--thread", "logo", "--fresh")
    assert result.exit_code == 1 and "'logo' is under way in another process" in result.stderr
    assert (home / "runs" / "logo.json").read_bytes() == before


def test_killed_right_after_its_entry_a_fresh_run_begins_when_it_is_resumed(home: Path) -> None:
    record = RunRecord(thread_id="logo", prompt="an owl", context={}, created=0.0, version="x")
    RunIndex(home / "runs").claim(record, exact=True, fresh=True)
    shown = json.loads(gems("show", "logo", "--json").stdout)
    assert (shown["prompt"], shown["outcome"], shown["image"]) == ("an owl", None, "")
    resumed = json.loads(gems("resume", "logo", "--json").stdout)
    assert (resumed["prompt"], resumed["outcome"]) == ("an owl", "all_passed")


def test_so_is_one_that_was_left_unfinished(server: FakeServer, home: Path) -> None:
    from fake_server import Answer
    from gems.errors import RefusedError

    server.script = lambda call, number: Answer("no", status=401) if call.kind == "refiner" else None
    with Session(Settings(home=home)) as session, pytest.raises(RefusedError):
        session.generate("a fox", thread_id="half", mllm="openai:fake", generator="openai:fake")
    (home / "runs" / "half.json").unlink()
    with Session(Settings(home=home)) as session, pytest.raises(InputError, match="another run"):
        session.generate("an owl", thread_id="half")


def test_a_home_that_shares_the_checkpoints_is_refused_too(
    home: Path, server_settings: Settings, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(home / "checkpoints.sqlite", other)
    session = Session(server_settings.model_copy(update={"home": other}))
    with pytest.raises(InputError, match="'logo' has checkpoints of another run"):
        session.generate("an owl", thread_id="logo")
    assert session.generate("an owl", thread_id="mine")["prompt"] == "an owl"


@pytest.mark.parametrize("command", ["resume", "show"])
def test_another_runs_picture_is_not_given_for_this_one(home: Path, command: str) -> None:
    entry = json.loads((home / "runs" / "logo.json").read_text())
    (home / "runs" / "logo.json").write_text(json.dumps({**entry, "prompt": "an owl"}))
    result = gems(command, "logo")
    assert (result.exit_code, result.stdout) == (1, "")
    assert (
        "the checkpoints of the thread 'logo' are another run's, which draws 'a fox'" in result.stderr
    )


def test_a_run_whose_entry_was_deleted_is_drawn_again(
    home: Path, server: FakeServer, server_settings: Settings
) -> None:
    session = Session(server_settings)
    first = session.generate("a hen", seed=5)
    (home / "runs" / f"{first['thread_id']}.json").unlink()
    asked = len(server.calls)
    again = session.generate("a hen", seed=5)
    assert again["thread_id"] == first["thread_id"] and len(server.calls) > asked
    assert len(again["rounds"]) == len(first["rounds"]) and again["outcome"] == "all_passed"


def test_after_a_kill_that_left_an_entry_alone_the_run_begins(home: Path) -> None:
    record = RunRecord(thread_id="new", prompt="a cow", context={"seed": 1}, created=0.0, version="x")
    RunIndex(home / "runs").write(record)
    assert json.loads(gems("resume", "new", "--json").stdout)["prompt"] == "a cow"


def claims(root: Path, exact: bool, callers: int = 10) -> list[str]:
    """The names that callers at the same time got, "refused" among them."""
    start = threading.Barrier(callers)

    def claim(number: int) -> str:
        record = RunRecord(
            thread_id="cat", prompt=f"cat {number}", context={}, created=0.0, version="x"
        )
        start.wait()
        try:
            return RunIndex(root).claim(record, exact=exact).thread_id
        except InputError:
            return "refused"

    with ThreadPoolExecutor(callers) as pool:
        return sorted(pool.map(claim, range(callers)))


@pytest.mark.parametrize("_", range(3))
def test_callers_at_once_share_no_name(tmp_path: Path, _: Any) -> None:
    assert claims(tmp_path / "a", exact=True) == ["cat", *["refused"] * 9]
    names = claims(tmp_path / "b", exact=False)
    assert len(set(names)) == 10 and "cat" in names and "cat-10" in names
    prompts = {record.prompt for record in RunIndex(tmp_path / "b").all()}
    assert prompts == {f"cat {number}" for number in range(10)}


def test_callers_at_once_share_no_name_that_a_kill_left_empty(tmp_path: Path) -> None:
    tmp_path.joinpath("cat.json").touch()
    assert claims(tmp_path, exact=True) == ["cat", *["refused"] * 9]


def test_two_runs_of_one_name_at_once_are_one_run(
    server: FakeServer, server_settings: Settings
) -> None:
    session = Session(server_settings)

    def generate(prompt: str) -> str:
        try:
            return session.generate(prompt, thread_id="mine")["prompt"]
        except (InputError, RunError) as exc:
            return type(exc).__name__

    with ThreadPoolExecutor(2) as pool:
        results = sorted(pool.map(generate, ["an owl", "an owl"]))
    assert results == ["InputError", "an owl"]
