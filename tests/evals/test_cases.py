"""Suites: small files, frozen by a digest, with metadata where there is more to say."""

from __future__ import annotations

from pathlib import Path

import pytest
from gems.errors import InputError
from gems.evals.cases import Case, Suite, load_suite

DIGESTS = {"shapes": "6f88766b6f770271", "shapes-small": "1e5f1dc75a3823ef"}


def test_a_suite_is_a_small_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text('{"id": "a", "prompt": "two cats"}\n\n{"id": "b", "prompt": "a dog", "level": 2}\n')
    suite = load_suite(str(file))
    assert (suite.name, [case.prompt for case in suite.cases]) == ("mine", ["two cats", "a dog"])
    assert [case.metadata for case in suite.cases] == [{}, {}]
    assert len(load_suite(str(file), limit=1).cases) == 1


@pytest.mark.parametrize("name", DIGESTS)
def test_folders_of_the_version_before_know_the_packaged_suites(name: str) -> None:
    assert load_suite(name).digest() == DIGESTS[name]


def test_the_held_out_suite_states_requirements_for_a_hundred_prompts_of_eight_kinds() -> None:
    suite = load_suite("held-out")
    assert len(suite.cases) == len({case.prompt for case in suite.cases}) == 100
    assert len({case.kind for case in suite.cases}) == 8
    assert all(len(case.stated) == case.level >= 2 for case in suite.cases if case.kind != "texts")
    assert all(case.stated for case in suite.cases)
    assert len({case.kind for case in suite.cases[:8]}) == 8


def test_metadata_is_kept_and_is_part_of_the_digest(tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text('{"id": "a", "prompt": "two cats", "metadata": {"source": "a book", "page": 3}}\n')
    [case] = load_suite(str(file)).cases
    assert case.metadata == {"source": "a book", "page": 3} and case.stated == []
    assert Case.model_validate_json(case.line()) == case
    bare = case.model_copy(update={"metadata": {}})
    assert "metadata" not in bare.line()
    assert Suite("mine", (case,)).digest() != Suite("mine", (bare,)).digest()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no cases"),
        ("nonsense", "line 1"),
        ('{"id": "a", "prompt": ""}', "prompt"),
        ('{"id": "a", "prompt": "x"}\n{"id": "a", "prompt": "y"}', "same id"),
        ('{"id": "../a", "prompt": "x"}', "id"),
        ('{"id": "a", "prompt": "x", "metadata": {"requirements": "many"}}', "line 1: metadata"),
        ('{"id": "a", "prompt": "x", "metadata": {"requirements": [{"question": ""}]}}', "metadata"),
        (
            '{"id": "a", "prompt": "x", "metadata": {"requirements": [{"question": "q", "of": 1}]}}',
            "metadata",
        ),
    ],
)
def test_a_bad_suite_is_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "s.jsonl").write_text(text)
    with pytest.raises(InputError, match=words):
        load_suite(str(tmp_path / "s.jsonl"))


def test_a_suite_that_does_not_exist_is_said() -> None:
    with pytest.raises(InputError, match="no suite 'nothing'.*shapes"):
        load_suite("nothing")
