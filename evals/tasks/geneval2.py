"""GenEval 2 as a task; see ``scoring/geneval2.py``. Its data is for non-commercial use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from ...errors import InputError
from ..scoring import geneval2 as rule
from .files import find_file, place, read_items, read_json, read_lines_of_json, write_json
from .task import PICTURE, Answers, Ask, Figures, Item, Judged, Numbers, Task, ratio


class GenEval2(Task):
    """One picture a prompt; every question's first token, by log-probabilities."""

    name = "geneval2"
    title = "GenEval 2"
    judge = "Qwen3-VL-8B-Instruct"
    size = 800
    by_tokens = True
    own_words = False
    headline = "Soft-TIFA GM"
    digits = 1
    top = 100.0
    published = "GenEval2"

    def read(self, data: Path) -> list[Item]:
        """See ``Task``; ``geneval2_data.jsonl``."""
        path = find_file(data, "geneval2_data.jsonl")
        return read_items(
            path,
            read_lines_of_json(path),
            lambda number, line: Item(
                f"{number:05d}",
                line["prompt"],
                f"{int(line['atom_count'])} atoms",
                {
                    "questions": [(question, expected) for question, expected in line["vqa_list"]],
                    "skills": line["skills"],
                    "atoms": int(line["atom_count"]),
                },
            ),
        )

    def lay_out(self, shown: Mapping[str, Sequence[Path]], items: Sequence[Item], to: Path) -> None:
        """See ``Task``: ``pictures.json`` maps a prompt to its picture's path."""
        paths = {}
        for item in items:
            if shown.get(item.id):
                target = to / "pictures" / f"{item.id}.png"
                place(shown[item.id][0], target)
                paths[item.prompt] = str(target)
        write_json(paths, to / "pictures.json")

    def asks(self, item: Item) -> Iterator[Ask]:
        """See ``Task``: picture, then the question; one token, its twenty likeliest."""
        options = {"max_tokens": 1, "temperature": 0, "logprobs": True, "top_logprobs": 20}
        for number, (question, _) in enumerate(item.data["questions"]):
            text = self.wording.text("user", question=question)
            yield Ask(str(number), (PICTURE, text), options)

    def tally(self, judged: Judged) -> Sequence[float] | None:
        """See ``Task``."""
        if not judged.answers:
            return None
        return (rule.geometric_mean(probabilities(judged.item, judged.answers[0])), 1.0)

    def combine(self, sums: Numbers) -> Numbers:
        """See ``Task``."""
        return 100 * ratio(sums[:, 0], sums[:, 1])

    def figures(self, judged: Sequence[Judged]) -> Figures:
        """See ``Task``. A question with nothing among the twenty makes a prompt's GM 0, where the
        official value is small and above 0: how many there are is said."""
        seen = [one for one in judged if one.answers]
        return breakdown(
            [one.item for one in seen], [probabilities(one.item, one.answers[0]) for one in seen]
        )

    def read_official(self, path: Path, items: Sequence[Item], arm: str = "") -> Figures:
        """See ``Task``; a list of lists of probabilities in the prompt file's order."""
        lists = read_json(path)
        fits = isinstance(lists, list) and [len(values) for values in lists] == [
            len(item.data["questions"]) for item in items
        ]
        if not fits:
            raise InputError(f"{path} has not a list of probabilities for each prompt of the data")
        return breakdown(items, lists)


def probabilities(item: Item, answers: Answers) -> list[float]:
    """The probability of each question's right answer."""
    found = []
    for number, (question, expected) in enumerate(item.data["questions"]):
        replies = answers.get(str(number), ())
        tokens = rule.first_tokens(replies[0].choice or {}) if replies else {}
        found.append(rule.probability(question, expected, tokens))
    return found


def breakdown(items: Sequence[Item], values: Sequence[Sequence[float]]) -> Figures:
    """The analysis script's figures, 0..100."""
    told = rule.soft_tifa(values)
    return {
        "Soft-TIFA GM": told["soft_tifa_gm"],
        "Soft-TIFA AM": told["soft_tifa_am"],
        "AM by skill": rule.by_skill([item.data["skills"] for item in items], values),
        "GM by atoms": {
            str(count): gm
            for count, gm in sorted(
                rule.by_atoms([item.data["atoms"] for item in items], values).items()
            )
        },
        "questions without a right token": int(np.sum([value == 0 for row in values for value in row])),
    }
