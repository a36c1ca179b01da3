"""What people want to be different, in the embedded world."""

from __future__ import annotations

from typing import Any

import pytest
from gems.errors import NotInWorldError
from gems.models.embedded.changes import changed, stands_alone
from gems.models.embedded.descriptions import described
from gems.models.embedded.reading.grammar import read_prompt
from gems.models.embedded.revision import GROUND, open_in, revise
from gems.models.embedded.statements import checks_in
from hypothesis import given
from hypothesis import strategies as st

REQUEST = "a red cat and a blue star"


@pytest.mark.parametrize(
    ("change", "request_then"),
    [
        ("now make the sky darker", "one red cat, one blue star at night"),
        ("Can you make it a bit brighter, please?", "one red cat, one blue star by day"),
        ("put it on a meadow", "one red cat, one blue star on a meadow"),
        ("on a meadow", "one red cat, one blue star on a meadow"),
        ("make the cat blue", "one blue cat, one blue star"),
        ("the star should be small and green", "one red cat, one small green star"),
        ("add a green heart too", "one red cat, one blue star, one green heart"),
        ("also a dog left of the star",
         "one red cat, one blue star, one dog, the dog left of the blue star"),
        ("remove the star", "one red cat"), ("without the cat", "one blue star"),
        ("replace the star with a moon", "one red cat, one blue moon"),
        ("a dog instead of the cat", "one red dog, one blue star"),
        ("turn the cat into two dogs", "two red dogs, one blue star"),
        ("move the star to the top left corner", "one red cat, one blue star in the top left corner"),
        ("put the star above the cat", "one red cat, one blue star, the blue star above the red cat"),
        ("exactly three cats", "three red cats, one blue star"),
    ],
)  # fmt: skip
def test_a_simple_change_is_worked_in_and_what_else_was_asked_for_stays(
    change: str, request_then: str
) -> None:
    assert changed(REQUEST, change) == request_then


@pytest.mark.parametrize(
    ("request_before", "change", "request_then"),
    [
        ("a red cat", "make it black", "one black cat"), ("a red cat", "make it blue", "one blue cat"),
        ("a red cat", "make the sky black", "one red cat at night"),
        ("three red cats", "make two cats blue", "one red cat, two blue cats"),
        ("three red cats", "make two of them blue", "one red cat, two blue cats"),
        ("four stars", "replace one star with a heart", "three stars, one heart"),
        ("four stars", "one of the stars should be red", "one red star, three stars"),
        ("four stars", "remove one star", "three stars"),
        ("two stars in the top half and a star on the left", "make the cat red", None),
        ("a red cat and a blue dog", "three dogs instead of one", "one red cat, three blue dogs"),
        ("four stars", "add two red stars", "two red stars, four stars"),
        ("four stars", "add a star", "five stars"),
        ("a cat, no dogs", "add two dogs", "one cat, two dogs"),
        ("a cat, no dogs", "add a dog left of the cat", "one cat, one dog, the dog left of the cat"),
        ("a sign that says CAT and a star", "remove the sign", "one star"),
        ("a sign that says CAT and a star", "make the sign red", 'one red word "CAT", one star'),
        ("a sign that says CAT and a star", "remove the word CAT", "one star"),
        ("a sign that says CAT and a star", "change the word to DOG", 'one word "DOG", one star'),
        ("a house with a tree on both sides", "make it night",
         "one house, two trees, the trees on both sides of the house at night"),
        ("a red cat and a blue cat", "make both cats green", "two green cats"),
        ("a red cat and a blue cat", "make the blue one green", "one red cat, one green cat"),
        ("a cat on the left, a cat on the right", "make the left cat red",
         "one red cat on the left, one cat on the right"),
        ("two cats", "add two more cats", "four cats"), ("two cats", "one more cat", "three cats"),
        ("a sign that says CAT", "make the sign say DOG", 'one word "DOG"'),
        ("seven cats", "add two cats", None), ("three cats in a row", "make the left cat red", None),
        ("two cats", "make the cats red and blue", "one red cat, one blue cat"),
        ("three cats", "make the cats red and blue", None),
        ("a red cat and a star", "make it blue", None), ("two cats", "make the first cat red", None),
        ("a house between two trees", "remove one tree", None),
        ("four stars", "remove the star", None),
        ("a red cat and a blue cat", "move the cat to the left", None),
        ("two stars", "move one star to the left", None),
        ("three red cats", "make five cats blue", None),
    ],
)  # fmt: skip
def test_a_change_concerns_those_that_are_meant_or_is_refused(
    request_before: str, change: str, request_then: str | None
) -> None:
    if request_then is not None:
        assert changed(request_before, change) == request_then
        return
    with pytest.raises(NotInWorldError):
        changed(request_before, change)


def test_one_in_a_corner_is_that_one() -> None:
    words = changed("a star in each corner", "make the top left star red")
    assert words.startswith("one red star in the top left corner, one star in the top right corner")


@pytest.mark.parametrize(
    ("answer", "request_then"),
    [("no idea", "two cats"), ("skip", "two cats"), ("no", "two cats"), ("you choose", "two cats"),
     ("red", "two red cats"), ("Both red, please", "two red cats"),
     ("one red and one blue", "one red cat, one blue cat"), ("one red", None),
     ("red and blue", "one red cat, one blue cat"),
     ("dark red", None), ("white", None), ("red or blue", None), ("anything but red", None)],
)  # fmt: skip
def test_an_answer_is_taken_left_open_or_refused(answer: str, request_then: str | None) -> None:
    said = {"answers": [{"question": "What colour should the cats be?", "answer": answer}]}
    told: Any = {"request": "two cats", "drawn": "", "requirements": [], "said": said}
    if request_then is not None:
        assert revise(told)["request"] == request_then
        return
    with pytest.raises(NotInWorldError):
        revise(told)


@pytest.mark.parametrize(
    "change",
    ["make it more romantic", "remove the horse", "remove the cat and the star and everything",
     "make it eleven cats", "as if painted by somebody famous", "", "  "],
)  # fmt: skip
def test_what_it_cannot_change_is_one_line(change: str) -> None:
    with pytest.raises(NotInWorldError) as caught:
        changed(REQUEST, change)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "alone"),
    [("a dog", True), ("three green frogs on a meadow", True), ("add a dog", False),
     ("at night", False), ("make it a dog", False), ("the cat is red", False), ("nonsense", False)],
)  # fmt: skip
def test_a_picture_of_its_own_is_no_change(words: str, alone: bool) -> None:
    assert stands_alone(words) == alone


NUMBERED = st.sampled_from(["a", "two", "three", "no", "at least two"])
NOUNS = st.sampled_from(["red cat", "small dog", "blue star", "key", 'word "CAT"'])
WHERE = st.sampled_from(["", " in the top left corner", " at the bottom", " at night", " by day"])


@given(NUMBERED, NOUNS, WHERE, st.sampled_from(["", ", a heart", ", two hearts left of a moon"]))
def test_a_request_in_its_own_words_is_the_same_request(
    number: str, noun: str, where: str, more: str
) -> None:
    try:
        wish = read_prompt(f"{number} {noun}{'s' if number not in ('a',) else ''}{where}{more}")
        words = described(wish)
    except NotInWorldError:
        return
    assert read_prompt(words) == wish


def test_what_was_said_changes_only_the_questions_it_concerns() -> None:
    asked = [
        {"number": 1, "question": "", "statement": "exactly one cat"},
        {"number": 2, "question": "", "statement": "exactly one star"},
        {"number": 3, "question": "", "statement": "exactly two objects in all"},
        {"number": 4, "question": "", "statement": "a person's own words"},
    ]
    said: Any = {
        "answers": [
            {"question": "What colour should the cat be?", "answer": "red"},
            {"question": "What colour should the star be?", "answer": "I don't care"},
            {"question": GROUND, "answer": "at night"},
        ]
    }
    told = {"request": "a cat and a star", "drawn": "", "requirements": asked, "said": said}
    revised = revise(told)
    assert revised["request"] == "one red cat, one star at night" and revised["drop"] == [1]
    assert "exactly one red cat" in {item["statement"] for item in revised["questions"]}


def test_what_a_request_leaves_open_is_asked() -> None:
    assert open_in(read_prompt("a cat and a red star at night")) == ["What colour should the cat be?"]
    assert open_in(read_prompt("a red cat")) == [GROUND]


def test_a_persons_own_words_are_looked_for_all_at_once() -> None:
    assert len(checks_in("Is this so: a red cat left of a star?")) == 3
    assert checks_in("Is this so: a red cat?") == checks_in("Is there exactly one red cat?")
    with pytest.raises(NotInWorldError):
        checks_in("Is this so: a better mood?")
