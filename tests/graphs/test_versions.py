"""What other versions of GEMS leave behind: records and checkpoints with keys too many or too few."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import settings_for
from fake_server import Answer, FakeServer
from gems import Session
from gems.app.cli import app
from gems.errors import AccessError, StorageError
from gems.evals.plan import differ
from gems.memory.checkpoints import storage_advice
from gems.memory.files import write_file
from gems.settings import Settings
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from typer.testing import CliRunner, Result

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def home(server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with ``half``, stopped before its second round, and ``whole``, finished."""
    for name in ("MLLM", "GENERATOR"):
        monkeypatch.setenv(f"GEMS_{name}", "openai:fake")
        monkeypatch.setenv(f"GEMS_{name}_BASE_URL", server.base_url)
    settings = settings_for(server, tmp_path / "home")
    with Session(settings) as session:
        session.generate("a fox", thread_id="whole", seed=3)
        server.script = lambda call, number: Answer("", status=401) if call.kind == "refiner" else None
        with pytest.raises(AccessError):
            session.generate("a cat", thread_id="half", seed=3)
    server.script = None
    return settings.root


def gems(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def change_state(home: Path, thread: str, change: Change) -> None:
    """Has ``change`` at the facts of a thread's last checkpoint."""
    serde = JsonPlusSerializer()
    with sqlite3.connect(home / "checkpoints.sqlite") as database:
        key, kind, blob = database.execute(
            "SELECT checkpoint_id, type, checkpoint FROM checkpoints WHERE thread_id = ? "
            "ORDER BY checkpoint_id DESC LIMIT 1",
            (thread,),
        ).fetchone()
        checkpoint = serde.loads_typed((kind, blob))
        change(checkpoint["channel_values"])
        kind, blob = serde.dumps_typed(checkpoint)
        database.execute(
            "UPDATE checkpoints SET type = ?, checkpoint = ? WHERE checkpoint_id = ? AND thread_id = ?",
            (kind, blob, key, thread),
        )


def without(*names: str) -> Change:
    return lambda values: [values.pop(name, None) for name in names]


CHANGES: dict[str, Change] = {
    "an unknown key": lambda values: values.update(novelty={"a": 1}),
    "no experiences": without("experiences"),
    "nothing spent": without("spent", "busy"),
    "less spent": lambda values: values["spent"].pop("output_tokens"),
    "no warnings, nothing recalled": without("warnings", "recalled", "track_record"),
    "no drafts' reasons": lambda values: [
        item.pop("reasoning") for item in [values["draft"], *values["drafts"]]
    ],
    "attempts without seeds": lambda values: [item.pop("seed") for item in values["attempts"]],
    "requirements without kinds": lambda values: [
        (item.pop("kind"), item.pop("parent"), item.update(weight=2)) for item in values["requirements"]
    ],
    "verdicts without reasons": lambda values: [
        (item.pop("reason"), item.update(score=0.5)) for item in values["verdicts"].values()
    ],
    "no skill": without("skill"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_stopped_run_of_another_version_goes_on(home: Path, what: str) -> None:
    change_state(home, "half", CHANGES[what])
    shown = gems("show", "half")
    assert shown.exit_code == 0 and "unfinished" in shown.stdout
    resumed = gems("resume", "half", "--json")
    assert resumed.exit_code == 0, resumed.stderr
    assert json.loads(resumed.stdout)["outcome"] == "all_passed"


@pytest.mark.parametrize("what", CHANGES)
def test_a_finished_run_of_another_version_is_shown(home: Path, what: str) -> None:
    change_state(home, "whole", CHANGES[what])
    for command in ("show", "resume"):
        result = gems(command, "whole", "--json")
        assert result.exit_code == 0 and json.loads(result.stdout)["passed"] == 3


@pytest.mark.parametrize("key", ["usage", "rounds", "best_round", "total", "warnings", "image"])
def test_a_result_that_lacks_a_key_is_made_up_for(home: Path, key: str) -> None:
    whole = json.loads(gems("show", "whole", "--json").stdout)
    change_state(home, "whole", without(key))
    shown = json.loads(gems("show", "whole", "--json").stdout)
    assert shown.keys() == whole.keys()
    if key != "usage":
        assert shown[key] == whole[key]


def test_a_step_that_this_version_lacks_is_named(home: Path, server: FakeServer) -> None:
    change_state(home, "half", lambda values: values.pop("branch:to:refiner"))
    asked = len(server.calls)
    result = gems("resume", "half")
    assert (result.exit_code, result.stdout, len(server.calls)) == (1, "", asked)
    assert "waits at a step that this version of GEMS does not have" in result.stderr
    assert gems("show", "half").exit_code == 0


RECORDS: dict[str, Change] = {
    "unknown keys": lambda record: record.update(parent={"a": 1}, tags=[]),
    "no version": without("version"),
    "no time": without("created"),
    "no options": without("context"),
    "only a prompt": without("version", "created", "context", "out", "outcome", "thread_id"),
    "an unknown option": lambda record: record["context"].update(fancy=3),
}


@pytest.mark.parametrize("what", RECORDS)
def test_a_record_of_another_version_is_read(home: Path, what: str) -> None:
    path = home / "runs" / "half.json"
    record = json.loads(path.read_text())
    RECORDS[what](record)
    path.write_text(json.dumps(record))
    listed = gems("runs")
    assert (listed.exit_code, listed.stderr) == (0, "") and "half" in listed.stdout
    resumed = gems("resume", "half", "--json")
    assert resumed.exit_code == 0, resumed.stderr
    result = json.loads(resumed.stdout)
    assert result["outcome"] == "all_passed"
    assert any("the option 'fancy'" in line for line in result["warnings"]) == ("unknown opt" in what)


@pytest.mark.parametrize("text", ["{", "[]", '"a"', "[" * 100_000, '{"prompt": 3}', "\xff"])
def test_an_entry_that_is_none_is_told_and_left_out(home: Path, text: str) -> None:
    (home / "runs" / "odd.json").write_bytes(text.encode("latin-1"))
    result = gems("runs", "--json")
    assert result.exit_code == 0 and len(json.loads(result.stdout)) == 2
    assert result.stderr == (
        f"gems: the entry {home / 'runs' / 'odd.json'} cannot be read; it is left out\n"
    )
    shown = gems("show", "odd")
    assert shown.exit_code == 1 and shown.stderr.count("\n") == 1


PLAN = {"suite": "shapes", "seed": 0, "models": {"mllm": "embedded"}}


@pytest.mark.parametrize(
    ("held", "same"),
    [
        (PLAN, True),
        ({**PLAN, "language": "en"}, True),
        ({**PLAN, "models": {"mllm": "embedded", "eye": "2"}}, True),
        ({**PLAN, "models": {}}, True),
        ({**PLAN, "seed": 1}, False),
        ({**PLAN, "models": {"mllm": "openai:x"}}, False),
        ({**PLAN, "models": None}, False),
    ],
)
def test_plans_of_other_versions_are_compared_by_what_both_name(
    held: dict[str, Any], same: bool
) -> None:
    assert differ(held, PLAN) is not same


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (sqlite3.OperationalError("database or disk is full"), "make room"),
        (OSError(28, "No space left on device"), "make room"),
        (sqlite3.OperationalError("database is locked"), "wait until it has ended"),
        (sqlite3.DatabaseError("database disk image is malformed"), "move the file away"),
        (sqlite3.OperationalError("attempt to write a readonly database"), "who may write there"),
        (sqlite3.OperationalError("unable to open database file"), "put it back"),
        (sqlite3.OperationalError("no such table: checkpoints"), "put it back"),
        (ConnectionResetError("server closed the connection"), "look at the files"),
        (RuntimeError("server closed the connection"), "is the database of GEMS_DATABASE_URL up"),
    ],
)
def test_each_trouble_of_a_database_has_its_advice(error: Exception, advice: str) -> None:
    said = storage_advice(error)
    assert advice in said and str(error) in said
    assert ("make room" in said) == (advice == "make room")


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "make room"),
        (errno.EDQUOT, "make room"),
        (errno.EACCES, "check who may write there"),
        (errno.EROFS, "check who may write there"),
        (errno.ENOTDIR, "look at what is there"),
        (errno.EIO, "look at what is there"),
    ],
)
def test_each_trouble_of_a_file_has_its_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, advice: str
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(StorageError, match=f"{os.strerror(number)}; {advice} or choose another folder"):
        write_file(tmp_path / "picture.png", b"")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
def test_a_clock_that_is_set_touches_no_budget(
    server: FakeServer, server_settings: Settings, monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    import time

    real, started = time.time, time.monotonic()

    def moved() -> float:
        """The machine's clock, put right three times while the run is under way."""
        return real() + jump * int((time.monotonic() - started) / 0.2)

    monkeypatch.setattr(time, "time", moved)
    server.latency["text"] = 0.2
    result = Session(server_settings).generate("a cat", seed=3, max_seconds=600)
    assert result["outcome"] == "all_passed"
    assert 0.2 < result["usage"]["seconds"] < 60
