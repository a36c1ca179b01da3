"""The index of runs: entries of other versions, broken ones, and runs that are under way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from gems.errors import InputError, RunError
from gems.memory.runs import RunIndex, RunRecord, name_thread


def entry(name: str, created: object = 1.0, **more: Any) -> dict[str, Any]:
    first = {
        "thread_id": name,
        "prompt": "a cat",
        "context": {"seed": 7},
        "created": created,
        "version": "0.0.1",
    }
    return {**first, **more}


def index(tmp_path: Path, *entries: dict[str, Any]) -> RunIndex:
    for fields in entries:
        (tmp_path / f"{fields['thread_id']}.json").write_text(json.dumps(fields))
    return RunIndex(tmp_path)


def test_an_entry_with_fields_of_another_version_is_read(tmp_path: Path) -> None:
    kept = index(tmp_path, entry("old", warnings=["something"], parent={"thread": "older"}))
    assert kept.read("old") == RunRecord(**entry("old"))
    assert [record.thread_id for record in kept.all()] == ["old"]


def test_writing_an_older_entry_keeps_what_is_known(tmp_path: Path) -> None:
    kept = index(tmp_path, entry("old", warnings=[]))
    kept.write(kept.read("old").model_copy(update={"outcome": "all_passed", "passed": 3}))
    again = kept.read("old")
    assert (again.outcome, again.passed, again.context) == ("all_passed", 3, {"seed": 7})


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"thread_id": "bad"}', json.dumps(entry("bad", created="soon"))]
)
def test_a_broken_entry_is_named_when_asked_for_and_not_listed(tmp_path: Path, text: str) -> None:
    kept = index(tmp_path, entry("first", 1.0), entry("last", 2.0))
    (tmp_path / "bad.json").write_text(text)
    assert [record.thread_id for record in kept.all()] == ["last", "first"]
    with pytest.raises(RunError, match=r"bad\.json cannot be read; start the run again"):
        kept.read("bad")


def test_an_entry_that_is_no_text_is_not_listed(tmp_path: Path) -> None:
    kept = index(tmp_path, entry("first"))
    (tmp_path / "bad.json").write_bytes(b"\xff\xfe\x00")
    assert [record.thread_id for record in kept.all()] == ["first"]


def test_a_run_that_does_not_exist_is_said_to(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no run is called 'x'"):
        RunIndex(tmp_path).read("x")


@pytest.mark.parametrize("name", ["", "../x", "a/b", "-x", "x" * 121])
def test_a_name_that_is_no_file_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot name a thread"):
        RunIndex(tmp_path).read(name)


def test_a_name_that_is_taken_gets_a_number_or_is_refused(tmp_path: Path) -> None:
    kept, record = RunIndex(tmp_path), RunRecord(**entry("cat"))
    assert kept.claim(record, exact=False).thread_id == "cat"
    assert kept.claim(record, exact=False).thread_id == "cat-2"
    with pytest.raises(InputError, match="the thread 'cat' exists"):
        kept.claim(record, exact=True)
    # What a kill left empty is no run.
    (tmp_path / "dog.json").touch()
    assert kept.claim(record.model_copy(update={"thread_id": "dog"}), exact=True).thread_id == "dog"


def test_a_run_is_one_holders_at_a_time(tmp_path: Path) -> None:
    kept = index(tmp_path, entry("cat"))
    with (
        kept.hold("cat"),
        pytest.raises(RunError, match="under way in another process"),
        RunIndex(tmp_path).hold("cat"),
    ):
        raise AssertionError("two held it")
    with kept.hold("cat"):
        pass


def test_a_threads_name_follows_from_prompt_and_knobs() -> None:
    assert name_thread("A Cat!", {"seed": 1}) == name_thread("A Cat!", {"seed": 1})
    assert name_thread("A Cat!", {"seed": 1}) != name_thread("A Cat!", {"seed": 2})
    assert name_thread("A Cat!", {}).startswith("a-cat-")
    assert name_thread("\u732b", {}).startswith("run-")
    assert name_thread("a cat", {}, unique=True) != name_thread("a cat", {}, unique=True)
