"""Arms: small files that hold the context of their runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from gems.errors import InputError
from gems.evals.arms import choose_arms, packaged_arms, read_arm


def test_an_arm_is_a_small_file(tmp_path: Path) -> None:
    file = tmp_path / "wide.toml"
    file.write_text('name = "wide"\nagainst = ["base"]\n[context]\ncandidates = 3\n')
    base, wide = choose_arms(f"{file},base")
    assert (base.name, wide.name, wide.against) == ("base", "wide", ("base",))
    assert wide.options == {"candidates": 3} and wide.context.rounds == 5


def test_an_arm_of_the_version_before_is_read(tmp_path: Path) -> None:
    file = tmp_path / "wide.toml"
    file.write_text('name = "wide"\n[knobs]\ncandidates = 3\n')
    assert read_arm(file).options == {"candidates": 3}


def test_without_names_the_ladder_is_run() -> None:
    assert [arm.name for arm in choose_arms(None)] == [
        arm.name for arm in packaged_arms() if arm.name not in {"loop+skills", "loop-unguarded", "gems"}
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name = ", "cannot be read"),
        ('name = "a"\n[context]\nrounds = 0', "context.rounds"),
        ('name = "a"\n[context]\nspeed = 1', "speed"),
        ('name = "a"\n[context]\nseed = 1', "the same in every arm"),
        ('name = "a"\n[context]\nask = true', "nobody is there to answer"),
        ('name = "a"\n[context]\nrounds = 2\n[knobs]\nrounds = 3', "knobs"),
        ('name = "a/b"', "name"),
    ],
)
def test_a_bad_arm_is_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(InputError, match=words):
        choose_arms(str(tmp_path / "a.toml"))


def test_arms_that_cannot_be_chosen_are_said() -> None:
    with pytest.raises(InputError, match="no arm 'nothing'.*base"):
        choose_arms("nothing")
    with pytest.raises(InputError, match="twice"):
        choose_arms("base,base")
