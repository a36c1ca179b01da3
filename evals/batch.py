"""A night's work: every prompt of a file through the loop, side by side; resumable at any moment."""

from __future__ import annotations

import asyncio
import csv
import io
import secrets
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from ..errors import AccessError, GemsError, StorageError, UnreachableError
from ..graphs.session import Session
from ..memory.files import write_file
from ..memory.folders import make_folder
from ..memory.state import RunResult
from ..models.lines import append_line, read_lines
from .prompt_file import Row

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
        name = name_of(out)
        self._rows = {row.thread_in(name): row for row in rows}
        self._out = out
        self._session = session
        self._turns = asyncio.Semaphore(jobs)
        self._on_done = on_done or (lambda done: None)
        self._stop: GemsError | None = None

    def finished(self) -> list[Done]:
        """What is done of these rows, in their order; a row that was changed since is not."""
        found: dict[str, Done] = {}
        for line in read_lines(self._out / "results.jsonl"):
            try:
                done = Done.model_validate_json(line)
            except ValidationError:
                continue
            found[done.thread_id] = done
        return [found[thread] for thread in self._rows if thread in found]

    async def run(self) -> list[Done]:
        """Runs what is missing, and what failed before, and writes ``results.csv``.

        Raises:
            UnreachableError, AccessError, StorageError: nothing more can be run now; what is under way
                is finished or can be resumed, and the table holds what is done.
        """
        done = {one.thread_id for one in self.finished() if one.outcome != FAILED}
        try:
            waiting = [pair for pair in self._rows.items() if pair[0] not in done]
            await asyncio.gather(*(self._one(thread, row) for thread, row in waiting))
        finally:
            write_table(self.finished(), self._out / "results.csv")
        if self._stop is not None:
            raise self._stop
        return self.finished()

    async def _one(self, thread: str, row: Row) -> None:
        async with self._turns:
            if self._stop is not None:
                return
            try:
                done = self._kept(row, await self._run(thread, row))
            except (UnreachableError, AccessError, StorageError) as exc:
                self._stop = self._stop or exc
                return
            except GemsError as exc:
                done = Done(
                    id=row.id, prompt=row.prompt, note=row.note, outcome=FAILED,
                    thread_id=thread, error=str(exc),
                )  # fmt: skip
        append_line(self._out / "results.jsonl", done.model_dump_json())
        self._on_done(done)

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
