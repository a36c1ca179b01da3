"""Answers that are almost JSON are read; what was cut off or would lose words is not."""

from __future__ import annotations

import json

import hypothesis.strategies as st
import pytest
from gems.models.chat.answers import UnusableAnswerError, parse_answer
from gems.models.chat.malformed import closed_regions, mended_values
from hypothesis import given
from pydantic import BaseModel


class Choice(BaseModel):
    skill: str
    reason: str = ""


class Item(BaseModel):
    number: int
    text: str


class Items(BaseModel):
    items: list[Item]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{'skill': 'none', 'reason': 'plain'}", "plain"),
        ("{'skill': 'none', 'reason': \"it's plain\"}", "it's plain"),
        ('{"skill": "none", "reason": "plain",}', "plain"),
        ('{"skill": "none" "reason": "plain"}', "plain"),
        ('{"skill": "none", // nothing fits\n "reason": "plain"}', "plain"),
        ('{"skill": "none", "reason": "plain" # nothing fits\n}', "plain"),
        ('{skill: "none", reason: "plain"}', "plain"),
        ("{“skill”: “none”, “reason”: “plain”}", "plain"),
        ('{"skill": "none", "reason": "the sign says "OPEN" in red"}', 'the sign says "OPEN" in red'),
        ('{"skill": "none", "reason": "the words "A", "B" and so on"}', 'the words "A", "B" and so on'),
        ('{"skill": "none", "reason": "50\\% of it"}', "50\\% of it"),
        ('{"skill": "none", "reason": "two\nlines",}', "two\nlines"),
        ("Sure: {'skill': 'none', 'reason': 'plain'} Done.", "plain"),
        ('```json\n{"skill": "none", "reason": "plain",}\n```', "plain"),
        ("{'answer': {'skill': 'none', 'reason': 'plain'}}", "plain"),
        ("First {'skill': 'one'}, no: {'skill': 'none', 'reason': 'plain'}", "plain"),
    ],
)
def test_what_is_almost_json_is_read(text: str, reason: str) -> None:
    assert parse_answer(text, Choice) == Choice(skill="none", reason=reason)


@pytest.mark.parametrize(
    "text",
    [
        '[{"number": 1, "text": "a"}, {"number": 2, "text": "b"}]',
        "[{'number': 1, 'text': 'a'}, {'number': 2, 'text': 'b'},]",
        "{'items': [{'number': 1, 'text': 'a'}, {'number': 2, 'text': 'b'}]}",
        "Here:\n- [{'number': 1, 'text': 'a'}, {'number': 2, 'text': 'b'}]",
    ],
)
def test_a_bare_list_is_the_only_field_of_an_answer(text: str) -> None:
    assert [item.text for item in parse_answer(text, Items).items] == ["a", "b"]


@pytest.mark.parametrize(
    "text",
    [
        "{'skill': 'none', 'reason': 'plain'",
        "{'skill': 'none', 'reason': 'pla",
        "{'skill': 'none', 'reason':",
        "{'skill': 'none',",
        "{'skill': 'none', 'reason': 'a smiley :}",
        "{'skill': 'none', 'reason': 'see [1}",
        "An example is {'skill': 'one'}. Mine: {'skill': 'spatial', 'reas",
    ],
)
def test_what_was_cut_off_is_left_to_the_model(text: str) -> None:
    with pytest.raises(UnusableAnswerError):
        parse_answer(text, Choice)


@pytest.mark.parametrize(
    "text",
    [
        "[{'number': 1, 'text': 'a'}, {'number': 2, 'te",
        "[{'number': 1, 'text': 'a'},",
        "{'items': [{'number': 1, 'text': 'a'}",
        "{'items': [{'number': 1, 'text': 'a'}}",
    ],
)
def test_a_list_that_was_cut_off_is_not_a_shorter_list(text: str) -> None:
    with pytest.raises(UnusableAnswerError):
        parse_answer(text, Items)


def test_a_reading_that_loses_words_is_none() -> None:
    # json-repair takes the apostrophe's neighbour for the end of the text and drops the rest.
    text = "{'skill': 'none', 'reason': 'two m\\'s, \"A\", at the bottom, small: \"B\", and more'}"
    try:
        assert "and more" in parse_answer(text, Choice).reason
    except UnusableAnswerError:
        pass


@pytest.mark.parametrize("text", ["none of {the skills} fits", "the set {a, b} is good", "[1] and [2]"])
def test_brackets_in_prose_are_no_answer(text: str) -> None:
    with pytest.raises(UnusableAnswerError):
        parse_answer(text, Choice)


TEXTS = st.text(st.sampled_from("ab {}[]'\",:\\\n#/"), max_size=12)


@given(st.lists(TEXTS, max_size=3), st.sampled_from(["repr", "comma", "bare"]), st.data())
def test_no_beginning_of_an_answer_is_read_as_another_answer(
    texts: list[str], style: str, data: st.DataObject
) -> None:
    value = {"items": [{"number": n, "text": f"a{text}b"} for n, text in enumerate(texts)]}
    written = {
        "repr": repr(value),
        "comma": json.dumps(value)[:-1] + ",}",
        "bare": json.dumps(value).replace('"items"', "items"),
    }[style]
    cut = written[: data.draw(st.integers(0, len(written) - 1))]
    try:
        found = parse_answer(cut, Items)
    except UnusableAnswerError:
        return
    assert found == Items.model_validate(value)


@given(st.text(st.sampled_from("ab{}[]'\", "), max_size=60))
def test_regions_are_parts_of_the_text_in_order(text: str) -> None:
    position = 0
    for region in closed_regions(text):
        position = text.index(region, position) + len(region)
        assert region[0] + region[-1] in {"{}", "[]"}


def test_escaped_characters_are_the_characters() -> None:
    spoilt = json.dumps({"prompt": "三只红色的猫", "action": "rewrite"})[:-1] + ",}"
    assert list(mended_values(spoilt)) == [{"prompt": "三只红色的猫", "action": "rewrite"}]
