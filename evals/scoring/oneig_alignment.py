"""OneIG-Bench, alignment: yes/no questions with parents, asked of every cell of a grid.

Rule of OneIG-Bench/OneIG-Benchmark 41b4983, ``alignment_score.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .means import mean, mean_or_none, pairwise_mean

Cell = Mapping[str, str]
"""The judge's words about one cell, by question."""


def cell_score(dependency: Mapping[str, Sequence[int]], answers: Cell) -> float:
    """The share of questions answered with the exact word ``Yes`` whose parents' own answers are that
    too; a parent that no question is does not matter, nor does a grandparent."""
    own = {name: answer == "Yes" for name, answer in answers.items()}
    return mean(
        [
            float(right and all(own.get(str(parent), True) for parent in dependency.get(name, ())))
            for name, right in own.items()
        ]
    )


def prompt_score(dependency: Mapping[str, Sequence[int]], cells: Sequence[Cell]) -> float | None:
    """The mean over the cells that are not black; None without any: the prompt is left out."""
    return mean_or_none([cell_score(dependency, answers) for answers in cells])


def summarize(prompts: Mapping[str, float | None]) -> dict[str, Any]:
    """The mean over the prompts of all classes together."""
    scores = [score for score in prompts.values() if score is not None]
    return {"alignment": pairwise_mean(scores), "per_prompt": dict(prompts)}
