"""Invented runs of every benchmark score here as by the protocols' words."""

from __future__ import annotations

import json
import random
import string
from pathlib import Path
from typing import Any

import pytest
from gems.evals.scoring.golden import check_file
from invented_runs import MAKERS


@pytest.mark.parametrize("name", MAKERS)
def test_invented_runs_score_as_by_the_protocols_words(name: str, tmp_path: Path) -> None:
    runs = {str(seed): MAKERS[name](random.Random(f"{name} {seed}")) for seed in range(25)}
    golden = {
        "about": "",
        "input": {"runs": {seed: run for seed, (run, _) in runs.items()}},
        "official": {seed: official for seed, (_, official) in runs.items()},
    }
    path = tmp_path / f"{name}.json"
    path.write_text(json.dumps(golden))
    assert [f"{f.name}: {f.difference}" for f in check_file(path) if f.difference] == []


JUNK: list[Any] = [None, 3, "x", [], {}, [[]], {"a": None}, float("nan"), "\ud800", string.printable]


@pytest.mark.parametrize("name", MAKERS)
def test_a_member_that_is_spoilt_is_a_difference_or_one_line(name: str, tmp_path: Path) -> None:
    luck, path = random.Random(name), tmp_path / f"{name}.json"
    for seed in range(40):
        run, official = MAKERS[name](random.Random(f"{name} {seed}"))
        spoil(run, luck)
        path.write_text(json.dumps({"input": {"runs": {"a": run}}, "official": {"a": official}}))
        assert all("\n" not in finding.difference for finding in check_file(path))


def spoil(whole: Any, luck: random.Random) -> None:
    """Puts junk at some place within ``whole``."""
    while True:
        places = list(whole) if isinstance(whole, dict) else list(range(len(whole)))
        place = luck.choice(places)
        inner = whole[place]
        if isinstance(inner, dict | list) and inner and luck.random() < 0.8:
            whole = inner
            continue
        whole[place] = luck.choice(JUNK)
        return
