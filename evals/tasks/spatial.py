"""SpatialGenEval as a task; see ``scoring/spatial.py``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import InputError
from ..scoring import spatial as rule
from ..scoring.means import mean
from .files import place, read_items, read_lines_of_json
from .task import PICTURE, Ask, Figures, Item, Judged, Numbers, Reply, Task, ratio, texts_of

QUESTIONS = 10


class SpatialGenEval(Task):
    """One picture a prompt, ten questions in one call, five valid replies."""

    name = "spatialgeneval"
    title = "SpatialGenEval"
    judge = "Qwen2.5-VL-72B-Instruct"
    size = 1230
    headline = "accuracy"
    published = "SpatialGenEval"

    def read(self, data: Path) -> list[Item]:
        """See ``Task``."""
        return read_items(data, read_lines_of_json(data), self._as_item)

    def _as_item(self, number: int, line: Mapping[str, object]) -> Item:
        questions, keys = list(line["questions"]), list(line["answers"])  # type: ignore[call-overload]
        if not len(questions) == len(keys) == QUESTIONS:
            raise ValueError(f"it has not {QUESTIONS} questions and answers")
        data = {"questions": questions, "keys": keys, "types": list(line["question_type"])}  # type: ignore[call-overload]
        return Item(f"{number + 1:06d}", str(line["prompt"]), str(line["scene"]), data)

    def lay_out(self, shown: Mapping[str, Sequence[Path]], items: Sequence[Item], to: Path) -> None:
        """See ``Task``: names padded with zeroes, since pictures and items pair by sorted name.

        Raises:
            InputError: pictures before the last one are missing, so that the others would be shifted.
        """
        there = [bool(shown.get(item.id)) for item in items]
        if False in there and any(there[there.index(False) :]):
            raise InputError(
                "the official script pairs pictures and prompts by position, and one is missing in "
                "between: draw all prompts before they are laid out"
            )
        for item in items:
            if shown.get(item.id):
                place(shown[item.id][0], to / f"{item.id}.png")

    def asks(self, item: Item) -> Iterator[Ask]:
        """See ``Task``: all questions in one text, then the picture; no limit of tokens."""
        questions = "\n".join(f"{n}. {text}" for n, text in enumerate(item.data["questions"], 1))
        text = self.wording.text("user", questions=questions, count=QUESTIONS, prompt=item.prompt)
        yield Ask(
            "letters",
            (text, PICTURE),
            {"temperature": 1.0},
            self.wording.text("system"),
            rule.MOST_CALLS,
            lambda replies: not ballot(replies).open,
        )

    def _right(self, judged: Judged) -> list[bool] | None:
        if not judged.answers:
            return None
        replies = judged.answers[0].get("letters", ())
        return ballot(replies).right(judged.item.data["keys"])

    def tally(self, judged: Judged) -> Sequence[float] | None:
        """See ``Task``: right answers by dimension, and 1."""
        right = self._right(judged)
        return None if right is None else [*map(float, right), 1.0]

    def combine(self, sums: Numbers) -> Numbers:
        """See ``Task``; each dimension is rounded, as in the official script."""
        shares = ratio(sums[:, :QUESTIONS], np.repeat(sums[:, QUESTIONS:], QUESTIONS, axis=1))
        return np.array([mean([round(float(v), 3) for v in row]) for row in shares])

    def figures(self, judged: Sequence[Judged]) -> Figures:
        """See ``Task``, with what blind answers would score on the same items."""
        right = [self._right(one) for one in judged]
        told = rule.summarize([verdicts for verdicts in right if verdicts is not None])
        types = judged[0].item.data["types"] if judged else []
        return {
            "accuracy": told["avg_acc"],
            "basic": told["basic_acc"],
            "spatial": told["spatial_acc"],
            "by dimension": dict(zip(types, told["dimensions"], strict=False)),
            "always C would score": always([one.item for one in judged], "C"),
            "given up": right.count(None),
        }

    def read_official(self, path: Path, items: Sequence[Item], arm: str = "") -> Figures:
        """See ``Task``; the script's lines with the five replies a picture.

        Raises:
            InputError: it is no such file, or was appended to twice.
        """
        lines = read_lines_of_json(path)
        if len(lines) > len(items):
            raise InputError(
                f"{path} has more lines than the data: the script appended to an older run"
            )
        judged = []
        for item, line in zip(items, lines, strict=False):
            replies = replies_in(line)
            if not replies:
                raise InputError(f"{path} needs a line an item with its five replies as a list")
            told = [Reply({"message": {"content": reply}}) for reply in replies]
            judged.append(Judged(item, [{"letters": told}]))
        return self.figures(judged)


def replies_in(line: Mapping[str, Any]) -> list[str]:
    """The replies of a line, whatever their field is called: a list of texts, or of lists of letters,
    that answer every question. The right letters are one list and no list of lists."""
    for value in line.values():
        texts = ["\n".join(map(str, v)) if isinstance(v, list) else v for v in as_list(value)]
        there = [text for text in texts if isinstance(text, str)]
        if any(rule.read_letters(text, QUESTIONS) for text in there):
            return there
    return []


def as_list(value: object) -> list[Any]:
    """``value`` where it is a list; else nothing."""
    return value if isinstance(value, list) else []


def ballot(replies: Sequence[Reply]) -> rule.Ballot:
    """The votes in replies."""
    return rule.count_votes(texts_of({"letters": replies}, "letters"), QUESTIONS)


def always(items: Sequence[Item], letter: str) -> float | None:
    """The accuracy of one letter for everything, without looking."""
    keys = [key for item in items for key in item.data["keys"]]
    return keys.count(letter) / len(keys) if keys else None
