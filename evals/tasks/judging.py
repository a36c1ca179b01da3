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
from ...models.lines import read_lines
from ..blocks import parse_line
from ..sharing import FileLog, FileSharing, Sharing
from ..worklist import Pieces, Worklist
from .files import is_black, open_rgb
from .plan import Shown, TaskPlan
from .task import PICTURE, Ask, Form, Item, Judged, Reply

SIDE_BY_SIDE = 32
"""Pictures under way at once; each asks its questions side by side, within the judge's own limit."""
Known = dict[tuple[str, str], dict[str, list[Reply]]]
"""Replies by item and picture, then by question. A picture is named by its file's hash, so the same one
after several rounds is judged once."""
MOST_MUTE = 50
"""Answers without log-probabilities, and none with, after which a judge is asked no more."""
NO_TOKENS = "sends no log-probabilities, by which this task is scored"
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

    def __init__(self, plan: TaskPlan, judge: str, sharing: Sharing | None = None) -> None:
        safe = "".join(c if c.isalnum() or c in "._" else "-" for c in judge)
        self.path = plan.out / "answers" / f"{safe}-{plan.task.wording.digest()}.jsonl"
        self._log = sharing.log(self.path) if sharing else FileLog(self.path)
        self._known: Known = {}

    def read(self) -> Known:
        """Every reply so far, other workers' included, in the order of the calls; a line that a kill
        cut off is passed over."""
        for line in self._log.lines():
            entry = parse_line(line)
            if entry and {"item", "picture", "question"} <= entry.keys():
                answers = self._known.setdefault((entry["item"], entry["picture"]), {})
                answers.setdefault(entry["question"], []).append(Reply(entry.get("choice")))
        return self._known

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
        self._log.append(json.dumps({**entry, **told}, ensure_ascii=False))


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
    """Goes through a plan's pictures, beside other workers on the same folder; what was answered before
    is not asked again."""

    def __init__(
        self,
        plan: TaskPlan,
        judge: Asked,
        on_picture: OnPicture | None = None,
        sharing: Sharing | None = None,
    ) -> None:
        self._task = plan.task
        self._judge = judge
        self._sharing = sharing or FileSharing(plan.out)
        self._file = AnswerFile(plan, judge.name, self._sharing)
        self._on_picture = on_picture or (lambda: None)
        self._stopped = False
        self._shows = False
        self._mute = 0

    def _open(self, unit: Unit) -> list[Ask]:
        """The questions about a picture that are to be asked still."""
        said = self._file.read().get((unit.item.id, unit.picture.stem), {})
        return [ask for ask in self._task.asks(unit.item) if ask.is_open(said.get(ask.key, ()))]

    async def run(self, units: Sequence[Unit]) -> None:
        """Asks what is missing.

        Raises:
            UnreachableError, AccessError: the judge cannot be asked now; what is answered is kept.
            StorageError: an answer cannot be kept, or a picture cannot be read.
        """
        self._shows = not self._task.by_tokens or any_tokens(self._file.read())
        name = self._file.path.stem
        pieces = Pieces[Unit](
            lambda unit: f"{name}/{unit.item.id}/{unit.picture.stem}", self._is_open, self._one
        )
        try:
            await Worklist(pieces, self._sharing, SIDE_BY_SIDE).run(units)
        finally:
            self._sharing.settle()

    def _is_open(self, unit: Unit) -> bool:
        """Whether something about a picture is not answered yet; what is, is told of."""
        if self._open(unit):
            return True
        self._on_picture()
        return False

    async def _one(self, unit: Unit) -> None:
        asks = self._open(unit)
        urls = {form: await asyncio.to_thread(data_url, unit.picture, form) for form in forms(asks)}
        results = await asyncio.gather(
            *(self._ask(unit, ask, urls[ask.form]) for ask in asks), return_exceptions=True
        )
        for failure in results:
            if failure is not None:
                raise failure
        if not self._stopped:
            self._on_picture()

    async def _ask(self, unit: Unit, ask: Ask, url: str) -> None:
        """Asks until it is enough; what fails stops whatever else is asked on and on."""
        try:
            await self._until_enough(unit, ask, url)
        except GemsError:
            self._stopped = True
            raise

    async def _until_enough(self, unit: Unit, ask: Ask, url: str) -> None:
        said = list(self._file.read().get((unit.item.id, unit.picture.stem), {}).get(ask.key, ()))
        while ask.is_open(said) and not self._stopped:
            try:
                completion, why = await self._completion(body_of(ask, url)), ""
            except (RefusedError, AnswerError) as exc:
                completion, why = failed_for_good(exc)
            self._file.append(unit, ask, completion, why)
            said.append(Reply(completion["choice"] if completion else None))

    async def _completion(self, body: Mapping[str, Any]) -> dict[str, Any] | None:
        """What the judge answers.

        Raises:
            AccessError: it is to show its tokens, and never does.
        """
        completion = await self._judge.ask(body)
        self._shows = self._shows or shows_tokens(completion["choice"])
        self._mute += not self._shows
        if self._mute >= MOST_MUTE:
            raise AccessError(
                f"{self._judge.name} {NO_TOKENS}: name one whose server sends them, or have it do so "
                f"and delete {self._file.path}"
            )
        return completion


def any_tokens(known: Known) -> bool:
    """Whether any reply does."""
    replies = (r for answers in known.values() for told in answers.values() for r in told)
    return any(shows_tokens(reply.choice or {}) for reply in replies)


def shows_tokens(choice: Mapping[str, Any]) -> bool:
    """Whether an answer says which tokens it could have had."""
    return bool((choice.get("logprobs") or {}).get("content"))


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
