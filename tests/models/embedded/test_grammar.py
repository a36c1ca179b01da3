"""The embedded grammar: what it reads, and how it says what it does not know."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import hypothesis.strategies as st
import newcomers
import newcomers_doubtful
import newcomers_things
import pytest
from embedded_prompts import PLACED, READS, RELATES, items_of, shown
from gems.errors import NotInWorldError
from gems.models.embedded.decisions import decide
from gems.models.embedded.questions import parse_question, questions_for
from gems.models.embedded.reading.grammar import read_prompt
from gems.models.embedded.strategies import layout_prompt
from gems.models.embedded.world import PLAIN
from hypothesis import given, settings

UNSEEN = {
    row["prompt"]: row["means"]
    for row in map(
        json.loads,
        (Path(__file__).parents[2] / "newcomers_unseen.jsonl").read_text("utf-8").splitlines(),
    )
}
"""Prompts by writers who had read the README's list of things and nothing else; None: to be refused."""
MEANS = newcomers.MEANS | newcomers_things.MEANS | newcomers_doubtful.MEANS
MEANS |= {prompt: means for prompt, means in UNSEEN.items() if means}
REFUSED = newcomers.REFUSED | newcomers_things.REFUSED | newcomers_doubtful.REFUSED
WORDS = (
    "a two 3 red blue green circle circles square stars heart the it and , : above below between "
    "next to left of all ones in the middle at b2 on the left top right corner no without or half each "
    "row column line from to corners at least every one side by both shapes objects small big cats dog "
    "CAT sign says letter A B night meadow sky ice cream"
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
        ("a dragon and a shoe", "'dragon' (I know ghost and snowman), 'shoe' (I know hat and crown)"),
        ("nine circles", "'nine'"),
        ("no hearts", "names nothing to draw"),
        ("a white circle", "'white'"),
        ("five circles and four stars", "9 objects"),
        ("three hearts, two red and two blue", "three objects of which four"),
        ("hello", "names nothing"),
        ("a picture", "names nothing"),
        ("red", "without a thing"),
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


def chunks(prompts: Iterable[str]) -> list[list[str]]:
    """Fifty prompts a test: one each would take longer to begin and end than to read."""
    listed = list(prompts)
    return [listed[at : at + 50] for at in range(0, len(listed), 50)]


def stated(prompt: str) -> list[str]:
    """What a prompt is read as. Whether a thing is there at all is asked for the sake of what depends
    on it."""
    asked = [item for item in questions_for(read_prompt(prompt)) if item["kind"] != "object"]
    return [item["statement"] for item in asked if not item["statement"].endswith(" in all")]


def answer_to(prompt: str) -> str:
    """Why a prompt is refused; empty: it is read."""
    try:
        read_prompt(prompt)
    except NotInWorldError as error:
        return str(error).split(". It knows")[0]
    return ""


@pytest.mark.parametrize("prompts", chunks(MEANS))
def test_newcomers_prompts_mean_what_people_mean(prompts: list[str]) -> None:
    assert {prompt: stated(prompt) for prompt in prompts} == {
        prompt: MEANS[prompt] for prompt in prompts
    }


def test_what_cannot_be_had_or_is_open_is_refused_with_the_reason() -> None:
    answers = {prompt: (answer_to(prompt), reason) for prompt, reason in REFUSED.items()}
    assert {prompt: said for prompt, said in answers.items() if said[1] not in said[0]} == {}


def test_what_newcomers_ask_for_that_cannot_be_had_is_refused() -> None:
    assert [prompt for prompt, means in UNSEEN.items() if not means and not answer_to(prompt)] == []


def failing(prompt: str) -> list[str]:
    """The questions of a prompt that a layout of it does not pass."""
    wish = read_prompt(prompt)
    seen = shown(items_of(layout_prompt(wish, 0)), wish.ground or PLAIN)
    checks = {item["question"]: parse_question(item["question"]) for item in questions_for(wish)}
    return [question for question, check in checks.items() if not decide(check, seen)[0]]


@pytest.mark.parametrize("prompts", chunks(MEANS))
def test_a_layout_of_a_newcomers_prompt_is_all_of_what_was_asked_for(prompts: list[str]) -> None:
    assert {prompt: wrong for prompt in prompts if (wrong := failing(prompt))} == {}


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
