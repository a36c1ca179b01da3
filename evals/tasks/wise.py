"""WISE as two tasks; see ``scoring/wise.py``. Papers before 2026-04-19 mean the legacy one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ...errors import InputError
from ..scoring import wise as rule
from .files import place, read_items, read_lines_of_json
from .task import PICTURE, Answers, Ask, Figures, Item, Judged, Numbers, Reply, Task, ratio, texts_of


class Wise(Task):
    """One picture a prompt, one question about it, asked up to three times."""

    size = 1000
    headline = "WiScore"
    digits = 2
    published = "WISE"
    protocol: ClassVar[rule.Protocol]
    options: ClassVar[Mapping[str, Any]]

    def score_of(self, text: str | None) -> float | None:
        """A reply's score, 0..1; None where it cannot be read."""
        raise NotImplementedError

    def official_score(self, line: Mapping[str, Any]) -> float:
        """The score in a line of the official result file."""
        raise NotImplementedError

    def read(self, data: Path) -> list[Item]:
        """See ``Task``: a JSON file, or a folder with several, of objects with ``prompt_id``."""
        paths = sorted(data.glob("*.json*")) if data.is_dir() else [data]
        if not paths:
            raise InputError(f"{data} has no .json files: name WISE's prompt files")
        lines = [line for path in paths for line in read_lines_of_json(path)]
        return sorted(read_items(data, lines, self._as_item), key=lambda item: int(item.id))

    def _as_item(self, number: int, line: dict[str, Any]) -> Item:
        prompt_id = int(line["prompt_id"])
        category = rule.category_of(prompt_id, self.protocol)
        if category is None:
            raise ValueError(f"prompt_id {prompt_id} is not within 1..1000")
        data = {"explanation": line["Explanation"], "category": category}
        return Item(str(prompt_id), line["Prompt"], category, data)

    def lay_out(self, shown: Mapping[str, Sequence[Path]], items: Sequence[Item], to: Path) -> None:
        """See ``Task``: ``ID.png``."""
        for item in items:
            if shown.get(item.id):
                place(shown[item.id][0], to / f"{item.id}.png")

    def asks(self, item: Item) -> Iterator[Ask]:
        """See ``Task``: rubric, prompt and explanation, then the picture."""
        fields = {"prompt": item.prompt, "explanation": item.data["explanation"]}
        yield Ask(
            "score",
            (self.wording.text("user", **fields), PICTURE),
            self.options,
            self.wording.text("system", **fields),
            rule.MOST_CALLS,
            self._can_be_read,
        )

    def _can_be_read(self, replies: Sequence[Reply]) -> bool:
        return any(self.score_of(reply.text) is not None for reply in replies)

    def _score(self, answers: Sequence[Answers]) -> float | None:
        return rule.first_read(texts_of(answers[0], "score"), self.score_of) if answers else None

    def tally(self, judged: Judged) -> Sequence[float] | None:
        """See ``Task``: score and count in the columns of the item's category."""
        score = self._score(judged.answers)
        if score is None:
            return None
        row = [0.0] * (2 * len(self.protocol.categories))
        place_of = list(self.protocol.categories).index(judged.item.data["category"])
        row[2 * place_of : 2 * place_of + 2] = [score, 1.0]
        return row

    def combine(self, sums: Numbers) -> Numbers:
        """See ``Task``. Weights count over the categories that there are, so that a part of the
        benchmark has a figure too; of the whole it is the official one."""
        weights = np.array([weight for _, weight in self.protocol.categories.values()])
        means = ratio(sums[:, 0::2], sums[:, 1::2])
        there = ~np.isnan(means)
        return ratio(np.where(there, means * weights, 0).sum(axis=1), (there * weights).sum(axis=1))

    def figures(self, judged: Sequence[Judged]) -> Figures:
        """See ``Task``."""
        scores = {int(one.item.id): self._score(one.answers) for one in judged}
        return self._breakdown(
            {n: score for n, score in scores.items() if score is not None}, len(judged)
        )

    def _breakdown(self, scores: Mapping[int, float], asked: int) -> Figures:
        told = rule.summarize(scores, self.protocol)
        return {
            "overall (needs all 1,000)": told["overall"],
            "by category": told["category_means"],
            "without a score": asked - len(scores),
        }

    def read_official(self, path: Path, items: Sequence[Item], arm: str = "") -> Figures:
        """See ``Task``; the script's file of scores, a line an id, or its file of evaluations, whose
        texts are read."""
        scores = {}
        for line in read_lines_of_json(path):
            try:
                number, text = int(line["prompt_id"]), line.get("evaluation")
                score = self.score_of(text) if text is not None else self.official_score(line)
                if score is not None:
                    scores[number] = score
            except (KeyError, TypeError, ValueError) as exc:
                what = f"lacks {exc}" if isinstance(exc, KeyError) else f"cannot be read ({exc})"
                raise InputError(f"{path}: a line {what}: name the script's file of scores") from exc
        known = {int(item.id) for item in items}
        if known.isdisjoint(scores):
            raise InputError(f"{path} has no score of a prompt of this run, by its `prompt_id`")
        return self._breakdown(scores, len(known | scores.keys()))


class WiseLegacy(Wise):
    """Three scores of 0..2 by GPT-4o."""

    name = "wise-legacy"
    title = "WISE (legacy)"
    judge = "gpt-4o-2024-05-13"
    protocol = rule.LEGACY
    options = {"temperature": 0, "max_tokens": 2000}  # noqa: RUF012

    def score_of(self, text: str | None) -> float | None:
        """See ``Wise``."""
        scores = rule.read_legacy(text)
        return None if scores is None else rule.legacy_score(scores)

    def official_score(self, line: Mapping[str, Any]) -> float:
        """See ``Wise``."""
        return rule.legacy_score({name: float(line[name]) for name in rule.ASPECTS})


class WiseVerified(Wise):
    """One score of 0 or 1."""

    name = "wise-verified"
    title = "WISE_Verified"
    judge = "Qwen3.5-35B-A3B"
    protocol = rule.VERIFIED
    published = ""
    options = {  # noqa: RUF012
        "temperature": 0,
        "max_tokens": 500,
        "chat_template_kwargs": {"enable_thinking": False},
    }

    def score_of(self, text: str | None) -> float | None:
        """See ``Wise``."""
        return rule.read_verified(text)

    def official_score(self, line: Mapping[str, Any]) -> float:
        """See ``Wise``."""
        return float(line["score"])
