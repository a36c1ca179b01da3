"""Experiences as other versions of GEMS kept them."""

from __future__ import annotations

from dataclasses import asdict

import hypothesis.strategies as st
import pytest
from gems.memory.experiences import WORD_LIMIT, Experience, limit_words, read_experience
from hypothesis import given
from sample_experiences import experience

TEXTS = st.lists(st.text(), max_size=3).map(tuple)
ANY = st.builds(Experience, failed=TEXTS, kinds=TEXTS)


@given(ANY)
def test_what_is_kept_is_read(kept: Experience) -> None:
    assert read_experience(asdict(kept)) == kept


def test_a_newer_versions_field_is_ignored() -> None:
    fields = {**asdict(experience("a cat")), "mood": "good", "generator_card": {"name": "x"}}
    assert read_experience(fields) == experience("a cat")


def test_what_an_older_version_did_not_keep_has_its_default() -> None:
    fields = asdict(experience("a cat"))
    for name in ("failed", "kinds", "strategy", "solved"):
        del fields[name]
    assert read_experience(fields) == experience("a cat", failed=())


@pytest.mark.parametrize("name", ["prompt", "thread", "round", "gained", "action"])
def test_one_that_lacks_what_cannot_be_guessed_is_none(name: str) -> None:
    fields = asdict(experience("a cat"))
    del fields[name]
    assert read_experience(fields) is None


@pytest.mark.parametrize("fields", [None, [], "text", {}, {"round": []}])
def test_nothing_that_is_one_is_none(fields: object) -> None:
    assert read_experience(fields) is None


def test_a_value_of_another_kind_is_none() -> None:
    assert read_experience({**asdict(experience("a cat")), "round": "first"}) is None


def test_a_long_lesson_is_cut_and_says_so() -> None:
    assert limit_words("a  b\nc") == "a b c"
    assert limit_words("word " * (WORD_LIMIT + 5)).split()[-2:] == ["word", "..."]
