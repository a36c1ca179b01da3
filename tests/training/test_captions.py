"""The embedded world's code, captions and tokens."""

from __future__ import annotations

import json
from pathlib import Path

import gems.models.embedded
import numpy as np
import pytest
from gems.models.embedded.world import COLOURS, GROUNDS, KINDS, THINGS, Item, held_out
from gems.training import captions
from gems.training.captions import SORTS, sample
from gems.training.code import COLOUR_CODES, KIND_CODES, arrange, by_cell, decode, encode
from gems.training.groups import Group, pair_is_held_out
from gems.training.pipeline import CAPTION_TOKENS
from gems.training.relations import related
from gems.training.tokens import build_tokenizer

TOKENIZER = build_tokenizer()
WEIGHTS = Path(gems.models.embedded.__file__).parent / "weights"


def still(number: int) -> np.ndarray:
    return np.zeros((number, 2), np.int_)


def test_there_are_thirty_kinds_and_more_and_no_name_is_given_twice() -> None:
    assert len(THINGS) > 30
    names = [*KINDS, *COLOURS, *GROUNDS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("codes", [KIND_CODES, COLOUR_CODES])
def test_no_word_of_a_code_is_nearer_to_another_than_at_a_right_angle(codes: np.ndarray) -> None:
    products = codes @ codes.T / codes.shape[1]
    np.fill_diagonal(products, 0)
    assert products.max() <= 0 and products.min() >= -1


def test_latents_are_put_together_cell_by_cell() -> None:
    cells = np.random.default_rng(0).normal(size=(16, 64)).astype(np.float32)
    latents = arrange(cells)
    assert latents.shape == (16, 8, 8) and np.array_equal(by_cell(latents), cells)
    changed = cells.copy()
    changed[5] += 1  # b2
    rows, columns = np.nonzero((arrange(changed) != latents).any(0))
    assert set(rows) == {2, 3} and set(columns) == {2, 3}


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("most", [1, 3, 8])
def test_a_scene_is_what_its_caption_asks_for_also_through_the_code(sort: str, most: int) -> None:
    rng = np.random.default_rng(0)
    for _ in range(40):
        one = sample(rng, most, sort)
        cells = [item.cell for item in one.items]
        assert len(set(cells)) == len(cells) <= 8
        latents = encode(one.items, one.ground, still(len(cells)))
        noisy = np.asarray(latents + 0.3 * rng.standard_normal(latents.shape), np.float32)
        items, ground = decode(noisy)
        assert set(items) == set(one.items) and one.obeyed(items, ground), one.caption


@pytest.mark.parametrize("sort", ["count", "relation", "place", "line"])
def test_a_picture_with_an_object_less_or_of_another_colour_is_not_what_was_asked(sort: str) -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        one = sample(rng, 6, sort)
        first, *rest = one.items
        assert not one.obeyed(rest, one.ground)
        if one.groups[0].says_colour:
            other = next(colour for colour in COLOURS if colour != first.colour)
            assert not one.obeyed([Item(other, first.kind, first.cell, first.size), *rest], one.ground)


def test_a_misspelt_sign_is_not_what_was_asked() -> None:
    one = sample(np.random.default_rng(4), 4, "sign")
    items = [Item(i.colour, "X" if i.kind != "X" else "Y", i.cell) for i in one.items[:1]]
    assert not one.obeyed([*items, *one.items[1:]], one.ground)


def test_training_never_shows_what_is_held_out() -> None:
    rng = np.random.default_rng(2)
    shown = [sample(rng) for _ in range(800)]
    assert any(held_out(f"{colour} {kind}") for colour in COLOURS for kind in THINGS)
    for one in shown:
        for group in one.groups:
            if group.kind in THINGS:
                assert not held_out(f"{group.colour} {group.kind}"), one.caption
    counted = [one for one in (sample(rng, 8, "count") for _ in range(300)) if len(one.groups) == 2]
    assert counted and not any(pair_is_held_out(one.groups) for one in counted)


def test_captions_are_true_until_mistakes_set_in() -> None:
    def kept(images: int) -> int:
        stage = captions.stage_at(images)
        shown = [sample(np.random.default_rng(seed), stage=stage) for seed in range(90)]
        return sum(all(rule(one.items) for rule in one.rules) for one in shown)

    assert kept(0) == kept(134_399) == 90 > max(kept(134_400), kept(480_000))


def test_next_to_is_beside_or_above() -> None:
    a, b = Group(1, "red", "cat"), Group(1, "blue", "dog")
    assert related([Item("red", "cat", "b2"), Item("blue", "dog", "b3")], a, "next to", b)
    assert not related([Item("red", "cat", "b2"), Item("blue", "dog", "c3")], a, "next to", b)


def test_captions_fit_and_every_word_is_known() -> None:
    rng = np.random.default_rng(3)
    texts = [sample(rng).caption for _ in range(600)]
    tokens = TOKENIZER(texts, truncation=False, verbose=False).input_ids
    assert not any(TOKENIZER.unk_token_id in one for one in tokens)
    assert sum(len(one) > CAPTION_TOKENS for one in tokens) < 6
    assert all(sum(stage.sorts.values()) == pytest.approx(1) for stage in captions.STAGES)


@pytest.mark.parametrize(
    ("prompt", "tokens"),
    [
        ("Three cats, please!", "three cat"),
        ("A pair of ICE", "two I C E"),
        ("2 ice creams to the left of a house", "two icecream leftof house"),
        ("a cat on the left", "cat left"),
        ('a sign that says "CAT" in red letters', "sign C A T red"),
        ("two leaves under the sky", "two leaf below day"),
        ("a unicorn", "[unk]"),
        ("two puppies, a violet Kitty and 3 airplanes", "two dog purple cat three plane"),
        ("a pair of cowboy hats and some snowmen", "two hat snowman"),
        ("", ""),
    ],
)
def test_what_means_the_same_is_the_same_token(prompt: str, tokens: str) -> None:
    assert TOKENIZER.tokenize(prompt) == tokens.split()


def test_the_packaged_tokenizer_knows_every_word_that_requests_may_use() -> None:
    packaged = json.loads((WEIGHTS / "tokenizer" / "tokenizer.json").read_text())
    assert packaged == json.loads(TOKENIZER.backend_tokenizer.to_str())
