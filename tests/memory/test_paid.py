"""Answers that are kept until their step is stored, as files and as rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from gems.errors import StorageError
from gems.memory.database import Database
from gems.memory.paid import PaidAnswers, PaidFiles, PaidRows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgres_cluster import Cluster

REAL = [pytest.mark.servers, pytest.mark.slow]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab\n\u2028"), inner),
)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with Cluster() as running:
        yield running


@pytest.fixture(params=["files", pytest.param("rows", marks=REAL)])
def answers(request: pytest.FixtureRequest, tmp_path: Path) -> PaidAnswers:
    if request.param == "files":
        return PaidFiles(tmp_path / "paid")
    running: Cluster = request.getfixturevalue("cluster")
    url = running.new_database(f"paid_{abs(hash(request.node.name)) % 10**9}")
    return PaidRows(Database(url))


def test_a_task_finds_its_own_answers_and_no_others(answers: PaidAnswers) -> None:
    assert answers.of("one", "a") == {}
    answers.keep("one", "a", "k", {"answer": 1})
    answers.keep("one", "a", "l", {"answer": "a \n b"})
    answers.keep("one", "b", "k", {"answer": 2})
    answers.keep("../one", "a", "k", {"answer": 3})
    assert answers.of("one", "a") == {"k": {"answer": 1}, "l": {"answer": "a \n b"}}
    assert answers.of("one", "b") == {"k": {"answer": 2}}
    assert answers.of("../one", "a") == {"k": {"answer": 3}}


def test_what_is_dropped_is_gone(answers: PaidAnswers) -> None:
    for task in ("a", "b"):
        answers.keep("one", task, "k", {"answer": 1})
    answers.keep("two", "a", "k", {"answer": 1})
    answers.drop_task("one", "a")
    assert answers.of("one", "a") == {} and answers.of("one", "b")
    answers.keep("one", "a", "k", {"answer": 2})
    assert answers.of("one", "a") == {"k": {"answer": 2}}
    answers.drop("one")
    answers.drop("one")
    assert answers.of("one", "a") == answers.of("one", "b") == {} and answers.of("two", "a")


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answer=st.dictionaries(st.text("ab"), JSON, max_size=3))
def test_any_answer_is_found_as_it_was_kept(tmp_path: Path, answer: dict[str, object]) -> None:
    files = PaidFiles(tmp_path)
    files.drop("one")
    files.keep("one", "task", "k", answer)
    assert files.of("one", "task") == {"k": answer}


@pytest.mark.parametrize(
    "end", ['{"task": "a", "key": "l", "ans', '{"task": "a", "key": "l"}', "[]", "\0"]
)
def test_what_a_kill_cut_off_harms_nothing_else(tmp_path: Path, end: str) -> None:
    files = PaidFiles(tmp_path)
    files.keep("one", "a", "k", {"answer": 1})
    with (tmp_path / "one.jsonl").open("a") as file:
        file.write(end)
    files.keep("one", "a", "m", {"answer": 2})
    assert files.of("one", "a") == {"k": {"answer": 1}, "m": {"answer": 2}}


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "paid").write_text("")
    with pytest.raises(StorageError, match=r"paid/one\.jsonl"):
        PaidFiles(tmp_path / "paid").keep("one", "a", "k", {})
