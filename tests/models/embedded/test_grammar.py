"""The embedded grammar: what it reads, and how it says what it does not know."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from embedded_prompts import PLACED, READS, RELATES
from gems.errors import NotInWorldError
from gems.models.embedded.grammar import read_prompt
from gems.models.embedded.questions import parse_question, questions_for
from hypothesis import given, settings

WORDS = (
    "a two 3 red blue green circle circles square stars heart the it and , : above below between "
    "next to left of all ones in the middle at b2 on the left top right corner"
).split()


@pytest.mark.parametrize(("prompt", "groups"), READS.items())
def test_reads_a_newcomers_words(prompt: str, groups: list[str]) -> None:
    assert [group.words() for group in read_prompt(prompt).groups] == groups


def test_a_relation_after_and_is_about_the_same_subject() -> None:
    found = read_prompt("a blue square below a red circle and above a green star").relations
    assert [(r.subject, r.name, r.objects) for r in found] == [(0, "below", (1,)), (0, "above", (2,))]
    [found_under] = read_prompt("a red circle and under it a blue square").relations
    assert (found_under.subject, found_under.name, found_under.objects) == (1, "below", (0,))


@pytest.mark.parametrize(("prompt", "relation"), RELATES.items())
def test_reads_relations(prompt: str, relation: tuple[int, str, tuple[int, ...]]) -> None:
    [found] = read_prompt(prompt).relations
    assert (found.subject, found.name, found.objects) == relation


@pytest.mark.parametrize(("prompt", "place"), PLACED.items())
def test_reads_places(prompt: str, place: tuple[int, str]) -> None:
    assert read_prompt(prompt).places == [place]


@pytest.mark.parametrize(
    ("prompt", "named"),
    [
        ("a dragon and a cat", "'dragon', 'cat'"),
        ("seven circles", "'seven'"),
        ("no hearts", "'no'"),
        ("a white circle", "'white'"),
        ("four circles and three stars", "7 objects"),
        ("three hearts, one red and one blue", "three objects of which two"),
        ("hello", "'hello'"),
        ("a picture", "names no shape"),
        ("red", "without a shape"),
        ("a circle above", "above"),
        ("two red and blue circles", "several colours"),
        ("a circle \u2192 b", "\u2192"),
    ],
)
def test_what_it_does_not_know_is_named(prompt: str, named: str) -> None:
    with pytest.raises(NotInWorldError) as caught:
        read_prompt(prompt)
    text = str(caught.value)
    assert named in text and "purple" in text and "GEMS_MLLM" in text and "\n" not in text


@given(st.text(max_size=80))
@settings(max_examples=200, deadline=None)
def test_no_text_breaks_the_grammar(text: str) -> None:
    try:
        questions_for(read_prompt(text))
    except NotInWorldError:
        pass


@given(
    st.lists(
        st.sampled_from(WORDS),
        max_size=14,
    )
)
@settings(max_examples=300, deadline=None)
def test_no_order_of_known_words_breaks_it(words: list[str]) -> None:
    try:
        for item in questions_for(read_prompt(" ".join(words))):
            parse_question(item["question"])
    except NotInWorldError:
        pass
