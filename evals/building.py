"""What the packaged suites are built with: random prompts that can be drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from ..models.embedded.decisions import decide
from ..models.embedded.eye import Scene, Seen
from ..models.embedded.layout import Solver, run_of
from ..models.embedded.questions import parse_question, questions_for
from ..models.embedded.reading.grammar import read_prompt
from ..models.embedded.wish import Wish
from ..models.embedded.world import PLAIN
from .cases import SUITES, Case

PATIENCE = 20_000
"""Tries in a row without a new prompt, after which no more are looked for."""
Rng = np.random.Generator
Make = Callable[[Rng, int], str | None]
"""A prompt of a level; None: this try gave none."""


def pick(rng: Rng, options: Sequence[str]) -> str:
    """One of ``options``, each as likely as another."""
    return options[int(rng.integers(len(options)))]


def one_of(rng: Rng, *choices: Sequence[int]) -> Sequence[int]:
    """One of ``choices``, each as likely as another."""
    return choices[int(rng.integers(len(choices)))]


def listed(parts: Sequence[str]) -> str:
    """``parts``, one or more, as a sentence lists them: "a, b and c"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def prompts(make: Make, level: int, rng: Rng) -> Iterator[str]:
    """Different prompts of a level that can be drawn, until no more are found."""
    told: set[str] = set()
    misses = 0
    while misses < PATIENCE:
        text = make(rng, level)
        misses += 1
        if text is not None and text not in told and can_be_drawn(text):
            told.add(text)
            misses = 0
            yield text


def mixed(rng: Rng, cases: Sequence[Case]) -> list[Case]:
    """``cases`` in another order."""
    return [cases[int(position)] for position in rng.permutation(len(cases))]


def case_of(kind: str, level: int, number: int, prompt: str) -> Case:
    """A case with its name."""
    return Case(id=f"{kind}-{level}-{number:02d}", prompt=prompt, kind=kind, level=level)


def write_suite(name: str, cases: Sequence[Case]) -> None:
    """Writes a packaged suite."""
    lines = "".join(case.line() + "\n" for case in cases)
    (SUITES / f"{name}.jsonl").write_text(lines, encoding="utf-8")


def can_be_drawn(prompt: str) -> bool:
    """Whether some arrangement answers every question of ``prompt`` with yes."""
    wish = read_prompt(prompt)
    checks = [parse_question(item["question"]) for item in questions_for(wish)]
    return all(decide(check, arranged(wish))[0] for check in checks)


def arranged(wish: Wish) -> Scene:
    """A picture of what is wished; what was left open has no name."""
    solver = Solver(wish, 0)
    objects = []
    for owner, start in zip(solver.owners, solver.solve(), strict=True):
        kind = wish.groups[owner].kind
        names = list(kind.name or "") if kind.is_word else [kind.name or ""]
        for name, cell in zip(names, run_of(start, kind.span), strict=True):
            objects.append(Seen(kind.colour or "", name, kind.size or "", cell))
    return Scene(wish.ground or PLAIN, tuple(objects))
