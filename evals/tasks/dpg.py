"""DPG-Bench as a task; see ``scoring/dpg.py``. mPLUG judges: grids are laid out for the official
script, its result file is read back. Another judge asked the same questions is another benchmark."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ...errors import InputError
from ..scoring import dpg as rule
from .files import place_grid, read_items, read_table, read_text
from .task import PICTURE, Answers, Ask, Figures, Item, Judged, Numbers, Task, first_text, ratio

SCORE = re.compile(r"^DPG-Bench score: (\S+)$", re.MULTILINE)
CATEGORY = re.compile(r"^\t(.+): (\S+)$", re.MULTILINE)


class Dpg(Task):
    """Four pictures a prompt in one 2 x 2 grid."""

    name = "dpg"
    title = "DPG-Bench"
    judge = "mPLUG large"
    pictures = 4
    size = 1065
    by_api = False
    headline = "DPG score"
    digits = 2
    top = 100.0
    published = "DPG"

    def read(self, data: Path) -> list[Item]:
        """See ``Task``: a folder of ``ID.txt``, or one above it, with ``dpg_bench.csv`` where there is
        one; without it pictures can be drawn and laid out."""
        folder = data / "prompts" if (data / "prompts").is_dir() else data
        paths = sorted(folder.glob("*.txt"))
        if not paths:
            raise InputError(f"{data} has no prompts as .txt files: name DPG-Bench's folder")
        tables = [path for path in (data / "dpg_bench.csv", folder / "dpg_bench.csv") if path.is_file()]
        questions = rule.read_items(read_table(tables[0])) if tables else {}
        lines = [{"id": path.stem, "prompt": read_text(path).strip()} for path in paths]
        return read_items(
            data,
            lines,
            lambda number, line: Item(
                line["id"], line["prompt"], "all", {"propositions": questions.get(line["id"])}
            ),
        )

    def lay_out(self, shown: Mapping[str, Sequence[Path]], items: Sequence[Item], to: Path) -> None:
        """See ``Task``: ``ID.png``, a grid; ``--resolution`` is the side of one picture in it."""
        for item in items:
            if shown.get(item.id):
                place_grid(shown[item.id], to / f"{item.id}.png")

    def asks(self, item: Item) -> Iterator[Ask]:
        """The csv's questions; see the module.

        Raises:
            InputError: the data has no questions.
        """
        if item.data["propositions"] is None:
            raise InputError(f"no questions about {item.id}: put dpg_bench.csv beside the prompts")
        for number, proposition in item.data["propositions"].items():
            text = self.wording.text("user", question=proposition.question)
            yield Ask(str(number), (PICTURE, text), {"max_tokens": 16, "temperature": 0})

    def _score(self, judged: Judged) -> rule.FileScore | None:
        item = judged.item.data["propositions"]
        if not item or not judged.answers:
            return None
        return rule.score_file(item, [crop_answers(item, answers) for answers in judged.answers])

    def tally(self, judged: Judged) -> Sequence[float] | None:
        """See ``Task``."""
        score = self._score(judged)
        return None if score is None else (score.score, 1.0)

    def combine(self, sums: Numbers) -> Numbers:
        """See ``Task``."""
        return 100 * ratio(sums[:, 0], sums[:, 1])

    def figures(self, judged: Sequence[Judged]) -> Figures:
        """See ``Task``."""
        told = rule.summarize({f"{one.item.id}.png": self._score(one) for one in judged})
        return {
            "DPG score": told["score"],
            "by category": told["category_l1"],
            "by detailed category": told["category_l2"],
            "left out": len(told["left_out"]),
        }

    def read_official(self, path: Path, items: Sequence[Item], arm: str = "") -> Figures:
        """See ``Task``; the script's text file, whose last lines are the figures."""
        text = read_text(path)
        score = SCORE.search(text)
        if score is None:
            raise InputError(f"{path} has no line `DPG-Bench score: ...`: the script did not end")
        one, _, two = text.partition("L2 category scores:")
        return {
            "DPG score": float(score[1]),
            "by category": {name: float(value) for name, value in CATEGORY.findall(one)},
            "by detailed category": {name: float(value) for name, value in CATEGORY.findall(two)},
        }


def crop_answers(item: rule.Item, answers: Answers) -> dict[int, str]:
    """What was said about a crop, by proposition."""
    return {number: first_text(answers, str(number)) for number in item}
