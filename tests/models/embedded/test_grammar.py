"""The embedded grammar: what it reads, and how it says what it does not know."""

from __future__ import annotations

import json
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


@pytest.mark.parametrize(("prompt", "statements"), MEANS.items())
def test_newcomers_prompts_mean_what_people_mean(prompt: str, statements: list[str]) -> None:
    # Whether a thing is there at all is asked for the sake of what depends on it.
    asked = [item for item in questions_for(read_prompt(prompt)) if item["kind"] != "object"]
    found = [item["statement"] for item in asked]
    assert [text for text in found if not text.endswith(" in all")] == statements


@pytest.mark.parametrize(("prompt", "reason"), REFUSED.items())
def test_what_cannot_be_had_or_is_open_is_refused_with_the_reason(prompt: str, reason: str) -> None:
    with pytest.raises(NotInWorldError) as caught:
        read_prompt(prompt)
    assert reason in str(caught.value).split(". It knows")[0]


@pytest.mark.parametrize("prompt", [prompt for prompt, means in UNSEEN.items() if not means])
def test_what_newcomers_ask_for_that_cannot_be_had_is_refused(prompt: str) -> None:
    with pytest.raises(NotInWorldError):
        read_prompt(prompt)


@pytest.mark.parametrize("prompt", MEANS)
def test_a_layout_of_a_newcomers_prompt_is_all_of_what_was_asked_for(prompt: str) -> None:
    wish = read_prompt(prompt)
    seen = shown(items_of(layout_prompt(wish, 0)), wish.ground or PLAIN)
    checks = {item["question"]: parse_question(item["question"]) for item in questions_for(wish)}
    assert [question for question, check in checks.items() if not decide(check, seen)[0]] == []


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
