"""A GEMS_HOME that version 0.1.0 wrote: its runs, checkpoints, experiences and pictures are read.

``fixtures/home-0.1.0.tar.xz`` holds two finished runs, one killed after the first round's experience,
and one killed while its picture was being judged, all on the embedded models. It is unpacked to another
folder than it was packed from, so these homes have been moved as well.
"""

from __future__ import annotations

import json
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gems import Session
from gems.app.cli import app
from gems.graphs import api
from gems.memory.images import read_provenance
from gems.settings import Settings
from typer.testing import CliRunner

PACKED = Path(__file__).parents[1] / "fixtures" / "home-0.1.0.tar.xz"


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packed")
    with tarfile.open(PACKED) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture
def home(unpacked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, as the home of this process."""
    home = tmp_path / "old"
    shutil.copytree(unpacked, home)
    monkeypatch.setenv("GEMS_HOME", str(home))
    return home


@pytest.fixture
def session(home: Path) -> Iterator[Session]:
    with Session(Settings(home=home)) as opened:
        yield opened


def gems(*arguments: str) -> Any:
    result = CliRunner().invoke(app, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_finished_run_is_followed_up(session: Session) -> None:
    before = session.report("finished")
    result: Any = session.follow_up("finished", "now make the sky darker")
    assert result["request"].endswith("at night") and result["earlier"][0]["image"] == before["image"]


def test_runs_lists_them(home: Path) -> None:
    outcomes = {run["thread_id"]: run["outcome"] for run in gems("runs")}
    assert outcomes == {
        "finished": "all_passed",
        "five-yellow-stars-c611d0": "all_passed",
        "interrupted": None,
        "killed-while-judging": None,
    }


def test_show_tells_what_a_finished_one_tried(session: Session) -> None:
    report = session.report("finished")
    assert (report["outcome"], report["best_round"], len(report["rounds"])) == ("all_passed", 3, 3)
    assert report["rounds"][0]["experience"]
    assert all(Path(item["image"]).is_file() for item in report["rounds"])
    values = [verdict["verdict"] for verdict in report["rounds"][0]["verdicts"]]
    assert values == ["fail", "fail", "pass"]


def test_a_finished_one_is_not_run_again(session: Session) -> None:
    result = session.resume("finished")
    assert (result["outcome"], result["usage"]["mllm_calls"]) == ("all_passed", 15)


@pytest.mark.parametrize("thread", ["interrupted", "killed-while-judging"])
def test_an_interrupted_one_goes_on_from_what_was_drawn(session: Session, thread: str) -> None:
    before = session.report(thread)
    assert before["outcome"] is None
    [first] = before["rounds"]
    judged = {verdict["verdict"] for verdict in first["verdicts"]}
    assert judged == ({"not_judged"} if thread == "killed-while-judging" else {"pass", "fail"})
    result = session.resume(thread)
    # The embedded models are others than then: what comes after the first round may differ.
    kept, whole = result["rounds"][0], session.report("finished")["rounds"][0]
    assert [kept[name] for name in ("prompt", "seed")] == [whole[name] for name in ("prompt", "seed")]
    assert kept["image"] == first["image"]
    if thread == "interrupted":
        assert kept["verdicts"] == whole["verdicts"]
    assert {verdict["verdict"] for verdict in kept["verdicts"]} <= {"pass", "fail"}
    assert result["outcome"] in {"all_passed", "failed"} and Path(result["image"]).is_file()


def test_pictures_still_say_how_they_were_made(home: Path) -> None:
    pictures = list((home / "images").rglob("*.png"))
    assert len(pictures) >= 4
    assert {read_provenance(path)["version"] for path in pictures} == {"0.1.0"}


def test_experiences_are_recalled(session: Session) -> None:
    result = session.generate("two blue squares and three red hearts", seed=7)
    assert result["warnings"] == []
    events = list(session.stream("five yellow stars", seed=1))
    recalled = [event["recalled"] for event in events if event["event"] == "planned"]
    assert recalled[0] >= 1


def test_the_command_line_reads_it(home: Path) -> None:
    api._forget_after_fork()
    assert gems("show", "finished")["best_round"] == 3
    assert gems("resume", "interrupted")["outcome"] in {"all_passed", "failed"}
