"""The official rules at their edges, with figures worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest
from gems.errors import InputError
from gems.evals.scoring import (
    crea,
    dpg,
    geneval,
    geneval2,
    longtext,
    oneig_alignment,
    oneig_text,
    spatial,
    wise,
)
from gems.evals.scoring.means import mean, pairwise_mean, total
from gems.evals.scoring.texts import edit_distance

HALF, QUARTER = math.log(0.5), math.log(0.25)


def box(left: float, top: float = 0, score: float = 0.95, colour: str = "red") -> geneval.Box:
    return geneval.Box((left, top, left + 10, top + 10), score, colour)


def metadata(tag: str = "two_object", **clause: Any) -> dict[str, Any]:
    return {"tag": tag, "include": [{"class": "door", "count": 1, **clause}]}


class TestGenEval2:
    def test_a_count_takes_the_bare_space_and_the_first_digit(self) -> None:
        assert geneval2.answer_tokens("How many?", "ten") == {"ten", "Ten", " ten", " Ten", "1", " "}

    def test_a_number_beyond_ten_takes_other_and_no_space(self) -> None:
        tokens = geneval2.answer_tokens("How many?", "zero")
        assert tokens == {"zero", "Zero", " zero", " Zero", "other", " other"}

    def test_digits_in_place_of_a_word_begin_with_one_digit_or_the_bare_space(self) -> None:
        assert geneval2.answer_tokens("How many?", "12") == {"1", " ", "other", " other"}

    @pytest.mark.parametrize("logprob", [None, float("nan"), float("-inf")])
    def test_a_token_that_cannot_come_counts_nothing(self, logprob: float | None) -> None:
        entries = [{"token": "Yes", "logprob": logprob}, {"token": "No", "logprob": HALF}]
        assert geneval2.first_tokens({"logprobs": {"content": [{"top_logprobs": entries}]}}) == {
            "No": pytest.approx(HALF)
        }

    @pytest.mark.parametrize("question", ["how many?", "Is it red?", " How many?"])
    def test_any_other_question_takes_yes_whatever_is_expected(self, question: str) -> None:
        tokens = {"Yes": QUARTER, " yes": QUARTER, "YES": HALF, "No": HALF, "two": HALF}
        assert geneval2.probability(question, "two", tokens) == pytest.approx(0.5)

    def test_bytes_count_where_the_text_is_damaged(self) -> None:
        entries = [
            {"token": "?", "bytes": [89, 101, 115], "logprob": HALF},
            {"token": "�", "bytes": [228, 184], "logprob": QUARTER},
        ]
        choice = {"logprobs": {"content": [{"top_logprobs": entries}]}}
        assert geneval2.first_tokens(choice)["Yes"] == pytest.approx(HALF)

    @pytest.mark.parametrize("choice", [{}, {"logprobs": None}, {"logprobs": {"content": []}}])
    def test_no_log_probabilities_are_no_tokens(self, choice: dict[str, Any]) -> None:
        assert geneval2.first_tokens(choice) == {}

    def test_one_zero_makes_the_geometric_mean_zero(self) -> None:
        assert geneval2.soft_tifa([[1.0, 0.0], [0.5, 0.5]])["soft_tifa_gm"] == pytest.approx(25.0)

    def test_nothing_to_score_is_said(self) -> None:
        with pytest.raises(InputError, match="nothing to score"):
            geneval2.soft_tifa([])


class TestGenEval:
    @pytest.mark.parametrize("score,correct", [(0.3, False), (0.3001, True)])
    def test_a_box_counts_above_its_threshold(self, score: float, correct: bool) -> None:
        assert geneval.is_correct(metadata(), {"door": [box(0, score=score)]}) is correct

    @pytest.mark.parametrize("score,correct", [(0.9, False), (0.91, True)])
    def test_counting_asks_for_more(self, score: float, correct: bool) -> None:
        assert geneval.is_correct(metadata("counting"), {"door": [box(0, score=score)]}) is correct

    def test_only_the_best_boxes_need_the_colour(self) -> None:
        boxes = [box(0, score=0.5, colour="blue"), box(20, score=0.6, colour="red")]
        assert geneval.is_correct(metadata(color="red"), {"door": boxes})
        assert not geneval.is_correct(metadata(color="red", count=2), {"door": boxes})

    def test_more_than_sixteen_boxes_are_never_seen(self) -> None:
        asked = {**metadata("counting"), "exclude": [{"class": "door", "count": 17}]}
        assert geneval.is_correct(asked, {"door": [box(20 * n) for n in range(20)]})
        asked["exclude"] = [{"class": "door", "count": 16}]
        assert not geneval.is_correct(asked, {"door": [box(20 * n) for n in range(20)]})

    def test_a_diagonal_is_two_relations_and_a_near_box_none(self) -> None:
        assert geneval.relations(box(100, 100), box(0, 0)) == {"right of", "below"}
        assert geneval.relations(box(2), box(0)) == set()

    def test_the_offset_is_reduced_and_its_length_is_not(self) -> None:
        assert geneval.relations(box(3.9), box(0)) == set()  # 1.9 of 3.9 is below a half
        assert geneval.relations(box(4.1), box(0)) == {"right of"}

    def test_corners_in_another_order_are_the_same_box(self) -> None:
        turned = geneval.Box((10, 10, 0, 0), 0.9, "red")
        for other in (box(0), box(4.1), box(100, 100)):
            assert geneval.relations(other, turned) == geneval.relations(other, box(0))

    def test_a_failed_clause_fails_what_points_at_it(self) -> None:
        roof = {"class": "roof", "count": 1, "position": ["right of", 0]}
        asked = metadata("position", color="blue")
        asked["include"].append(roof)
        assert not geneval.is_correct(asked, {"door": [box(0)], "roof": [box(90)]})

    def test_a_position_that_points_ahead_is_refused(self) -> None:
        with pytest.raises(InputError, match="points at clause 1"):
            geneval.is_correct(metadata(position=["above", 1]), {"door": [box(0)]})

    def test_names_are_digits_and_png(self) -> None:
        names = ["0000.png", "7.png", "a1.png", "1.jpg", "grid.png"]
        assert [geneval.is_judged(name) for name in names] == [True, True, False, False, False]

    def test_the_overall_is_over_tasks_and_prompts_are_told_by_their_metadata(self) -> None:
        one, two = metadata("colors"), metadata("counting")
        told = geneval.summarize(
            [geneval.Judged(one, [True]), geneval.Judged(one, [False] * 3), geneval.Judged(two, [True])]
        )
        assert told["overall"] == pytest.approx((0.25 + 1) / 2)
        assert told["images_correct"] == pytest.approx(0.4)
        assert (told["prompts"], told["prompts_with_a_correct_image"]) == (2, 1.0)


def rows(*lines: tuple[str, int, str]) -> list[dict[str, Any]]:
    return [
        {
            "item_id": item,
            "proposition_id": number,
            "dependency": parents,
            "tuple": f"entity - whole (x{number})",
            "question_natural_language": f"q{place}",
        }
        for place, (item, number, parents) in enumerate(lines)
    ]


class TestDPG:
    def test_the_first_line_is_dropped_and_a_torn_item_keeps_its_last_block(self) -> None:
        items = dpg.read_items(
            rows(("a", 1, "0"), ("a", 2, "0"), ("b", 1, "0"), ("a", 3, "0"), ("a", 4, "3"))
        )
        assert {name: list(item) for name, item in items.items()} == {"a": [3, 4], "b": [1]}

    def test_of_two_with_one_number_the_later_stands_in_the_first_place(self) -> None:
        item = dpg.read_items(rows(("x", 1, "0"), ("a", 1, "0"), ("a", 2, "0"), ("a", 1, "2")))["a"]
        assert list(item) == [1, 2]
        assert (item[1].question, item[1].parents) == ("q3", (2,))

    def test_zeroes_travel_down_the_order_only(self) -> None:
        item = dpg.read_items(
            rows(("x", 1, "0"), ("a", 1, "3"), ("a", 2, "1"), ("a", 3, "4"), ("a", 4, "0"))
        )["a"]
        own = dpg.own_answers(item, {1: "yes", 2: "yes", 3: "yes", 4: "no"})
        assert dpg.zeroed(item, own) == {1: 1.0, 2: 1.0, 3: 0.0, 4: 0.0}

    @pytest.mark.parametrize("said", ["Yes", "yes.", "yes ", "YES", ""])
    def test_only_the_exact_yes_counts(self, said: str) -> None:
        item = dpg.read_items(rows(("x", 1, "0"), ("a", 1, "0")))["a"]
        assert dpg.own_answers(item, {1: said}) == {1: 0.0}

    def test_an_unknown_parent_fails_the_file_only_when_it_is_reached(self) -> None:
        item = dpg.read_items(rows(("x", 1, "0"), ("a", 1, "0"), ("a", 2, "1, 9")))["a"]
        assert dpg.score_file(item, [{1: "yes", 2: "yes"}]) is None
        reached = dpg.score_file(item, [{1: "no", 2: "yes"}])
        assert reached is not None
        assert reached.score == 0.0

    def test_the_item_is_the_name_up_to_the_first_dot(self) -> None:
        assert [dpg.item_of(name) for name in ("a.png", "a.two.jpg", "a")] == ["a", "a", "a"]


class TestOneIG:
    def test_a_grandparent_does_not_matter(self) -> None:
        parents: dict[str, list[int]] = {"1": [0], "2": [1], "3": [2]}
        assert oneig_alignment.cell_score(
            parents, {"1": "No", "2": "Yes", "3": "Yes"}
        ) == pytest.approx(1 / 3)

    def test_a_prompt_without_cells_is_left_out_of_the_mean(self) -> None:
        assert oneig_alignment.prompt_score({}, []) is None
        assert oneig_alignment.summarize({"a": None, "b": 0.5})["alignment"] == 0.5

    def test_normalising(self) -> None:
        assert oneig_text.normalize("['Señor\tFuß,  Déjà vu\\n 7:30']") == "Seor Fu Déjà vun 730"
        assert oneig_text.normalize("大 门 Ab\n9龥") == "大门Ab9龥"
        assert oneig_text.normalize("['...', '!?']") == ""

    def test_no_text_goes_with_its_full_stop_only(self) -> None:
        assert oneig_text.compare("['No text']", "No text recognized.") == oneig_text.Reading(7, 0, 2)
        assert oneig_text.compare("['No text']", "No text recognized").matched == 2

    def test_an_empty_truth_has_no_accuracy(self) -> None:
        assert oneig_text.figures([oneig_text.compare("['!']", "abc")]) == [3.0, 0.0, 0.0]

    def test_a_black_picture_takes_the_readings_before_it(self) -> None:
        turns = dict(oneig_text.readings_in_turn([("a", "['x']", ["x", "y"]), ("b", "['y']", [])]))
        assert turns["b"] is not None
        assert [reading.distance for reading in turns["b"]] == [1, 0]
        with pytest.raises(InputError, match="black"):
            list(oneig_text.readings_in_turn([("b", "['y']", [])]))

    def test_the_answer_may_be_long_beyond_sixty_words(self) -> None:
        assert oneig_text.token_limit("w " * 60) == 128
        assert oneig_text.token_limit("w " * 61) == 256


class TestWISE:
    @pytest.mark.parametrize(
        "text",
        [
            "**Consistency:** 2\n**Realism:** 1\n**Aesthetic Quality:** 0",
            "Consistency：2",
            "2\n1",
            "2 1 0",
            None,
        ],
    )
    def test_legacy_cannot_read(self, text: str | None) -> None:
        assert wise.read_legacy(text) is None

    def test_legacy_takes_any_one_digit_and_the_last_of_a_name(self) -> None:
        text = "consistency 10 REALISM: 7.5 **Aesthetic Quality** : 2 Consistency: 3"
        assert wise.read_legacy(text) == {"consistency": 3, "realism": 7, "aesthetic_quality": 2}

    @pytest.mark.parametrize(
        "text,score",
        [
            ("Score: 0.5", 0),
            ("underscore 1", 1),
            ("x</think>Score 1", 1),
            ("a\n 1 \nb", 1),
            ("Score: 10", None),
        ],
    )
    def test_verified(self, text: str, score: float | None) -> None:
        assert wise.read_verified(text) == score

    def test_three_calls_and_no_more(self) -> None:
        assert wise.first_read([None, "", "Score: 1"], wise.read_verified) == 1
        assert wise.first_read([None, "", "", "Score: 1"], wise.read_verified) is None

    @pytest.mark.parametrize("protocol", [wise.LEGACY, wise.VERIFIED])
    def test_the_overall_needs_every_id(self, protocol: wise.Protocol) -> None:
        scores = dict.fromkeys(range(1, 1001), 0.5)
        assert wise.summarize(scores, protocol)["overall_printed"] == "0.50"
        del scores[1000]
        assert wise.summarize(scores, protocol)["overall"] is None

    def test_categories_end_where_the_protocol_says(self) -> None:
        ids = (0, 1, 400, 401, 520, 521, 567, 568, 1000, 1001)
        legacy = [
            None,
            "CULTURE",
            "CULTURE",
            "TIME",
            "TIME",
            "TIME",
            "TIME",
            "SPACE",
            "CHEMISTRY",
            None,
        ]
        assert [wise.category_of(n, wise.LEGACY) for n in ids] == legacy
        assert wise.category_of(521, wise.VERIFIED) == "SPACE"


class TestLongText:
    def test_ids_are_numbers_with_or_without_zeroes(self) -> None:
        names = ["0007_2.png", "7.png", "7_1_seed.png"]
        assert [longtext.prompt_id(name) for name in names] == [7, 7, 7]
        with pytest.raises(InputError, match=r"door\.png"):
            longtext.prompt_id("door.png")

    def test_order_and_more_text_cost_nothing_and_repeats_do(self) -> None:
        assert longtext.matched_and_total(["Red", "door red"], "DOOR! big red", "en") == (2, 3)
        assert longtext.matched_and_total(["红门 Ab"], "门红ab", "zh") == (3, 4)

    def test_add_criterion_stays(self) -> None:
        assert longtext.matched_and_total(["addCriterion"], "addCriterion", "en") == (1, 1)

    def test_nothing_that_counts_is_said(self) -> None:
        with pytest.raises(InputError, match="counts"):
            longtext.summarize({"1.png": longtext.matched_and_total(["!"], "x", "en")})


class TestSpatial:
    @pytest.mark.parametrize("line", ["a", "(A)", "**A**", "1. A", "Option A", "Ａ"])
    def test_the_first_character_decides(self, line: str) -> None:
        assert spatial.count_votes([line] * 5, 1).right(["A"]) == [False]

    def test_lines_are_parted_by_line_feeds_alone(self) -> None:
        assert spatial.read_letters("A\r\n\r\n B\u2028C\n", 2) == ["A", "B"]

    def test_four_of_five_agree(self) -> None:
        assert spatial.count_votes(["A"] * 4 + ["B"], 1).right(["A"]) == [True]
        assert spatial.count_votes(["A"] * 3 + ["B"] * 2, 1).right(["A"]) == [False]

    def test_dimensions_are_rounded_as_binary_numbers(self) -> None:
        told = spatial.summarize([[n < 61, n < 9] for n in range(80)])
        assert told["dimensions"] == [0.762, 0.113]
        assert spatial.summarize([[n < 9] for n in range(16)])["dimensions"] == [0.562]

    def test_nothing_judged_has_no_mean(self) -> None:
        assert spatial.summarize([])["avg_acc"] is None


class TestCREA:
    @pytest.mark.parametrize(
        "reply",
        [
            None,
            "",
            "1, 2, 3, 4, 5, 6",
            "[1, 2, 3, 4, 5, 6,]",
            "[[1,2,3,4,5,6]]",
            "[5] then [1,2,3,4,5,6]",
            "[1,2,3,4,5,null]",
        ],
    )
    def test_dropped(self, reply: str | None) -> None:
        assert crea.read_scores(reply) is None

    def test_taken_as_they_are(self) -> None:
        assert crea.read_scores('x [0, -1, 9, "4", true,\n2.5] y') == [0, -1, 9, 4, 1, 2.5]


@pytest.mark.parametrize(
    "one,other,apart", [("", "", 0), ("", "abc", 3), ("kitten", "sitting", 3), ("ab", "ba", 2)]
)
def test_edit_distance(one: str, other: str, apart: int) -> None:
    assert edit_distance(one, other) == apart


def test_sums_are_the_scripts_own_to_the_last_bit() -> None:
    tenths = [0.1] * 10
    assert total(tenths) == 0.9999999999999999 and mean(tenths) == 0.09999999999999999
    assert pairwise_mean(tenths) == 0.1 and pairwise_mean([]) is None
    with pytest.raises(InputError, match="nothing to score"):
        mean([])
