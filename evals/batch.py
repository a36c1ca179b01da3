"""A night's work: every prompt of a file through the loop, side by side, by as many processes as there
are; resumable at any moment, also after the file was changed."""

from __future__ import annotations

import csv
import io
import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from ..errors import AccessError, GemsError, StorageError, UnreachableError
from ..graphs.session import Session
from ..memory.files import write_file
from ..memory.folders import make_folder
from ..memory.state import RunResult
from .prompt_file import Row
from .sharing import FileSharing, alone
from .worklist import Pieces, Worklist

FAILED = "failed to run"
"""The outcome of a prompt that could not be run to its end; the next call tries it again."""


class Done(BaseModel):
    """What became of one prompt: a line of ``results.jsonl``, a row of ``results.csv``."""

    id: str
    prompt: str
    note: str = ""
    outcome: str
    picture: str = ""
    """Its file in the folder; empty where there is none."""
    passed: int = 0
    total: int = 0
    rounds: int = 0
    images: int = 0
    mllm_calls: int = 0
    seconds: float = 0.0
    seed: int | None = None
    """The best picture's."""
    thread_id: str = ""
    error: str = ""


OnDone = Callable[[Done], None]


class Batch:
    """Goes through rows; those that the folder's results have are not run again."""

    def __init__(
        self, rows: Sequence[Row], out: Path, session: Session, jobs: int, on_done: OnDone | None = None
    ) -> None:
        make_folder(out)
        self._out = out
        self._session = session
        self._jobs = jobs
        self._on_done = on_done or (lambda done: None)
        self._sharing = FileSharing(out)
        self._log = self._sharing.log(out / "results.jsonl")
        self._done: dict[str, Done] = {}
        self._told: set[str] = set()
        with alone(self._sharing, "name"):
            name = name_of(out)
        self._read()
        self._rows = self._threads(rows, name)
        self._told.update(one.thread_id for one in self.finished() if one.outcome != FAILED)

    def _threads(self, rows: Sequence[Row], name: str) -> dict[str, Row]:
        """Rows by their runs. One without an id of its own is known by its content, wherever it stands
        now; version 0.1 knew it by its place."""
        found: dict[str, Row] = {}
        seen: Counter[str] = Counter()
        for row in rows:
            placed, content = row.thread_in(name), row.content_in(name)
            seen[content] += 1
            by_place = row.named or placed in self._done or self._session.index.has(placed)
            found[placed if by_place else f"{content}-{seen[content]}"] = row
        return found

    def _read(self) -> None:
        """Takes up what was added to the results, by whomever."""
        for line in self._log.lines():
            with suppress(ValidationError):
                done = Done.model_validate_json(line)
                self._done[done.thread_id] = done

    def finished(self) -> list[Done]:
        """What is done of these rows, in their order; a row that was changed since is not, and neither
        is one whose picture has another row's name."""
        self._read()
        found = [(self._done.get(thread), row) for thread, row in self._rows.items()]
        return [done for done, row in found if done is not None and done.id == row.id]

    def _is_open(self, thread: str) -> bool:
        """Whether a row is still to be run. One that another process has run meanwhile is told of."""
        self._read()
        done = self._done.get(thread)
        if done is None or done.outcome == FAILED or done.id != self._rows[thread].id:
            return True
        self._tell(done)
        return False

    def _tell(self, done: Done) -> None:
        if done.thread_id not in self._told:
            self._told.add(done.thread_id)
            self._on_done(done)

    async def run(self) -> list[Done]:
        """Runs what is missing, and what failed before, beside other processes on the same folder, and
        writes ``results.csv``.

        Raises:
            UnreachableError, AccessError, StorageError: nothing more can be run now; what is under way
                is finished or can be resumed, and the table holds what is done.
        """
        pieces = Pieces[str](lambda thread: thread, self._is_open, self._one)
        try:
            await Worklist(pieces, self._sharing, self._jobs).run(list(self._rows))
        finally:
            write_table(self.finished(), self._out / "results.csv")
        return self.finished()

    async def _one(self, thread: str) -> None:
        row = self._rows[thread]
        try:
            done = self._kept(row, await self._run(thread, row))
        except (UnreachableError, AccessError, StorageError):
            raise
        except GemsError as exc:
            done = Done(
                id=row.id, prompt=row.prompt, note=row.note, outcome=FAILED,
                thread_id=thread, error=str(exc),
            )  # fmt: skip
        self._log.append(done.model_dump_json())
        self._tell(done)

    async def _run(self, thread: str, row: Row) -> RunResult:
        if self._session.index.has(thread):
            return await self._session.aresume(thread)
        options: dict[str, Any] = dict(row.options)
        return await self._session.agenerate(row.prompt, thread_id=thread, **options)

    def _kept(self, row: Row, result: RunResult) -> Done:
        """A result, its picture copied into the folder.

        Raises:
            StorageError: it cannot be.
        """
        picture = self._out / f"{row.id}.png"
        try:
            shutil.copyfile(result["image"], picture)
        except OSError as exc:
            raise StorageError(
                f"cannot write {picture}: {exc.strerror}; make room or choose another --out"
            ) from exc
        usage, best = result["usage"], result["rounds"][result["best_round"] - 1]
        return Done(
            id=row.id,
            prompt=row.prompt,
            note=row.note,
            outcome=result["outcome"],
            picture=picture.name,
            passed=result["passed"],
            total=result["total"],
            rounds=len(result["rounds"]),
            images=usage["images"],
            mllm_calls=usage["mllm_calls"],
            seconds=usage["seconds"],
            seed=best["seed"],
            thread_id=result["thread_id"],
        )


def name_of(out: Path) -> str:
    """A folder's own name for its runs, which stays when the folder is moved.

    Raises:
        StorageError: it cannot be written.
    """
    path = out / "batch"
    if not path.is_file():
        write_file(path, secrets.token_hex(4).encode())
    return path.read_text("utf-8", "replace")


def write_table(done: Sequence[Done], path: Path) -> None:
    """Writes results as CSV, with a head.

    Raises:
        StorageError: it cannot be written.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, list(Done.model_fields), lineterminator="\n")
    writer.writeheader()
    writer.writerows(one.model_dump() for one in done)
    write_file(path, text.getvalue().encode("utf-8", "replace"))
