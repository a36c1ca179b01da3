"""The report of a benchmark: one HTML file that needs nothing else, and its ladder as a figure."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..memory.files import write_file
from .figures import ladder, rounds_figure
from .records import Record
from .score import Scores, scorer_note
from .tables import (
    arm_table,
    difference_table,
    halves_table,
    kind_table,
    level_table,
    round_table,
    saving_table,
)

THUMB = 112
"""Pixels a side of a picture in a contact sheet."""
MOST_FAILURES = 36
"""Pictures in one contact sheet."""
PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
)


class Sheet(NamedTuple):
    """What an arm got wrong, as a contact sheet."""

    arm: str
    wrong: int
    """Of its pictures; at most ``MOST_FAILURES`` of them are among ``figures``."""
    figures: list[tuple[str, str]]
    """Pictures as data URLs, with their captions."""


def thumbnail(path: Path, side: int = THUMB) -> str:
    """A picture as a small square data URL, ``side`` pixels a side; empty where it is gone."""
    from PIL import Image

    try:
        with Image.open(path) as picture:
            small = picture.convert("RGB").resize((side, side), Image.Resampling.LANCZOS)
    except OSError:
        return ""
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=88)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def sheet_of(arm: str, records: Sequence[Record], out: Path) -> Sheet:
    """The contact sheet of ``arm``; ``out`` is what the records' pictures are relative to."""
    wrong = [record for record in records if record.arm == arm and not record.correct]
    figures = [
        (thumbnail(out / record.image), f"{record.prompt}: {record.passed} of {record.total}")
        for record in wrong[:MOST_FAILURES]
    ]
    return Sheet(arm, len(wrong), figures)


def render(title: str, scores: Scores, out: Path) -> str:
    """The whole page; what it is given is data and is escaped."""
    arms = scores.arms
    sheets = [sheet_of(arm.arm, scores.records, out) for arm in arms]
    return PAGES.get_template("report.html.jinja").render(
        title=title,
        scored_by=scorer_note(scores),
        prompts=max((arm.prompts for arm in arms), default=0),
        thumb=THUMB,
        ladder=Markup(ladder_of(scores)),
        rounds_figure=Markup(rounds_figure([(arm.arm, arm.by_round) for arm in arms])),
        arms=arm_table(arms),
        differences=difference_table(scores.differences),
        rounds=round_table(arms),
        kinds=kind_table(arms),
        levels=level_table(arms),
        halves=halves_table(arms),
        savings=saving_table(scores.savings),
        sheets=[sheet for sheet in sheets if sheet.wrong],
    )


def ladder_of(scores: Scores) -> str:
    """Fully correct prompts by arm."""
    return ladder([(arm.arm, arm.correct) for arm in scores.arms])


def write(title: str, scores: Scores, out: Path) -> Path:
    """Writes ``report.html`` and ``ladder.svg`` to ``out``; the report's path.

    Raises:
        StorageError: they cannot be written.
    """
    path = out / "report.html"
    write_file(path, render(title, scores, out).encode("utf-8", "replace"))
    write_file(out / "ladder.svg", f"{ladder_of(scores)}\n".encode("utf-8", "replace"))
    return path
