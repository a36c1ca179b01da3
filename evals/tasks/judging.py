"""Asks the judge about every picture, and keeps what it says: a JSON line a call, as it comes."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ...errors import AccessError, AnswerError, BackendError, GemsError, RefusedError
from ...memory.pngs import without_texts
from ...models.lines import append_line, read_lines
from ..blocks import parse_line
from .files import is_black, open_rgb
from .plan import Shown, TaskPlan
from .task import PICTURE, Ask, Form, Item, Judged, Reply

SIDE_BY_SIDE = 32
"""Pictures under way at once; each asks its questions side by side, within the judge's own limit."""
Known = dict[tuple[str, str], dict[str, list[Reply]]]
"""Replies by item and picture, then by question. A picture is named by its file's hash, so the same one
after several rounds is judged once."""
OnPicture = Callable[[], None]


class Asked(Protocol):
    """Who is asked; see ``CompletionJudge``."""

    @property
    def name(self) -> str:
        """Its spec."""
        ...

    async def ask(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The choice and usage of a chat completion."""
        ...


@dataclass(frozen=True)
class Unit:
    """One picture to judge for one item."""

    item: Item
    picture: Path


class AnswerFile:
    """What one judge said, asked in one wording: ``answers/JUDGE-WORDING.jsonl``."""

    def __init__(self, plan: TaskPlan, judge: str) -> None:
        safe = "".join(c if c.isalnum() or c in "._" else "-" for c in judge)
        self.path = plan.out / "answers" / f"{safe}-{plan.task.wording.digest()}.jsonl"

    def read(self) -> Known:
        """Every reply, in the order of the calls; a line that a kill cut off is passed over."""
        found: Known = {}
        for line in read_lines(self.path):
            entry = parse_line(line)
            if entry and {"item", "picture", "question"} <= entry.keys():
                answers = found.setdefault((entry["item"], entry["picture"]), {})
                answers.setdefault(entry["question"], []).append(Reply(entry.get("choice")))
        return found

    def usage(self) -> dict[str, int]:
        """Calls made and tokens used."""
        spent = {"calls": 0, "input_tokens": 0, "output_tokens": 0}
        for line in read_lines(self.path):
            usage = (parse_line(line) or {}).get("usage") or {}
            spent["calls"] += 1
            spent["input_tokens"] += usage.get("prompt_tokens") or 0
            spent["output_tokens"] += usage.get("completion_tokens") or 0
        return spent

    def append(self, unit: Unit, ask: Ask, completion: Mapping[str, Any] | None, why: str = "") -> None:
        """Keeps one call; ``completion`` is None where it failed for good.

        Raises:
            StorageError: it cannot be written.
        """
        entry = {"item": unit.item.id, "picture": unit.picture.stem, "question": ask.key}
        told = completion or {"choice": None, "error": why}
        append_line(self.path, json.dumps({**entry, **told}, ensure_ascii=False))


def units_of(plan: TaskPlan, by_round: bool) -> list[Unit]:
    """Every picture once an item: delivered ones, and those of each round where that is asked for."""
    found: dict[tuple[str, str], Unit] = {}
    items = {item.id: item for item in plan.items}
    for records in plan.records().values():
        rounds = max((len(r.image_by_round) for r in records), default=0) if by_round else 0
        for after in (None, *range(1, rounds + 1)):
            for item, pictures in plan.shown(records, after).items():
                for picture in pictures:
                    found[item, picture.stem] = Unit(items[item], picture)
    return [unit for unit in found.values() if is_judgeable(plan, unit.item, unit.picture)]


def is_judgeable(plan: TaskPlan, item: Item, picture: Path) -> bool:
    """Whether the protocol has a question about a picture at all.

    Raises:
        InputError: nobody can be asked in this task, or its data lack the questions.
        StorageError: the picture cannot be read.
    """
    if next(iter(plan.task.asks(item)), None) is None:
        return False
    return not (plan.task.skips_black and is_black(picture))


class Judging:
    """Goes through a plan's pictures; what was answered before is not asked again."""

    def __init__(self, plan: TaskPlan, judge: Asked, on_picture: OnPicture | None = None) -> None:
        self._task = plan.task
        self._judge = judge
        self._file = AnswerFile(plan, judge.name)
        self._known = self._file.read()
        self._on_picture = on_picture or (lambda: None)
        self._failures: list[GemsError] = []

    def missing(self, units: Sequence[Unit]) -> int:
        """How many calls are to be made at least."""
        return sum(len(self._open(unit)) for unit in units)

    def _open(self, unit: Unit) -> list[Ask]:
        return [ask for ask in self._task.asks(unit.item) if ask.is_open(self._said(unit, ask))]

    def _said(self, unit: Unit, ask: Ask) -> list[Reply]:
        answers = self._known.setdefault((unit.item.id, unit.picture.stem), {})
        return answers.setdefault(ask.key, [])

    async def run(self, units: Sequence[Unit]) -> None:
        """Asks what is missing.

        Raises:
            UnreachableError, AccessError: the judge cannot be asked now; what is answered is kept.
            StorageError: an answer cannot be kept, or a picture cannot be read.
        """
        for start in range(0, len(units), SIDE_BY_SIDE):
            await asyncio.gather(*(self._one(unit) for unit in units[start : start + SIDE_BY_SIDE]))
            if self._failures:
                raise self._failures[0]

    async def _one(self, unit: Unit) -> None:
        try:
            asks = self._open(unit)
            if asks:
                urls = {
                    form: await asyncio.to_thread(data_url, unit.picture, form) for form in forms(asks)
                }
                await asyncio.gather(*(self._until_enough(unit, ask, urls[ask.form]) for ask in asks))
        except GemsError as exc:
            self._failures.append(exc)
            return
        self._on_picture()

    async def _until_enough(self, unit: Unit, ask: Ask, url: str) -> None:
        said = self._said(unit, ask)
        while ask.is_open(said) and not self._failures:
            try:
                completion: dict[str, Any] | None = await self._judge.ask(body_of(ask, url))
                why = ""
            except (RefusedError, AnswerError) as exc:
                completion, why = failed_for_good(exc)
            self._file.append(unit, ask, completion, why)
            said.append(Reply(completion["choice"] if completion else None))


def failed_for_good(exc: BackendError) -> tuple[dict[str, Any] | None, str]:
    """A call that counts as one without an answer.

    Raises:
        AccessError: it is about whoever asks, so the next call would fail of it too.
    """
    if isinstance(exc, AccessError):
        raise exc
    return None, str(exc)


def forms(asks: Sequence[Ask]) -> list[Form]:
    """The forms that a picture is sent in."""
    seen: dict[Form, None] = {ask.form: None for ask in asks}
    return list(seen)


def data_url(picture: Path, form: Form) -> str:
    """The picture as it is sent: its pixels, and nothing that says how it was made.

    Raises:
        StorageError: it cannot be read.
    """
    if form == "jpeg":
        buffer = io.BytesIO()
        open_rgb(picture).save(buffer, "JPEG")
        data = buffer.getvalue()
    else:
        open_rgb(picture)
        data = without_texts(picture.read_bytes())
    return f"data:image/{form};base64,{base64.b64encode(data).decode()}"


def body_of(ask: Ask, url: str) -> dict[str, Any]:
    """The request of a question, without the model's name."""
    parts = [
        {"type": "image_url", "image_url": {"url": url}}
        if part is PICTURE
        else {"type": "text", "text": part}
        for part in ask.parts
    ]
    system = [{"role": "system", "content": ask.system}] if ask.system else []
    return {"messages": [*system, {"role": "user", "content": parts}], **ask.options}


def judged_items(plan: TaskPlan, shown: Shown, known: Known) -> list[Judged]:
    """The plan's items with what was said about their pictures. One that the judge has not been asked
    everything about is not among an item's."""
    return [
        Judged(
            item,
            [known[item.id, p.stem] for p in shown.get(item.id, []) if is_done(plan, item, p, known)],
        )
        for item in plan.items
    ]


def is_done(plan: TaskPlan, item: Item, picture: Path, known: Known) -> bool:
    """Whether everything about a picture is answered."""
    answers = known.get((item.id, picture.stem), {})
    return bool(answers) and not any(
        ask.is_open(answers.get(ask.key, ())) for ask in plan.task.asks(item)
    )
