"""The embedder that ships with GEMS: what it makes of texts, and from where on two are alike."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path

import pytest
from gems.errors import StorageError
from gems.models.embedders.e5 import E5Embedder, read_model
from gems.models.embedders.embedder import Embedder
from gems.models.embedders.hashing import HashingEmbedder
from gems.models.embedders.likeness import BACKGROUND, Background, measure_background


def embed(*texts: str) -> list[list[float]]:
    return asyncio.run(E5Embedder().embed(list(texts)))


def alike(embedder: Embedder, one: str, other: str) -> bool:
    async def scenario() -> bool:
        first, second = await embedder.embed([one, other])
        least = await embedder.least_likeness(first)
        return sum(a * b for a, b in zip(first, second, strict=True)) >= least

    return asyncio.run(scenario())


@pytest.mark.parametrize(
    "other",
    [
        "three grey cats sleeping on a blue sofa",
        "on a blue sofa three grey cats are asleep",
        "drei graue Katzen schlafen auf einem blauen Sofa",
        "青いソファで眠る三匹の灰色の猫",
        "три серые кошки спят на синем диване",
    ],
)
def test_the_same_in_other_words_and_languages_is_alike(other: str) -> None:
    assert alike(E5Embedder(), other, "three grey cats sleeping on a blue sofa")


@pytest.mark.parametrize("other", ["a bar chart of rainfall by month", "加油站夜景", "ein Zahnrad"])
def test_something_else_is_not(other: str) -> None:
    assert not alike(E5Embedder(), other, "three grey cats sleeping on a blue sofa")


def test_vectors_are_of_unit_length_whatever_the_text() -> None:
    vectors = embed("a cat", "", "\ud800", "\x00", "ﷺ" * 50, "词" * 5000)
    assert [math.sqrt(sum(x * x for x in vector)) for vector in vectors] == pytest.approx([1.0] * 6)


def test_a_text_has_the_same_vector_alone_and_among_others() -> None:
    assert embed("a cat", "a dog", "a cat")[2] == embed("a cat")[0]


def test_case_and_width_make_no_difference() -> None:
    first, second, third = embed("a RED bicycle", "a red bicycle", "ａ ｒｅｄ bicycle")
    assert first == second == third


def test_damaged_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="GEMS_EMBEDDER=hashing"):
        read_model(tmp_path)


def test_the_packed_background_is_what_the_encoder_makes_of_it() -> None:
    _, _, packed = read_model(Path(__file__).parents[2] / "models" / "embedders" / "weights")
    measured = measure_background(embed(*BACKGROUND))
    assert packed.spread == pytest.approx(measured.spread, abs=1e-4)
    assert packed.mean == pytest.approx(measured.mean, abs=1e-4)


def test_likeness_follows_the_spread_of_unlike_texts() -> None:
    near = Background((1.0, 0.0), spread=0.02)
    far = Background((0.1, 0.0), spread=0.1)
    assert near.least_likeness([0.8, 0.6]) == pytest.approx(0.8 + 0.02 * 2.8)
    assert far.least_likeness([0.8, 0.6]) == pytest.approx(0.08 + 0.1 * 2.8)


def test_hashed_words_know_the_same_words_only() -> None:
    assert alike(HashingEmbedder(), "a red bicycle at a wall", "a red bicycle at walls")
    assert not alike(HashingEmbedder(), "a crimson bike by masonry", "a red bicycle at a wall")
