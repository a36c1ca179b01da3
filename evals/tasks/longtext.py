"""LongText-Bench in two languages as tasks; see ``scoring/longtext.py``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from ...errors import InputError
from ..scoring import longtext as rule
from .files import find_file, place, read_items, read_lines_of_json
from .task import PICTURE, Answers, Ask, Figures, Item, Judged, Numbers, Task, first_text, ratio

PICTURES = ("image", "image_path", "img_path", "image_name", "file", "filename", "path")
READINGS = ("ocr", "ocr_raw", "ocr_result", "ocr_results", "ocr_text", "response", "prediction")
"""What scripts call a picture's name, and what was read in it."""


class LongText(Task):
    """Four pictures a prompt, each read by the judge."""

    judge = "Qwen2.5-VL-7B-Instruct"
    pictures = 4
    size = 160
    headline = "text score"
    language: ClassVar[rule.Language]
    file: ClassVar[str]

    def read(self, data: Path) -> list[Item]:
        """See ``Task``."""
        path = find_file(data, self.file)
        return read_items(
            path,
            read_lines_of_json(path),
            lambda number, line: Item(
                f"{int(line['prompt_id']):04d}",
                line["prompt"],
                f"{line['category']}, {line['length']}",
                {"text": list(line["text"]), "category": line["category"], "length": line["length"]},
            ),
        )

    def lay_out(self, shown: Mapping[str, Sequence[Path]], items: Sequence[Item], to: Path) -> None:
        """See ``Task``: ``ID_NUMBER.png``."""
        for item in items:
            for number, picture in enumerate(shown.get(item.id, ())):
                place(picture, to / f"{item.id}_{number}.png")

    def asks(self, item: Item) -> Iterator[Ask]:
        """See ``Task``; sampling is left to the server."""
        yield Ask("reading", (PICTURE, self.wording.text("reading")), {"max_tokens": 1024})

    def _counts(self, item: Item, answers: Answers) -> tuple[int, int]:
        return rule.matched_and_total(item.data["text"], first_text(answers, "reading"), self.language)

    def tally(self, judged: Judged) -> Sequence[float] | None:
        """See ``Task``: matched units and all of them, over the item's pictures."""
        pairs = [self._counts(judged.item, answers) for answers in judged.answers]
        return (sum(found for found, _ in pairs), sum(of for _, of in pairs)) if pairs else None

    def combine(self, sums: Numbers) -> Numbers:
        """See ``Task``."""
        return ratio(sums[:, 0], sums[:, 1])

    def figures(self, judged: Sequence[Judged]) -> Figures:
        """See ``Task``."""
        pooled: dict[str, dict[str, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
        for one in judged:
            for answers in one.answers:
                pair = self._counts(one.item, answers)
                for kind in ("category", "length"):
                    pooled[f"by {kind}"][one.item.data[kind]].append(pair)
                pooled["text score"]["all"].append(pair)
        shares = {
            title: {name: share(pairs) for name, pairs in groups.items()}
            for title, groups in pooled.items()
        }
        return {**shares, "text score": shares.get("text score", {}).get("all")}

    def read_official(self, path: Path, items: Sequence[Item], arm: str = "") -> Figures:
        """See ``Task``. The script's summary overwrites its own input, so the file is to be the one
        before the summary, with ``image`` and the judge's ``ocr`` a line."""
        answers: dict[int, list[str]] = defaultdict(list)
        for line in read_lines_of_json(path):
            name, text = first_of(line, PICTURES), first_of(line, READINGS, "")
            if not isinstance(name, str) or not isinstance(text, str):
                raise InputError(f"{path} needs a line a picture with `image` and `ocr`")
            answers[rule.prompt_id(Path(name).name)].append(text)
        pairs = [
            rule.matched_and_total(item.data["text"], text, self.language)
            for item in items
            for text in answers.get(int(item.id), ())
        ]
        if not pairs:
            raise InputError(f"{path} names no picture of this run (ID_NUMBER.png in `image`)")
        return {"text score": share(pairs)}


def first_of(line: Mapping[str, object], names: Sequence[str], otherwise: object = None) -> object:
    """The first of some fields that a line has."""
    return next((line[name] for name in names if line.get(name) is not None), otherwise)


def share(pairs: Sequence[tuple[int, int]]) -> float | None:
    """Matched units of all; None of nothing."""
    total = sum(of for _, of in pairs)
    return sum(found for found, _ in pairs) / total if total else None


class LongTextEn(LongText):
    """Words, in lower case."""

    name = "longtext-en"
    title = "LongText-Bench EN"
    language = "en"
    file = "text_prompts.jsonl"
    published = "LongText EN"


class LongTextZh(LongText):
    """Characters, with their case."""

    name = "longtext-zh"
    title = "LongText-Bench ZH"
    language = "zh"
    file = "text_prompts_zh.jsonl"
    published = "LongText ZH"
