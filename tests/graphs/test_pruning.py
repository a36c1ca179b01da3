"""Runs that go with their pictures and checkpoints, and what stays."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import settings_for
from fake_server import FakeServer
from gems import Session
from gems.app.cli import app
from gems.errors import InputError, RunError
from gems.graphs import pruning
from gems.memory.runs import RunIndex
from typer.testing import CliRunner


@pytest.fixture
def session(server: FakeServer, tmp_path: Path) -> Any:
    with Session(settings_for(server, tmp_path)) as running:
        yield running


@pytest.fixture
def long_ago(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Has nothing happened in runs for nine days."""

    def age(*threads: str) -> None:
        for thread in threads:
            moment = time.time() - 9 * 86400
            os.utime(tmp_path / "runs" / f"{thread}.json", (moment, moment))
        real = pruning.last_step

        async def last_step(saver: Any, record: Any) -> float:
            return 0.0 if record.thread_id in threads else await real(saver, record)

        monkeypatch.setattr(pruning, "last_step", last_step)

    return age


def pictures(home: Path) -> set[str]:
    return {path.stem for path in home.glob("images/??/*.png")}


def checkpoints(home: Path) -> set[str]:
    with sqlite3.connect(home / "checkpoints.sqlite") as connection:
        found = connection.execute("SELECT DISTINCT thread_id FROM checkpoints").fetchall()
    return {thread for (thread,) in found}


def test_old_runs_go_whole_and_new_ones_stay(session: Session, tmp_path: Path, long_ago: Any) -> None:
    session.generate("a cat", thread_id="old")
    mine = pictures(tmp_path)
    new = session.generate("a dog", thread_id="new")
    long_ago("old")
    small = tmp_path / "thumbnails" / f"{min(mine)}-256.webp"
    small.parent.mkdir()
    small.touch()
    looked = session.prune(7, dry_run=True)
    assert (looked.runs, looked.pictures) == (["old"], len(mine)) and mine < pictures(tmp_path)
    pruned = session.prune(7)
    assert (pruned.runs, pruned.pictures) == (["old"], len(mine))
    assert pictures(tmp_path) == {Path(item["image"]).stem for item in new["rounds"]}
    assert checkpoints(tmp_path) == {"new"} and not small.exists()
    assert [record.thread_id for record in session.index.all()] == ["new"]
    assert not list(tmp_path.glob("images/uses/*/old"))
    with pytest.raises(RunError, match="no run is called 'old'"):
        session.report("old")
    assert session.prune(7).runs == []
    # What was learned stays.
    assert list((tmp_path / "experiences").iterdir())


def test_a_run_whose_last_step_is_new_stays(session: Session, tmp_path: Path) -> None:
    session.generate("a cat", thread_id="cat")
    os.utime(tmp_path / "runs" / "cat.json", (0, 0))
    assert session.prune(7).runs == []


def test_runs_that_wait_or_are_under_way_stay_unless_asked(
    session: Session, tmp_path: Path, long_ago: Any
) -> None:
    session.generate("a cat", thread_id="waiting", review="on_failure")
    session.generate("a dog", thread_id="held")
    long_ago("waiting", "held")
    with RunIndex(tmp_path / "runs").hold("held"):
        pruned = session.prune(7)
        assert (pruned.runs, pruned.unfinished, pruned.under_way) == ([], 1, 1)
        assert session.prune(7, unfinished=True).runs == ["waiting"]
        with pytest.raises(RunError, match="under way"):
            session.delete("held")
    assert session.prune(7).runs == ["held"] and pictures(tmp_path) == set()


def test_a_picture_goes_with_the_last_run_that_uses_it(
    session: Session, tmp_path: Path, long_ago: Any
) -> None:
    first = session.generate("a cat", thread_id="first")
    fork = session.fork("first", 1, name="fork")
    shared = Path(first["rounds"][0]["image"])
    session.resume(fork)
    long_ago("first")
    went = session.prune(7).pictures
    assert shared.exists() and went == len(first["rounds"]) - 1
    assert all(Path(item["image"]).exists() for item in session.report("fork")["rounds"])
    assert session.delete("fork") > 0 and pictures(tmp_path) == set()


def test_a_picture_that_an_earlier_version_shared_stays_for_the_run_that_refers_to_it(
    session: Session, tmp_path: Path, long_ago: Any
) -> None:
    first = session.generate("a cat", thread_id="first")
    session.resume(session.fork("first", 1, name="fork"))
    for use in sorted(tmp_path.glob("images/uses/*/*")):
        use.unlink()
    long_ago("first")
    session.prune(7)
    assert Path(first["rounds"][0]["image"]).exists()
    assert len(pictures(tmp_path)) == len(session.report("fork")["rounds"])
    session.delete("fork")
    assert pictures(tmp_path) == set()


def test_what_was_cut_off_in_the_middle_goes_the_next_time(
    session: Session, tmp_path: Path, long_ago: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.generate("a cat", thread_id="cat")
    long_ago("cat")
    with monkeypatch.context() as patch:
        patch.setattr(session.index, "drop", lambda thread: (_ for _ in ()).throw(KeyError("killed")))
        with pytest.raises(KeyError):
            session.prune(7)
    assert session.index.has("cat")
    long_ago("cat")
    assert session.prune(7).runs == ["cat"] and session.index.all() == []


@pytest.mark.parametrize("days", [-1.0, float("inf"), float("nan")])
def test_what_is_no_length_of_time_is_refused(session: Session, days: float) -> None:
    with pytest.raises(InputError, match="is no number of days"):
        session.prune(days)


def test_the_command_says_what_went_and_what_stays(
    server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Session(settings_for(server, tmp_path)) as session:
        session.generate("a cat", thread_id="cat")
        session.generate("a dog", thread_id="dog", review="on_failure")
    monkeypatch.setenv("GEMS_HOME", str(tmp_path))

    def said(*options: str) -> str:
        done = CliRunner().invoke(app, ["prune", "--keep-days", "0", *options])
        assert done.exit_code == 0, done.output
        return done.stdout

    assert "cat\n1 runs and 2 pictures would go\n1 unfinished runs stay" in said("--dry-run")
    assert "1 runs and 2 pictures went" in said()
    found = json.loads(said("--json", "--unfinished"))
    assert (found["runs"], found["pictures"], found["unfinished"]) == (["dog"], 1, 0)
    assert CliRunner().invoke(app, ["prune"]).exit_code == 2


def test_a_picture_of_a_replaced_run_stays_for_a_fork_of_it(session: Session, tmp_path: Path) -> None:
    first = session.generate("a cat", thread_id="first")
    session.resume(session.fork("first", 1, name="fork"))
    thumbnails = session.deps.images.thumbnails
    kept_small, small = (thumbnails.of(Path(item["image"]), 128) for item in first["rounds"])
    again = session.generate("a dog", thread_id="first", fresh=True)
    assert kept_small.exists() and not small.exists()
    assert Path(first["rounds"][0]["image"]).exists() and not Path(first["rounds"][1]["image"]).exists()
    kept = [*again["rounds"], *session.report("fork")["rounds"]]
    assert pictures(tmp_path) == {Path(item["image"]).stem for item in kept}
