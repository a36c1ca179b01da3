"""Figures: paired, with intervals, the same twice; and whose score they are."""

from __future__ import annotations

from collections.abc import Callable

from gems.evals.arms import Arm, packaged_arms
from gems.evals.records import Record
from gems.evals.score import alike_note, estimate, memory_pairs, score, scorer_note
from gems.evals.tables import difference_table, round_table, saving_table

ARMS = (Arm(name="base"), Arm(name="loop"))
MakeRecord = Callable[..., Record]


def test_figures_are_paired_and_the_same_twice(record: MakeRecord) -> None:
    records = [record("base", n, 1, False) for n in range(6)]
    records += [record("loop", n, 3, n != 0, best_by_round=[1, 1, 2]) for n in range(6)]
    scores = score(records, ARMS)
    assert scores == score(records, ARMS)
    base, loop = scores.arms
    assert (base.correct.mean, round(loop.correct.mean, 1)) == (0.0, 83.3)
    [gain] = scores.differences
    assert (gain.arm, gain.over) == ("loop", "base")
    assert round(gain.correct.mean, 1) == 83.3 and 0 < gain.correct.low < gain.correct.high <= 100
    assert gain.images.mean == 2.0 and loop.halves == (3.0, 3.0)
    head, rows = round_table(scores.arms)
    assert head[1:] == ["1", "2", "3"]
    assert rows == [["base", "0.0", "0.0", "0.0"], ["loop", "0.0", "0.0", "100.0"]]


def test_an_arm_is_compared_with_the_first_the_one_before_and_those_it_names(
    record: MakeRecord,
) -> None:
    names = ["one", "two", "three", "four"]
    records = [record(name, 0, 1) for name in names]
    arms = [Arm(name=name) for name in names[:3]]
    arms.append(Arm(name="four", against=("two", "three", "elsewhere", "four")))
    pairs = [(item.arm, item.over) for item in score(records, arms).differences]
    before = [("two", "one"), ("three", "one"), ("four", "one"), ("three", "two"), ("four", "three")]
    assert pairs == [*before, ("four", "two")]


def test_the_packaged_loops_are_compared_with_the_best_of_five(record: MakeRecord) -> None:
    arms = packaged_arms()
    scores = score([record(arm.name, 0, 1) for arm in arms], arms)
    over = {item.arm for item in scores.differences if item.over == "best-of-5"}
    assert over == {arm.name for arm in arms if arm.context.rounds > 1}


def test_figures_say_whose_they_are(record: MakeRecord) -> None:
    own = [record("base", n, 1) for n in range(3)]
    judged = [record("loop", n, 1, scorer="openai:j", unjudged=n) for n in range(3)]
    assert "loop's own verdicts, not an independent score" in scorer_note(score(own, ARMS))
    note = scorer_note(score(judged, ARMS))
    assert "Scored by openai:j" in note and "own verdicts" not in note
    assert "3 requirements could not be judged" in note
    assert "3 of 6 records are the loop's own verdicts" in scorer_note(score(own + judged, ARMS))


def test_what_memory_saves_is_the_share_of_pictures_in_the_second_half(record: MakeRecord) -> None:
    assert memory_pairs(packaged_arms()) == [
        ("loop+memory", "loop"),
        ("loop+memory+skills", "loop+skills"),
        ("loop+memory+skills", "gems"),
    ]
    records = [record("loop", n, 4) for n in range(100)]
    records += [record("loop+memory", n, 4 if n < 50 else 1 + n % 2, n != 99) for n in range(100)]
    scores = score(records, packaged_arms())
    [saved] = scores.savings
    assert (saved.arm, saved.over, saved.prompts) == ("loop+memory", "loop", 50)
    assert saved.images.mean == 62.5 and 58 < saved.images.low < 62.5 < saved.images.high < 67
    assert saved.correct.mean == -2.0
    [row] = saving_table(scores.savings).rows
    assert row[0] == "loop+memory against loop" and row[-1] == "a saving"
    assert score(records[:100], packaged_arms()).savings == []


def test_an_interval_holds_the_mean_and_narrows_with_more_prompts() -> None:
    few, many = estimate([0.0, 100.0] * 10), estimate([0.0, 100.0] * 1000)
    assert few.mean == many.mean == 50.0
    assert few.low < many.low < 50 < many.high < few.high
    # The binomial's own standard error, 100 * sqrt(p (1 - p) / n), times 1.96.
    assert abs((many.high - many.low) / 2 - 1.96 * 50 / 2000**0.5) < 0.2


def test_a_handful_of_prompts_shows_nothing_and_alike_ones_are_no_certainty(
    record: MakeRecord,
) -> None:
    for prompts, said in ((1, "no gain shown by so few prompts"), (5, "so few"), (6, "a gain, fewer")):
        records = [record("base", n, 3, correct=False) for n in range(prompts)]
        records += [record("loop", n, 1) for n in range(prompts)]
        scores = score(records, [Arm(name="base"), Arm(name="loop", rank=60)])
        ((_, points, _, remark),) = difference_table(scores.differences).rows
        assert points == "+100.0 [100.0, 100.0]" and said in remark
        assert "fewer pictures" in remark or prompts < 6
        note = alike_note([arm.correct for arm in scores.arms])
        assert f"the {prompts} prompts" in note and f"{min(100, 300 // prompts)}%" in note
    assert alike_note([estimate([0.0, 1.0])]) == ""
