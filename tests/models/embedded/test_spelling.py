"""Misspelt words of requests: read where one word alone can be meant, else left as they are."""

from __future__ import annotations

import pytest
from gems.errors import NotInWorldError
from gems.models.embedded.reading.grammar import read_prompt
from gems.models.embedded.reading.real_words import REAL_WORDS
from gems.models.embedded.reading.spelling import MEANT, is_slip, meant, spelt
from gems.models.embedded.reading.words import word_token


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("three umbrelas", "three umbrellas"),
        ("a yelow sun beetween two traingles", "a yellow sun between two triangles"),
        ("a purpel birdd", "a purple birdd"),  # one bird, or several?
        ("a clown and a mitten", "a clown and a mitten"),
        ("a crat", "a crat"),  # too short
        ("text_hepll_ in bleck", "text_hepll_ in black"),
        ("plants", "plants"),  # known not to be there
    ],
)
def test_a_letter_wrong_is_read_where_one_word_is_meant(typed: str, read: str) -> None:
    assert spelt(typed) == read


def test_words_that_are_read_as_others_are_none_of_the_world() -> None:
    assert [word for word in MEANT if meant(word) != word] == []
    assert [word for word in REAL_WORDS if word_token(word)] == []


@pytest.mark.parametrize(
    ("word", "other", "slip"),
    [
        ("cirle", "circle", True),
        ("circcle", "circle", True),
        ("cricle", "circle", True),
        ("cirkle", "circle", True),
        ("icrcle", "circle", False),
        ("cirlce", "circle", True),
        ("circ", "circle", False),
        ("cerkle", "circle", False),
    ],
)
def test_a_slip_is_one_letter_and_not_the_first(word: str, other: str, slip: bool) -> None:
    assert is_slip(word, other) is slip


def test_what_is_to_be_written_keeps_its_letters() -> None:
    [group] = read_prompt("a sign that says 'bleu'").groups
    assert group.kind.name == "BLEU"
    with pytest.raises(NotInWorldError, match="'BIRDY'"):
        read_prompt("a sign that says BIRDY")
