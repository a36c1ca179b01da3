"""Answers that were paid for, kept until the step that asked for them is stored with its run.

A step's checkpoint holds what came of all its calls. Between an answer and that lie the step's other
calls, and on a busy machine a second. A run that was killed there finds here what it had been
answered, and asks only the rest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import StorageError, write_advice
from ..models.lines import append_line, read_lines
from ..settings import Settings
from .leases import file_name

if TYPE_CHECKING:
    from .database import Database

Answer = Mapping[str, Any]
"""A JSON object."""


class PaidAnswers(Protocol):
    """Answers by thread, task (what LangGraph calls one node's part of a step) and key.

    May be used from any thread; every method may block, and raises StorageError where they cannot be
    read or written.
    """

    def of(self, thread: str, task: str) -> dict[str, Answer]:
        """What a task was answered so far, by keys."""
        ...

    def every(self, thread: str) -> list[Answer]:
        """What all tasks of a thread were answered so far."""
        ...

    def keep(self, thread: str, task: str, key: str, answer: Answer) -> None:
        """Adds an answer; returns when it outlives the process."""
        ...

    def drop_task(self, thread: str, task: str) -> None:
        """Forgets what a task was answered."""
        ...

    def drop(self, thread: str) -> None:
        """Forgets what a thread was answered."""
        ...


class PaidFiles:
    """A file of lines for each thread, below ``folder``. A line without a key ends what was before."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, thread: str, task: str) -> dict[str, Answer]:
        """See ``PaidAnswers``; a line that a kill cut off is passed over."""
        return self._found([line for line in self._lines(thread) if task in line]).get(task, {})

    def every(self, thread: str) -> list[Answer]:
        """See ``PaidAnswers``."""
        return [a for task in self._found(self._lines(thread)).values() for a in task.values()]

    def _lines(self, thread: str) -> Sequence[str]:
        try:
            return read_lines(self._path(thread))
        except OSError as exc:
            raise StorageError(f"cannot read {self._path(thread)}: {exc.strerror}") from exc

    def _found(self, lines: Sequence[str]) -> dict[str, dict[str, Answer]]:
        """The answers in lines, by task and key."""
        found: dict[str, dict[str, Answer]] = {}
        for entry in map(entry_in, lines):
            if entry is None:
                continue
            task = found.setdefault(str(entry.get("task")), {})
            if "key" in entry:
                task[entry["key"]] = entry["answer"]
            else:
                task.clear()
        return found

    def keep(self, thread: str, task: str, key: str, answer: Answer) -> None:
        """See ``PaidAnswers``."""
        self._append(thread, {"task": task, "key": key, "answer": answer})

    def drop_task(self, thread: str, task: str) -> None:
        """See ``PaidAnswers``."""
        self._append(thread, {"task": task})

    def drop(self, thread: str) -> None:
        """See ``PaidAnswers``."""
        path = self._path(thread)
        try:
            path.unlink(missing_ok=True)
        except OSError as exc:
            raise StorageError(f"cannot delete {path}: {exc.strerror}; {write_advice(exc)}") from exc

    def _append(self, thread: str, entry: Answer) -> None:
        append_line(self._path(thread), json.dumps(entry, ensure_ascii=False))

    def _path(self, thread: str) -> Path:
        return self._folder / f"{file_name(thread)}.jsonl"


class PaidRows:
    """Rows of ``database``, the same for every machine."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, thread: str, task: str) -> dict[str, Answer]:
        """See ``PaidAnswers``."""
        rows = self._database.rows(
            "SELECT key, answer FROM gems_paid WHERE thread_id = %s AND task = %s", thread, task
        )
        return {row["key"]: json.loads(bytes(row["answer"])) for row in rows}

    def every(self, thread: str) -> list[Answer]:
        """See ``PaidAnswers``."""
        rows = self._database.rows("SELECT answer FROM gems_paid WHERE thread_id = %s", thread)
        return [json.loads(bytes(row["answer"])) for row in rows]

    def keep(self, thread: str, task: str, key: str, answer: Answer) -> None:
        """See ``PaidAnswers``."""
        self._database.rows(
            "INSERT INTO gems_paid VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
            thread,
            task,
            key,
            json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace"),
        )

    def drop_task(self, thread: str, task: str) -> None:
        """See ``PaidAnswers``."""
        self._database.rows("DELETE FROM gems_paid WHERE thread_id = %s AND task = %s", thread, task)

    def drop(self, thread: str) -> None:
        """See ``PaidAnswers``."""
        self._database.rows("DELETE FROM gems_paid WHERE thread_id = %s", thread)


def entry_in(line: str) -> dict[str, Any] | None:
    """A line's entry; None where it is none that was written here."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    if not isinstance(entry, dict) or ("key" in entry and "answer" not in entry):
        return None
    return entry


def open_paid(settings: Settings) -> PaidAnswers:
    """Where the settings keep them: rows where machines share pictures and a database, so that whoever
    goes on with a run finds them, else the home's files."""
    if settings.objects is None or settings.database_url is None:
        return PaidFiles(settings.root / "paid")
    from .database import shared_database

    return PaidRows(shared_database(settings.database_url.get_secret_value()))
