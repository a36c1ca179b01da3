"""Files of prompts for a night's work: text, CSV or JSONL, a prompt a line, with options of its own."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..nodes.context import RunContext, check_context
from ..nodes.intake import check_prompt

OWN_COLUMNS = ("id", "prompt", "note")
"""What a row may have besides the options of a run; ``note`` is the user's own and is carried along."""
LONGEST_ID = 60


@dataclass(frozen=True)
class Row:
    """A prompt, what its picture is called, and its options."""

    id: str
    prompt: str
    options: Mapping[str, Any]
    note: str = ""

    def thread_in(self, batch: str) -> str:
        """The run's thread id: another prompt, option or batch is another run."""
        told = json.dumps([batch, self.prompt, dict(self.options)], sort_keys=True, default=str)
        return (
            f"{self.id}-{hashlib.blake2b(told.encode('utf-8', 'replace'), digest_size=4).hexdigest()}"
        )


def read_rows(path: Path, defaults: Mapping[str, Any]) -> list[Row]:
    """The prompts of a ``.txt``, ``.csv`` or ``.jsonl`` file; ``defaults`` are the options of rows that
    do not say otherwise.

    Raises:
        InputError: the file cannot be read, or a row cannot be run; the message names the line.
    """
    kinds = {".txt": plain_rows, ".csv": csv_rows, ".jsonl": jsonl_rows}
    if path.suffix.lower() not in kinds:
        raise InputError(f"{path} is no file of prompts: give a .txt, .csv or .jsonl file")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(
            f"{path} cannot be read: {getattr(exc, 'strerror', None) or exc}; give a file of UTF-8 text"
        ) from exc
    rows: list[Row] = []
    for number, fields in kinds[path.suffix.lower()](path, text):
        try:
            rows.append(as_row(len(rows) + 1, fields, defaults))
        except InputError as exc:
            raise InputError(f"{path}, line {number}: {exc}") from exc
    check_rows(path, rows)
    return rows


def check_rows(path: Path, rows: list[Row]) -> None:
    """Checks that there are rows, each with an id of its own.

    Raises:
        InputError: not so.
    """
    seen: set[str] = set()
    for row in rows:
        if row.id.lower() in seen:
            raise InputError(
                f"{path} has two prompts with the id {row.id!r}: give each an id of its own"
            )
        seen.add(row.id.lower())
    if not rows:
        raise InputError(f"{path} holds no prompts: write one a line")


def plain_rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Lines as prompts; empty ones are passed over."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, {"prompt": line.strip()}


def csv_rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows of a table with a head; an empty cell says nothing.

    Raises:
        InputError: there is no column ``prompt``, or a row is longer than the head.
    """
    reader = csv.DictReader(text.splitlines(keepends=True))
    if "prompt" not in (reader.fieldnames or []):
        raise InputError(f"{path} has no column `prompt`: begin it with a line such as prompt,seed")
    for row in reader:
        if None in row:
            raise InputError(
                f"{path}, line {reader.line_num}: more cells than columns: quote the prompt"
            )
        fields = {name: value for name, value in row.items() if value not in (None, "")}
        if fields:
            yield reader.line_num, fields


def jsonl_rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Objects, one a line, or texts.

    Raises:
        InputError: a line is neither.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except ValueError as exc:
            raise InputError(f"{path}, line {number}: no JSON ({exc}): one object a line") from exc
        if isinstance(found, str):
            found = {"prompt": found}
        if not isinstance(found, dict):
            raise InputError(f"{path}, line {number}: neither an object nor a text")
        yield number, {name: value for name, value in found.items() if value is not None}


def as_row(number: int, fields: Mapping[str, Any], defaults: Mapping[str, Any]) -> Row:
    """A row of fields, the ``number``-th, from 1.

    Raises:
        InputError: an option is none, or a value cannot be used.
    """
    options = {**defaults, **{k: v for k, v in fields.items() if k not in OWN_COLUMNS}}
    for name in options:
        if name not in RunContext.model_fields:
            known = ", ".join([*OWN_COLUMNS, "seed, rounds, candidates, skill, width, height, ..."])
            raise InputError(f"{name!r} is no option of a run: columns are {known}")
    context = check_context(options)
    if context.ask:
        raise InputError("ask: nobody is there to answer while a file is drawn: leave it out")
    prompt = str(fields.get("prompt", ""))
    check_prompt(prompt)
    name = str(fields.get("id") or f"{number:04d}")
    if len(name) > LONGEST_ID or not all(c.isascii() and (c.isalnum() or c in "._-") for c in name):
        raise InputError(
            f"the id {name[:60]!r} cannot name a file: use up to 60 of letters, digits, . _ -"
        )
    given = context.model_dump(include=set(options))
    return Row(name, prompt, given, str(fields.get("note", "")))
