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
        fixed=st.lists(NAMES, max_size=2).map(tuple),
        unfixed=st.lists(NAMES, max_size=2).map(tuple),
        broken=st.lists(NAMES, max_size=2).map(tuple),
    ),
    max_size=40,
)


def test_each_failed_requirement_is_credited_by_itself() -> None:
    rounds = [
        experience(
            "a cat",
            thread=str(n),
            kinds=("count", "position"),
            strategy="digits",
            fixed=("count", "count"),
            unfixed=("position",),
            broken=("colour",) if n == 0 else (),
        )
        for n in range(3)
    ]
    solved = experience("a dog", failed=(), action="end", skill="spatial", solved=True)
    assert track_record([*rounds, solved]) == [
        {"failed": "count", "strategy": "digits", "fixed": 6, "tried": 6, "broke": 1},
        {"failed": "position", "strategy": "digits", "fixed": 0, "tried": 3, "broke": 1},
        {"skill": "none", "right": 0, "tried": 3},
        {"skill": "spatial", "right": 1, "tried": 1},
    ]


def test_older_experiences_tell_what_they_can() -> None:
    older = [
        experience("a", 2, kinds=("count", "text"), strategy="Name cells", solved=True, gained=2),
        experience("b", 3, kinds=("count", "text"), strategy="name cells", gained=0),
        experience("c", 4, kinds=("count", "text"), strategy="name cells", gained=1),
        experience("d", 5, kinds=("count",), strategy="name cells", gained=1),
    ]
    assert track_record(older) == [
        {"failed": "count", "strategy": "name positions", "fixed": 2, "tried": 3, "broke": 0},
        {"failed": "text", "strategy": "name positions", "fixed": 1, "tried": 2, "broke": 0},
    ]


def test_free_names_add_up_under_the_names_of_the_list() -> None:
    said = ["digits", "Use Digits!", "numeric emphasis on the count", "numbers"]
    kept = [
        experience("a", n, kinds=("count",), strategy=name, fixed=("count",))
        for n, name in enumerate(said, 2)
    ]
    [row] = track_record(kept)
    assert row == {"failed": "count", "strategy": "digits", "fixed": 4, "tried": 4, "broke": 0}


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
    assert all(0 <= row.get("right", row.get("fixed")) <= row["tried"] for row in found)  # type: ignore[operator]
    assert [row["tried"] for row in found] == sorted((row["tried"] for row in found), reverse=True)
    assert track_record(list(reversed(kept))) == found
