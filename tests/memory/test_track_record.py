"""The track record: rows of how often skills and strategies worked."""

from __future__ import annotations

from collections.abc import Sequence

import hypothesis.strategies as st
from gems.memory.experiences import Experience
from gems.memory.track_record import MOST_ROWS, track_record
from hypothesis import given
from sample_experiences import experience

NAMES = st.sampled_from(["", "none", "spatial", "count", "count x", "digits", "name cells", "a: b"])
EXPERIENCES = st.lists(
    st.builds(
        experience,
        prompt=st.just("a cat"),
        number=st.integers(1, 3),
        skill=NAMES,
        action=st.sampled_from(["rewrite", "resample", "end"]),
        kinds=st.lists(NAMES, max_size=2, unique=True).map(tuple),
        strategy=NAMES,
        solved=st.booleans(),
        gained=st.integers(-5, 5),
    ),
    max_size=40,
)


def test_skills_and_strategies_add_up() -> None:
    halves = [
        experience(
            "a cat",
            thread=str(n),
            kinds=("count", "position"),
            strategy="digits",
            solved=n % 2 == 0,
        )
        for n in range(6)
    ]
    solved = experience("a dog", failed=(), action="end", skill="spatial", solved=True)
    assert track_record([*halves, solved]) == [
        {"failed": "count", "strategy": "digits", "right": 3, "tried": 6, "gained": 2.0},
        {"failed": "position", "strategy": "digits", "right": 3, "tried": 6, "gained": 2.0},
        {"skill": "none", "right": 0, "tried": 6},
        {"skill": "spatial", "right": 1, "tried": 1},
    ]


def test_the_gain_is_a_mean_to_a_tenth() -> None:
    three = [
        experience("a cat", 2, kinds=("count",), strategy="digits", gained=gained)
        for gained in (1, 1, 2)
    ]
    assert track_record(three)[0]["gained"] == 1.3  # type: ignore[typeddict-item]


def test_those_with_most_behind_them_are_kept() -> None:
    many = [
        experience("a cat", skill=f"skill-{n:02d}", thread=f"{n}/{again}")
        for n in range(MOST_ROWS + 5)
        for again in range(2 if n >= 10 else 1)
    ]
    found = track_record(many)
    assert len(found) == MOST_ROWS
    assert [row["tried"] for row in found] == [2] * 11 + [1] * 5
    assert found[0]["skill"] == "skill-10"  # type: ignore[typeddict-item]


@given(EXPERIENCES)
def test_a_row_is_one_skill_or_one_strategy_and_counts_are_sane(kept: Sequence[Experience]) -> None:
    found = track_record(kept)
    keys = [(row.get("skill"), row.get("failed"), row.get("strategy")) for row in found]
    assert len(set(keys)) == len(keys) <= MOST_ROWS
    assert all(0 <= row["right"] <= row["tried"] for row in found)
    assert [row["tried"] for row in found] == sorted((row["tried"] for row in found), reverse=True)
    assert track_record(list(reversed(kept))) == found
