"""How much of each section reaches a role."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from gems.models.text import tokens_in
from gems.nodes.budgets import BUDGETS, OTHERWISE, fit, size_of, within_budgets, without_memory
from gems.nodes.refiner import REFINER
from hypothesis import given

LONG = "a very long prompt about many things, " * 500
TEXTS = st.text(alphabet="ab 猫のصورة кот,\n", max_size=400)
VALUES = st.recursive(
    TEXTS | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("xyz"), inner),
    max_leaves=12,
)


def rows(count: int, text: str) -> list[dict[str, Any]]:
    return [{"request": f"{n} {text}", "gained": n} for n in range(count)]


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [("a red cat on a mat", 4, 6), ("猫" * 30, 30, 30), ("кошка спит", 4, 7), ("", 0, 0)],
)
def test_tokens_are_counted_by_script(text: str, least: int, most: int) -> None:
    assert least <= tokens_in(text) <= most


@given(VALUES, st.integers(60, 400))
def test_what_fits_is_left_alone_and_texts_are_cut(value: Any, budget: int) -> None:
    fitted = fit(value, budget)
    assert type(fitted) is type(value)
    assert size_of(fitted) <= max(size_of(value), budget)
    if size_of(value) <= budget:
        assert fitted == value
    if isinstance(value, str):
        assert size_of(fitted) <= budget


def test_three_remembered_monsters_do_not_make_a_monster() -> None:
    fitted = fit(rows(3, LONG), BUDGETS["recalled"], "recalled")
    assert size_of(fitted) <= BUDGETS["recalled"]
    assert [row["gained"] for row in fitted] == [0, 1, 2]
    assert all("[...]" in row["request"] and "very long" in row["request"] for row in fitted)


def test_the_least_similar_and_the_oldest_go_first() -> None:
    kept = fit(rows(200, "about " * 20), 600, "recalled")
    assert kept[0]["gained"] == 0 and len(kept) < 200
    latest = fit(rows(200, "about " * 20), 600, "attempts")
    assert latest[-1]["gained"] == 199 and len(latest) < 200


def test_the_users_own_words_have_room() -> None:
    fields: dict[str, Any] = {name: [] for name in REFINER.fields}
    fields["prompt"] = "词" * 20_000
    assert within_budgets(REFINER, fields)["prompt"] == fields["prompt"]
    assert OTHERWISE > 20_000
    assert without_memory(REFINER, fields) is None
