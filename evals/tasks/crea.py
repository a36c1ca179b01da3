"""CREA and ArtiMuse: how creative and how beautiful pictures of a few prompts are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from ...errors import InputError
from ..scoring import crea as rule
from .files import place, read_items, read_lines_of_json, read_text, scores_by_picture, write_json
from .task import PICTURE, Ask, Figures, Item, Judged, Numbers, Task, ratio, texts_of


def read_prompts(data: Path) -> list[Item]:
    """Prompts of a .txt file, a line each, or of JSON: objects with ``prompt``, or a list of texts.

    Raises:
        InputError: there are none.
    """
    if data.suffix in {".json", ".jsonl"}:
        lines: list[Any] = read_lines_of_json(data)
    else:
        lines = [{"prompt": line} for line in read_text(data).split("\n") if line.strip()]
    return read_items(
        data, lines, lambda number, line: Item(f"{number:03d}", str(line["prompt"]).strip())
    )


def lay_out_by_prompt(shown: Mapping[str, Sequence[Path]], items: Sequence[Item], to: Path) -> None:
    """``ID_NUMBER.png``, and ``pictures.json`` from a prompt to its pictures' paths."""
    paths: dict[str, list[str]] = {}
    for item in items:
        for number, picture in enumerate(shown.get(item.id, ())):
            target = to / "pictures" / f"{item.id}_{number:02d}.png"
            place(picture, target)
            paths.setdefault(item.prompt, []).append(str(target))
    write_json(paths, to / "pictures.json")


class Crea(Task):
    """25 pictures a prompt, six criteria each; see ``scoring/crea.py``."""

    name = "crea"
    title = "CREA"
    judge = "Kimi-K2.5"
    pictures = 25
    size = 12
    headline = "sum of six"
    digits = 2
    top = 30.0
    published = "CREA"

    def read(self, data: Path) -> list[Item]:
        """See ``Task``."""
        return read_prompts(data)

    def lay_out(self, shown: Mapping[str, Sequence[Path]], items: Sequence[Item], to: Path) -> None:
        """See ``Task``."""
        lay_out_by_prompt(shown, items, to)

    def asks(self, item: Item) -> Iterator[Ask]:
        """See ``Task``; no temperature is given."""
        user, system = self.wording.text("user", prompt=item.prompt), self.wording.text("system")
        yield Ask("scores", (user, PICTURE), {"max_tokens": 8192}, system)

    def tally(self, judged: Judged) -> Sequence[float] | None:
        """See ``Task``: the six sums over the item's pictures, and how many count."""
        read = [s for s in self._scores(judged) if s is not None]
        return [*map(sum, zip(*read, strict=True)), len(read)] if read else None

    def _scores(self, judged: Judged) -> list[rule.Scores | None]:
        replies = [text for answers in judged.answers for text in texts_of(answers, "scores")]
        return [rule.read_scores(reply) for reply in replies]

    def combine(self, sums: Numbers) -> Numbers:
        """See ``Task``."""
        return ratio(sums[:, :-1].sum(axis=1), sums[:, -1])

    def figures(self, judged: Sequence[Judged]) -> Figures:
        """See ``Task``."""
        told = rule.summarize({one.item.prompt: self._scores(one) for one in judged})
        dropped = sum(scores.count(None) for scores in told["scores"].values())
        criteria = dict(zip(rule.CRITERIA, told["means"], strict=True))
        return {"sum of six": told["total"], "by criterion": criteria, "dropped replies": dropped}

    def read_official(self, path: Path, items: Sequence[Item], arm: str = "") -> Figures:
        """See ``Task``: a row a picture with ``image`` and ``score``, the sum of its six."""
        found = scores_by_picture(path, items)
        return {"sum of six": mean_of(found, path)}


class ArtiMuse(Task):
    """Aesthetic scores by ArtiMuse's own checkpoint: pictures are laid out, scores are read back."""

    name = "artimuse"
    title = "ArtiMuse"
    judge = "the ArtiMuse checkpoint"
    pictures = 25
    size = 12
    by_api = False
    headline = "mean score"
    digits = 2
    top = 100.0
    published = "ArtiMuse"

    def read(self, data: Path) -> list[Item]:
        """See ``Task``."""
        return read_prompts(data)

    def lay_out(self, shown: Mapping[str, Sequence[Path]], items: Sequence[Item], to: Path) -> None:
        """See ``Task``."""
        lay_out_by_prompt(shown, items, to)

    def asks(self, item: Item) -> Iterator[Ask]:
        """Nobody else can be asked.

        Raises:
            InputError: always.
        """
        raise InputError(
            "ArtiMuse's scores are by its own checkpoint: run it over the laid-out pictures, then "
            "`gems eval score --official FILE` with a row a picture: image, score"
        )

    def read_official(self, path: Path, items: Sequence[Item], arm: str = "") -> Figures:
        """See ``Task``: a row a picture with ``image`` and ``score``."""
        found = scores_by_picture(path, items)
        by_prompt = {item.prompt: fmean(found[item.id]) for item in items if item.id in found}
        return {"mean score": mean_of(found, path), "by prompt": by_prompt}


def mean_of(scores: Mapping[str, Sequence[float]], path: Path) -> float:
    """The mean over all pictures.

    Raises:
        InputError: none of them is an item's.
    """
    every = [score for values in scores.values() for score in values]
    if not every:
        raise InputError(f"{path} names no picture of this run")
    return float(np.mean(every))
