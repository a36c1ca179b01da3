"""Reading the files that benchmarks come in; laying out pictures as official scripts expect them."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from ...errors import InputError, StorageError
from ...memory.files import write_file
from .task import Item

Line = dict[str, Any]


def read_text(path: Path) -> str:
    """A file of UTF-8.

    Raises:
        InputError: it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(f"{path} cannot be read: {exc}; name the benchmark's own file") from exc


def read_json(path: Path) -> Any:
    """A JSON file.

    Raises:
        InputError: it cannot be read.
    """
    try:
        return json.loads(read_text(path))
    except ValueError as exc:
        raise InputError(f"{path} is no JSON: {exc}; name the benchmark's own file") from exc


def read_lines_of_json(path: Path) -> list[Line]:
    """The objects of a JSONL file, or of a JSON file with a list of them.

    Raises:
        InputError: it cannot be read, or holds something else.
    """
    text = read_text(path)
    try:
        if text.lstrip().startswith("["):
            found: list[Line] = json.loads(text)
        else:
            found = [json.loads(line) for line in text.split("\n") if line.strip()]
    except ValueError as exc:
        raise InputError(f"{path} holds no JSON objects: {exc}; name the benchmark's own file") from exc
    if not found or not all(isinstance(line, dict) for line in found):
        raise InputError(f"{path} holds no JSON objects: name the benchmark's own file")
    return found


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file with a head.

    Raises:
        InputError: it cannot be read.
    """
    try:
        return [dict(row) for row in csv.DictReader(io.StringIO(read_text(path), newline=""))]
    except csv.Error as exc:
        raise InputError(f"{path} is no CSV: {exc}; name the benchmark's own file") from exc


def read_items(path: Path, lines: Sequence[Line], as_item: Callable[[int, Line], Item]) -> list[Item]:
    """``lines`` as items, numbered from 0.

    Raises:
        InputError: a line lacks a field, or two items have one id.
    """
    items = []
    for number, line in enumerate(lines):
        try:
            items.append(as_item(number, line))
        except (KeyError, TypeError, ValueError, IndexError) as exc:
            what = f"has no {exc}" if isinstance(exc, KeyError) else str(exc)
            raise InputError(
                f"{path}, item {number + 1}: {what}: is it this benchmark's file?"
            ) from exc
    if not items or len({item.id for item in items}) < len(items):
        raise InputError(f"{path} holds no prompts, or two with one id: name the benchmark's own file")
    return items


def find_file(data: Path, *names: str) -> Path:
    """``data`` itself where it is a file, else the first of ``names`` in it.

    Raises:
        InputError: there is none.
    """
    if data.is_file():
        return data
    for name in names:
        if (data / name).is_file():
            return data / name
    raise InputError(f"{data} is no file, and has no {' or '.join(names)}: name the benchmark's files")


def place(picture: Path, target: Path) -> None:
    """Puts a picture file where an official script looks for it; a link where the disk can.

    Raises:
        StorageError: it cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        try:
            os.link(picture, target)
        except OSError:
            shutil.copyfile(picture, target)
    except OSError as exc:
        raise StorageError(
            f"cannot write {target}: {exc.strerror}; make room or choose another --out"
        ) from exc


def place_grid(pictures: Sequence[Path], target: Path, columns: int = 2, rows: int = 2) -> None:
    """Pastes pictures of one size into a grid, in reading order; cells without one stay black.

    Raises:
        StorageError: it cannot be written, or a picture is gone.
        InputError: the pictures differ in size.
    """
    opened = [open_rgb(path) for path in pictures[: columns * rows]]
    sizes = {picture.size for picture in opened}
    if len(sizes) != 1:
        raise InputError(f"the pictures for {target.name} differ in size: draw all of them in one size")
    width, height = sizes.pop()
    grid = Image.new("RGB", (columns * width, rows * height))
    for number, picture in enumerate(opened):
        grid.paste(picture, (number % columns * width, number // columns * height))
    write_picture(grid, target)


def open_rgb(path: Path) -> Image.Image:
    """A picture in RGB, decoded.

    Raises:
        StorageError: it is gone, or damaged.
    """
    try:
        with Image.open(path) as picture:
            return picture.convert("RGB")
    except OSError as exc:
        raise StorageError(f"the picture {path} cannot be read: {exc}; draw it again") from exc


def write_picture(picture: Image.Image, target: Path) -> None:
    """Writes a PNG. Raises: see ``write_file``."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=3)
    write_file(target, buffer.getvalue())


def write_json(value: Any, target: Path) -> None:
    """Writes a JSON file that every reader takes. Raises: see ``write_file``."""
    text = json.dumps(finite(value), ensure_ascii=False, indent=1, allow_nan=False)
    write_file(target, text.encode("utf-8", "replace"))


def finite(value: Any) -> Any:
    """``value`` with null for what JSON has no number for; a judge can say NaN."""
    if isinstance(value, dict):
        return {key: finite(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [finite(member) for member in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def is_black(path: Path) -> bool:
    """Whether a picture is black all over, which stands for one that could not be drawn."""
    return open_rgb(path).getbbox() is None


def scores_by_picture(path: Path, items: Sequence[Item]) -> Mapping[str, list[float]]:
    """Any result file with a picture and a score a row, CSV or JSON, as scores by item. A picture
    belongs to the item whose id its name, or its folder's, begins with.

    Raises:
        InputError: it has other columns.
    """
    rows = read_table(path) if path.suffix == ".csv" else read_lines_of_json(path)
    ids = {item.id for item in items}
    found: dict[str, list[float]] = {}
    for row in rows:
        name = next(
            (str(row[key]) for key in ("image", "picture", "file", "filename", "path") if key in row),
            None,
        )
        score = row.get("score")
        if name is None or score is None:
            raise InputError(f"{path} needs a row a picture with `image` and `score`")
        item = item_of(name, ids)
        if item is not None:
            found.setdefault(item, []).append(float(score))
    return found


def item_of(name: str, ids: set[str]) -> str | None:
    """The item that a picture's path belongs to."""
    path = Path(name)
    for part in (path.stem, path.stem.rpartition("_")[0], path.parent.name, path.parent.parent.name):
        if part in ids:
            return part
    return None
