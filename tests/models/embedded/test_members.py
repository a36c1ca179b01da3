"""Relations to one of several, judged by where things stand."""

from __future__ import annotations

import pytest
from gems.models.embedded.decisions import paired, stands
from gems.models.embedded.eye import Seen
from gems.models.embedded.reading.grammar import read_prompt
from gems.models.embedded.strategies import reword


def seen(kind: str, *cells: str) -> list[Seen]:
    return [Seen("red", kind, "big", cell) for cell in cells]


@pytest.mark.parametrize(
    ("hats", "each"),
    [
        (("a2", "c2"), True),
        (("c2", "a2"), True),
        (("a2", "a1"), False),
        (("a1", "c2"), False),
        (("b2", "c2"), False),
    ],
)
def test_each_has_one_of_its_own_right_above(hats: tuple[str, str], each: bool) -> None:
    assert paired(seen("snowman", "a3", "c3"), "below its own", seen("hat", *hats)) is each


@pytest.mark.parametrize(
    ("name", "cell", "right"),
    [
        ("above the middle of", "b1", True),
        ("above the middle of", "a1", False),
        ("above the middle of", "b4", False),
        ("above the left of", "a1", True),
        ("above the right of", "a1", False),
        ("left of the left of", "a3", False),
        ("next to the right of", "d3", True),
        ("next to the top of", "d3", False),
    ],
)
def test_one_of_a_row_is_meant_by_where_it_stands(name: str, cell: str, right: bool) -> None:
    row = seen("heart", "a3", "b3", "c3")
    assert stands(seen("bird", cell)[0], name, [row]) is right


def test_four_have_no_middle_one() -> None:
    assert not stands(
        seen("bird", "b1")[0], "above the middle of", [seen("cat", *"a3 b3 c3 d3".split())]
    )


def test_other_words_say_the_plain_relation_to_the_generator() -> None:
    wish = read_prompt("two cats, each with a hat on top")
    assert reword(wish, []) == "2 cats, 2 hats, the cats below the hats"
