"""Grids: how they are asked for, and what is one."""

from __future__ import annotations

import pytest
from embedded_prompts import shown
from gems.errors import NotInWorldError
from gems.models.embedded.decisions import decide
from gems.models.embedded.questions import parse_question, questions_for
from gems.models.embedded.reading.grammar import read_prompt
from gems.models.embedded.world import Item

SIX = ["exactly six stars", "six stars in a grid of two rows"]


@pytest.mark.parametrize(
    "prompt",
    [
        "six stars in two rows of three",
        "two rows of three stars",
        "stars, 2 rows of 3",
        "a 2x3 grid of stars",
        "grid of stars 2x3",
        "6 stars in a 2 by 3 grid",
        "six stars arranged in three columns",
        "six stars in a grid of two rows",
    ],
)
def test_grids_are_read_in_many_wordings(prompt: str) -> None:
    items = questions_for(read_prompt(prompt))
    assert [
        i["statement"] for i in items if i["kind"] != "object" and " in all" not in i["statement"]
    ] == SIX


@pytest.mark.parametrize(
    "prompt",
    [
        "seven stars in two rows",
        "eight stars in two rows of three",
        "five stars in a grid",
        "a cat in two rows",
    ],
)
def test_what_makes_no_grid_is_refused(prompt: str) -> None:
    with pytest.raises(NotInWorldError):
        read_prompt(prompt)


@pytest.mark.parametrize(
    ("cells", "good"),
    [
        ("b2 c2 b3 c3", True),
        ("a1 b1 a2 b2", True),
        ("a1 b1 c1 d1", False),
        ("a1 b1 b2 c2", False),
        ("a1 c1 a2 c2", False),
        ("a1 b1 a3 b3", False),
    ],
)
def test_a_grid_has_equal_rows_below_each_other_without_a_gap(cells: str, good: bool) -> None:
    scene = shown([Item("red", "cat", cell) for cell in cells.split()])
    check = parse_question("Are four red cats in a grid of two rows?")
    assert decide(check, scene)[0] is good
