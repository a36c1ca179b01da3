"""Files of prompts for a night's work: text, CSV or JSONL, a prompt a line, with options of its own."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..nodes.context import RunContext, check_context
from ..nodes.intake import check_prompt

OWN_COLUMNS = ("id", "prompt", "note")
"""What a row may have besides the options of a run; ``note`` is the user's own and is carried along."""
LONGEST_ID = 60
DELIMITERS = re.compile("[,;\t]")
"""What cells are parted by, in a table of any country."""


@dataclass(frozen=True)
class Row:
    """A prompt, what its picture is called, and its options."""

    id: str
    prompt: str
    options: Mapping[str, Any]
    note: str = ""
    named: bool = True
    """Whether the file says its id; else that is its place."""

    def thread_in(self, batch: str) -> str:
        """The run's thread id: another id, prompt, option or batch is another run."""
        return f"{self.id}-{self._digest(batch, 4)}"

    def content_in(self, batch: str) -> str:
        """The same wherever in its file a row stands."""
        return f"row-{self._digest(batch, 10)}"

    def _digest(self, batch: str, size: int) -> str:
        told = json.dumps([batch, self.prompt, dict(self.options)], sort_keys=True, default=str)
        return hashlib.blake2b(told.encode("utf-8", "replace"), digest_size=size).hexdigest()


def read_rows(path: Path, defaults: Mapping[str, Any]) -> list[Row]:
    """The prompts of a ``.txt``, ``.csv`` or ``.jsonl`` file; ``defaults`` are the options of rows that
    do not say otherwise.

    Raises:
        InputError: the file cannot be read, or a row cannot be run; the message names the line.
    """
    kinds = {".txt": plain_rows, ".csv": csv_rows, ".jsonl": jsonl_rows}
    if path.suffix.lower() not in kinds:
        raise InputError(f"{path} is no file of prompts: give a .txt, .csv or .jsonl file")
    text = read_text(path)
    rows: list[Row] = []
    for number, fields in kinds[path.suffix.lower()](path, text):
        try:
            rows.append(as_row(len(rows) + 1, fields, defaults))
        except InputError as exc:
            raise InputError(f"{path}, line {number}: {exc}") from exc
    check_rows(path, rows)
    return rows


def read_text(path: Path) -> str:
    """A file's text in UTF-8, or in the UTF-16 that Excel calls Unicode; line ends as they are.

    Raises:
        InputError: it cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as exc:
        raise InputError(f"{path} cannot be read: {exc.strerror}; give a file of UTF-8 text") from exc
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as exc:
        line = data.count(b"\n", 0, exc.start) + 1
        raise InputError(f"{path}, line {line}: no UTF-8 text: save the file as UTF-8") from exc


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
    for number, line in enumerate(lines_of(text), 1):
        if line.strip():
            yield number, {"prompt": line.strip()}


def lines_of(text: str) -> list[str]:
    """Lines as editors end them, and not at what Unicode counts among its line ends as well."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def csv_rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows of a table with a head, parted as the head is; an empty cell says nothing.

    Raises:
        InputError: it is no such table, has no column ``prompt``, or a row is longer than the head.
    """
    lines = lines_of(text)
    parted = DELIMITERS.search(lines[0])
    table = io.StringIO("\n".join(lines), newline="")
    reader = csv.reader(table, delimiter=parted[0] if parted else ",", strict=True)
    number = 1
    try:
        head = [name.strip().lower() for name in next(reader, [])]
        check_head(path, head)
        number = reader.line_num + 1
        for cells in reader:
            if fields := named_cells(head, cells):
                yield number, fields
            number = reader.line_num + 1
    except csv.Error as exc:
        what = str(exc).replace("unexpected end of data", "a quotation mark is not closed")
        raise InputError(f"{path}, line {number}: {what}") from exc


def named_cells(head: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """The cells of a row that say something, by their columns.

    Raises:
        csv.Error: there are more than columns.
    """
    stripped = [cell.strip() for cell in cells]
    if any(stripped[len(head) :]):
        raise csv.Error("more cells than columns: quote the prompt")
    return {name: cell for name, cell in zip(head, stripped, strict=False) if cell}


def check_head(path: Path, head: Sequence[str]) -> None:
    """Checks the names of a table's columns.

    Raises:
        InputError: there is no column ``prompt``, or one is there twice.
    """
    if "prompt" not in head:
        raise InputError(f"{path} has no column `prompt`: begin it with a line such as prompt,seed")
    twice = [name for name, count in Counter(filter(None, head)).items() if count > 1]
    if twice:
        raise InputError(f"{path} has the column {twice[0]!r} twice: leave one out")


def jsonl_rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Objects, one a line, or texts.

    Raises:
        InputError: a line is neither.
    """
    for number, line in enumerate(lines_of(text), 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError) as exc:
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
    prompt = check_prompt(fields.get("prompt", ""))
    name = str(fields.get("id") or f"{number:04d}")
    if len(name) > LONGEST_ID or not all(c.isascii() and (c.isalnum() or c in "._-") for c in name):
        raise InputError(
            f"the id {name[:60]!r} cannot name a file: use up to 60 of letters, digits, . _ -"
        )
    given = context.model_dump(include=set(options))
    return Row(name, prompt, given, str(fields.get("note", "")), named=bool(fields.get("id")))
