"""What holds for every input, however odd."""

from __future__ import annotations

from gems.evals.scoring import crea, dpg, geneval, geneval2, oneig_alignment, spatial, texts, wise
from hypothesis import given, settings
from hypothesis import strategies as st

words = st.text("abc \U0001f600", max_size=5)
places = st.integers(0, 200)
boxes = st.builds(
    lambda x, y, w, h, score: geneval.Box((x, y, x + w, y + h), score, "red"),
    places, places, st.integers(1, 90), st.integers(1, 90), st.floats(0, 1),
)  # fmt: skip
patient = settings(deadline=None, max_examples=60)
OPPOSITE = {"left of": "right of", "right of": "left of", "above": "below", "below": "above"}


@patient
@given(words, words, words)
def test_edit_distance_is_a_metric(a: str, b: str, c: str) -> None:
    assert (texts.edit_distance(a, b) == 0) == (a == b)
    assert texts.edit_distance(a, b) == texts.edit_distance(b, a)
    assert texts.edit_distance(a, c) <= texts.edit_distance(a, b) + texts.edit_distance(b, c)


@patient
@given(st.text())
def test_parsers_take_every_reply(reply: str) -> None:
    assert crea.read_scores(reply) is None or len(crea.read_scores(reply) or ()) == 6
    assert wise.read_verified(reply) in (None, 0, 1)
    legacy = wise.read_legacy(reply)
    assert legacy is None or set(legacy) == set(wise.ASPECTS)
    assert spatial.read_letters(reply, 3) is None or len(spatial.read_letters(reply, 3) or ()) == 3


@patient
@given(st.tuples(*[st.integers(0, 9)] * 3), st.permutations(wise.ASPECTS))
def test_a_well_formed_legacy_reply_is_read_in_any_order(
    scores: tuple[int, ...], order: list[str]
) -> None:
    given_scores = dict(zip(wise.ASPECTS, scores, strict=True))
    reply = "\n".join(f"{name.replace('_', ' ').title()}: {given_scores[name]}" for name in order)
    assert wise.read_legacy(reply) == given_scores


@patient
@given(boxes, boxes)
def test_relations_are_opposite_from_the_other_side(one: geneval.Box, other: geneval.Box) -> None:
    assert geneval.relations(other, one) == {OPPOSITE[name] for name in geneval.relations(one, other)}


@patient
@given(st.lists(boxes, max_size=24), st.sampled_from([0.3, 0.9]))
def test_kept_boxes_are_the_best_ones(found: list[geneval.Box], threshold: float) -> None:
    kept = geneval.kept(found, threshold)
    assert [box.score for box in kept] == sorted(
        (b.score for b in found if b.score > threshold), reverse=True
    )[:16]


@patient
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=1, max_size=6))
def test_zeroing_never_adds_and_needs_a_zero_parent(lines: list[tuple[bool, int]]) -> None:
    item = {
        number: dpg.Proposition(number, (parent,) if 0 < parent <= len(lines) else (), "x", "q")
        for number, (_, parent) in enumerate(lines, 1)
    }
    own = dpg.own_answers(item, {n: "yes" if yes else "no" for n, (yes, _) in enumerate(lines, 1)})
    left = dpg.zeroed(item, own)
    for number, proposition in item.items():
        assert left[number] <= own[number]
        if left[number] < own[number]:
            assert left[proposition.parents[0]] == 0


@patient
@given(st.lists(st.sampled_from(["Yes", "No", "yes"]), min_size=1, max_size=5), st.integers(0, 9))
def test_a_parent_can_only_take_away(answers: list[str], parent: int) -> None:
    cell = {str(n): answer for n, answer in enumerate(answers, 1)}
    free = oneig_alignment.cell_score({}, cell)
    assert 0 <= oneig_alignment.cell_score({name: [parent] for name in cell}, cell) <= free <= 1


@patient
@given(st.lists(st.lists(st.floats(0, 1), min_size=1, max_size=5), min_size=1, max_size=5))
def test_the_geometric_mean_is_below_the_arithmetic(prompts: list[list[float]]) -> None:
    told = geneval2.soft_tifa(prompts)
    assert 0 <= told["soft_tifa_gm"] <= told["soft_tifa_am"] + 1e-9 <= 100 + 1e-6


@patient
@given(st.lists(st.none() | st.sampled_from(["A\nB", "B\nB", "A", "", "A\n\nB"]), max_size=40))
def test_a_ballot_stops_at_five_valid_or_twenty_five_calls(replies: list[str | None]) -> None:
    ballot = spatial.count_votes(replies, 2)
    assert len(ballot.replies) <= 5
    assert ballot.calls <= min(25, len(replies))
    assert (ballot.right(["A", "B"]) is None) == (len(ballot.replies) < 5)
