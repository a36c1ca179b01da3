"""What a prompt asks for: in other words, in any script, badly quoted; and what may be added to it."""

from __future__ import annotations

import pytest
from gems.memory.state import Requirement
from gems.nodes.coverage import (
    add_statements,
    asks_for,
    is_negation,
    literals_of,
    may_be_added,
    stands_in,
    words_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st


def requirement(statement: str, kind: str = "object") -> Requirement:
    return Requirement(id="q1", question=f"{statement}?", statement=statement, kind=kind, parent=None)


SHORE = "A quiet beach at dawn; the shore lies deserted, waves roll in."


@pytest.mark.parametrize(
    ("prompt", "statement", "quotes"),
    [
        # Typographic quotes, an ellipsis, one word misquoted, other words between them.
        ("A man in a white helmet looks up", "a white helmet", ["a ‘white’ helmet"]),
        ("a red circle in the top left, a red circle in the top right", "exactly two red circles",
         ["a red circle in the top left ... a red circle in the top right"]),
        ("a big round red clock on the wall", "a clock", ["a large round red clock"]),
        (SHORE, "no people", ["the shore lies deserted"]),
        ("Title at the top, very large: “Summer Jazz Night”", 'the words "Summer Jazz Night"',
         ['Title at the top: "Summer Jazz Night"']),
        # Said by the prompt itself, without a quote.
        ("Two coffee cups stand on the table.", "exactly 2 coffee cups", []),
        ("A PAIR of cups on a table", "two cups", []),
        ("一只黑色的猫坐在红色的沙发上。", "一只黑色的猫", []),
        ("На столе стоит синяя ваза", "синяя ваза", []),
        ("قطة سوداء على الأريكة", "قطة سوداء", []),
        ("赤い帽子をかぶった女の子", "赤い帽子", []),
    ],
)  # fmt: skip
def test_these_are_asked_for(prompt: str, statement: str, quotes: list[str]) -> None:
    assert asks_for(prompt, requirement(statement), quotes)


@pytest.mark.parametrize(
    ("prompt", "statement", "quotes"),
    [
        ("only a dog", "a cat", ["words that are not there"]),
        ("only a dog", "a cat", [""]),
        ("only a dog", "a cat", ["..."]),
        # A literal text counts to the letter only, whatever was quoted.
        ('a sign that reads "NO DOG"', 'the sign says "NO DOGS"', ['a sign that reads "NO DOG"']),
        (SHORE, "no people", []),
        ("一只白色的狗", "一只黑色的猫", []),
        (
            "three dogs in a park, far away a fountain, to the left of it a cat",
            "three cats in a row",
            [],
        ),
    ],
)
def test_these_are_not(prompt: str, statement: str, quotes: list[str]) -> None:
    assert not asks_for(prompt, requirement(statement), quotes)


@pytest.mark.parametrize(
    "statement",
    [
        "no people", "a street without cars", "there is nobody",
        "没有人", "人がいない", "без людей", "بدون ناس", "sin gente",
    ],
)  # fmt: skip
def test_what_must_be_absent_is_never_added(statement: str) -> None:
    assert is_negation(statement) and not may_be_added(requirement(statement))


def test_a_literal_text_is_never_added_and_is_no_negation() -> None:
    assert literals_of('the sign says "NO DOGS"') == ["NO DOGS"]
    assert not is_negation('the sign says "NO DOGS"')
    assert not may_be_added(requirement('the sign says "NO DOGS"'))
    assert not may_be_added(requirement("the word CAT", kind="text"))
    assert may_be_added(requirement("a notebook on a knotty table"))


def test_sentences_are_added_in_the_prompts_own_script() -> None:
    assert add_statements("only a dog.", [requirement("a cat."), requirement("a bird")]) == (
        "only a dog. a cat. a bird."
    )
    assert add_statements("一只狗。", [requirement("一只猫")]) == "一只狗。一只猫。"
    assert add_statements("as it is", []) == "as it is"


WORDS = {
    "latin": "cat dog house river green marble lantern wooden bridge copper violin".split(),
    "cyrillic": "кот собака дом река зелёный мрамор".split(),
    "arabic": "قطة كلب بيت نهر أخضر جسر".split(),
    "chinese": "猫咪 小狗 房子 河流 绿色 大理石".split(),
    "japanese": "ねこ 犬 家 川の流れ 緑色 橋".split(),
}


@st.composite
def scenes(draw: st.DrawFn) -> tuple[str, list[str]]:
    """(script, phrases of two to four of its words)."""
    script = draw(st.sampled_from(sorted(WORDS)))
    words = st.lists(st.sampled_from(WORDS[script]), min_size=2, max_size=4, unique=True)
    space = "" if script in ("chinese", "japanese") else " "
    return script, [space.join(draw(words)) for _ in range(draw(st.integers(1, 4)))]


@settings(max_examples=600, deadline=None)
@given(scenes(), st.data())
def test_what_is_asked_for_is_found_however_it_is_quoted(
    scene: tuple[str, list[str]], data: st.DataObject
) -> None:
    script, phrases = scene
    stop = "。" if script in ("chinese", "japanese") else ", "
    prompt = stop.join(phrases)
    phrase = data.draw(st.sampled_from(phrases))
    quote = data.draw(st.sampled_from([phrase, phrase.upper(), f"“{phrase}”", f" {phrase}."]))
    assert stands_in(quote, prompt)
    assert asks_for(prompt, requirement(phrase), [])
    added = add_statements(prompt, [requirement(phrases[0])])
    assert asks_for(added, requirement(phrases[0]), [])


@settings(max_examples=600, deadline=None)
@given(scenes(), scenes())
def test_another_scripts_words_are_not_found(
    scene: tuple[str, list[str]], other: tuple[str, list[str]]
) -> None:
    if scene[0] == other[0] or {scene[0], other[0]} == {"chinese", "japanese"}:
        return
    assert not asks_for(" ".join(scene[1]), requirement(other[1][0]), [other[1][0]])


@given(st.text(), st.text(), st.text())
def test_any_text_is_taken(prompt: str, statement: str, quote: str) -> None:
    asks_for(prompt, requirement(statement), [quote])
    assert isinstance(words_of(prompt), list)
    assert add_statements(prompt, []) == prompt
