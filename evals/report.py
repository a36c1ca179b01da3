"""The report of a benchmark: one HTML file that needs nothing else, and its ladder as a figure."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape
from pathlib import Path

from .records import Record
from .score import ArmScore, Difference, Estimate, Saving, Scores

INK, PALE, GRID = "#1f2933", "#7b8794", "#e4e7eb"
LINES = ("#7b8794", "#d9822b", "#2b6cb0", "#2f855a", "#805ad5", "#c53030", "#0b7285")
THUMB = 112
"""Pixels a side of a picture in a contact sheet."""
MOST_FAILURES = 36
"""Pictures in one contact sheet."""
STYLE = f"""
body {{ font: 15px/1.5 system-ui, sans-serif; color: {INK}; max-width: 1120px; margin: 2rem auto;
        padding: 0 1rem; }}
table {{ border-collapse: collapse; margin: 1rem 0; }}
th, td {{ padding: .3rem .7rem; text-align: right; white-space: nowrap;
          border-bottom: 1px solid {GRID}; }}
th:first-child, td:first-child {{ text-align: left; }}
.sheet {{ display: flex; flex-wrap: wrap; gap: 12px; }}
figure {{ margin: 0; width: {THUMB + 12}px; font-size: 12px; line-height: 1.3; }}
figure img {{ width: {THUMB}px; height: {THUMB}px; border: 1px solid {GRID}; }}
.note {{ color: {PALE}; }}
"""


def text_at(x: float, y: float, words: str, anchor: str = "start", colour: str = INK) -> str:
    """A line of text in a figure."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'
    )


def svg(width: int, height: int, parts: Sequence[str]) -> str:
    """A figure."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
    return f'{head} font-family="system-ui, sans-serif" font-size="13">{"".join(parts)}</svg>'


def ladder(arms: Sequence[ArmScore]) -> str:
    """Fully correct prompts by arm, as bars with their 95% intervals."""
    left, right, step = 170, 80, 34
    width, height = 720, step * len(arms) + 46
    scale = (width - left - right) / 100
    parts = [f'<rect width="{width}" height="{height}" fill="white"/>']
    for percent in range(0, 101, 20):
        x = left + percent * scale
        parts.append(f'<line x1="{x}" y1="10" x2="{x}" y2="{height - 30}" stroke="{GRID}"/>')
        parts.append(text_at(x, height - 12, f"{percent}%", "middle", PALE))
    for row, arm in enumerate(arms):
        y, value = 14 + row * step, arm.correct
        colour = LINES[row % len(LINES)]
        end = left + value.mean * scale
        low, high = (left + v * scale for v in (value.low, value.high))
        middle = y + 11
        parts.append(text_at(left - 10, middle + 4, arm.arm, "end"))
        parts.append(f'<rect x="{left}" y="{y}" width="{end - left:.1f}" height="22" fill="{colour}"/>')
        parts.append(
            f'<path d="M{low:.1f} {middle}H{high:.1f}'
            f'M{low:.1f} {middle - 5}v10M{high:.1f} {middle - 5}v10"'
            f' stroke="{INK}" fill="none"/>'
        )
        parts.append(text_at(high + 8, middle + 4, f"{value.mean:.1f}%"))
    return svg(width, height, parts)


def rounds_figure(arms: Sequence[ArmScore]) -> str:
    """Fully correct prompts after each round."""
    width, height, left, bottom, top = 720, 320, 50, 36, 16
    longest = max(len(arm.by_round) for arm in arms)
    across = (width - left - 190) / max(1, longest - 1)
    scale = (height - bottom - top) / 100
    parts = [f'<rect width="{width}" height="{height}" fill="white"/>']
    for percent in range(0, 101, 20):
        y = height - bottom - percent * scale
        parts.append(f'<line x1="{left}" y1="{y}" x2="{width - 190}" y2="{y}" stroke="{GRID}"/>')
        parts.append(text_at(left - 8, y + 4, f"{percent}%", "end", PALE))
    for number in range(longest):
        parts.append(
            text_at(left + number * across, height - 12, f"round {number + 1}", "middle", PALE)
        )
    for row, arm in enumerate(arms):
        colour = LINES[row % len(LINES)]
        points = [(left + i * across, height - bottom - v * scale) for i, v in enumerate(arm.by_round)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in points]
        y = top + 18 + row * 20
        parts.append(f'<rect x="{width - 176}" y="{y - 10}" width="12" height="12" fill="{colour}"/>')
        parts.append(text_at(width - 158, y, arm.arm))
    return svg(width, height, parts)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """An HTML table; the words are data."""
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><tr>{top}</tr>{body}</table>"


ARM_HEAD = (
    "arm", "fully correct %", "questions passed %", "pictures", "MLLM calls", "rounds to success"
)  # fmt: skip
DIFFERENCE_HEAD = ("difference", "points", "pictures", "")
SAVING_HEAD = ("second half, with memory of the first", "pictures saved %", "points", "")


def arm_rows(arms: Sequence[ArmScore]) -> list[list[str]]:
    """The ladder as rows of text."""
    return [
        [
            arm.arm,
            arm.correct.text(),
            arm.questions.text(),
            arm.images.text(2),
            arm.calls.text(),
            arm.rounds.text(2) if arm.rounds else "-",
        ]
        for arm in arms
    ]


def difference_rows(differences: Sequence[Difference]) -> list[list[str]]:
    """The paired differences as rows of text; one whose interval holds 0 says so."""
    return [
        [
            f"{item.arm} over {item.over}",
            item.correct.text(signed=True),
            item.images.text(2, signed=True),
            remark(item.correct) + (", fewer pictures" if item.images.high < 0 else ""),
        ]
        for item in differences
    ]


def saving_rows(savings: Sequence[Saving]) -> list[list[str]]:
    """What memory saves as rows of text."""
    return [
        [
            f"{item.arm} against {item.over}",
            item.images.text(),
            item.correct.text(signed=True),
            remark(item.images, "saving"),
        ]
        for item in savings
    ]


def remark(gain: Estimate, noun: str = "gain") -> str:
    """What an interval says of a gain."""
    if gain.low > 0:
        return f"a {noun}"
    return "a loss" if gain.high < 0 else f"no {noun} shown"


def round_rows(arms: Sequence[ArmScore]) -> list[list[str]]:
    """Fully correct percent after each round, with a head; an arm that ended keeps its last."""
    longest = max((len(arm.by_round) for arm in arms), default=0)
    head = ["fully correct % after round", *(str(number) for number in range(1, longest + 1))]
    rows = []
    for arm in arms:
        values = [*arm.by_round, *arm.by_round[-1:] * (longest - len(arm.by_round))]
        rows.append([arm.arm, *(f"{value:.1f}" for value in values)])
    return [head, *rows]


def split_table(arms: Sequence[ArmScore], by: str) -> str:
    """Fully correct percent by kind or level."""
    names = sorted({key for arm in arms for key in getattr(arm, by)}, key=str)
    rows = [[arm.arm, *(f"{getattr(arm, by).get(key, 0.0):.0f}" for key in names)] for arm in arms]
    return table(["fully correct %", *map(str, names)], rows)


def memory_table(arms: Sequence[ArmScore]) -> str:
    """Pictures in the first and second half of the suite."""
    rows = [[arm.arm, *(f"{value:.2f}" for value in arm.halves)] for arm in arms]
    return table(["pictures a prompt", "first half", "second half"], rows)


def thumbnail(path: Path) -> str:
    """A picture as a data URL; empty where it is gone."""
    from PIL import Image

    try:
        with Image.open(path) as picture:
            small = picture.convert("RGB").resize((THUMB, THUMB), Image.Resampling.LANCZOS)
    except OSError:
        return ""
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=88)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def failures(arm: str, records: Sequence[Record], out: Path) -> str:
    """A contact sheet of what an arm got wrong."""
    wrong = [record for record in records if record.arm == arm and not record.correct]
    if not wrong:
        return ""
    figures = [
        f'<figure><img alt="" src="{thumbnail(out / record.image)}"><figcaption>'
        f"{escape(record.prompt)}: {record.passed} of {record.total}</figcaption></figure>"
        for record in wrong[:MOST_FAILURES]
    ]
    shown = f"{len(wrong)} of its pictures are not fully correct"
    more = f", the first {MOST_FAILURES} are shown" if len(wrong) > MOST_FAILURES else ""
    return f"<h3>{escape(arm)}</h3><p>{shown}{more}.</p><div class='sheet'>{''.join(figures)}</div>"


def render(title: str, scores: Scores, out: Path) -> str:
    """The whole report."""
    arms = scores.arms
    prompts = max((arm.prompts for arm in arms), default=0)
    rounds = round_rows(arms)
    parts = [
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{escape(title)}</title>",
        f"<style>{STYLE}</style><h1>{escape(title)}</h1>",
        f"<p class='note'>{prompts} prompts. In brackets: 95% bootstrap intervals over prompts. Where "
        "all prompts agree an interval has no width; a true share up to "
        f"{300 / max(1, prompts):.1f} points away is possible all the same (rule of three).</p>",
        ladder(arms),
        table(ARM_HEAD, arm_rows(arms)),
        "<h2>What each step brings</h2><p>On the same prompts: points of fully correct ones, and "
        "pictures a prompt.</p>",
        table(DIFFERENCE_HEAD, difference_rows(scores.differences)) if scores.differences else "",
        "<h2>By round</h2><p>With the best picture so far.</p>",
        rounds_figure(arms),
        table(rounds[0], rounds[1:]),
        "<h2>By kind and level</h2>",
        split_table(arms, "by_kind"),
        split_table(arms, "by_level"),
        "<h2>Over time</h2>",
        memory_table(arms),
        table(SAVING_HEAD, saving_rows(scores.savings)) if scores.savings else "",
        "<h2>What is still wrong</h2>",
        *(failures(arm.arm, scores.records, out) for arm in arms),
    ]
    return "".join(parts) + "</html>\n"


def write(title: str, scores: Scores, out: Path) -> Path:
    """Writes ``report.html`` and ``ladder.svg`` to ``out``; the report's path."""
    path = out / "report.html"
    path.write_text(render(title, scores, out), encoding="utf-8")
    (out / "ladder.svg").write_text(ladder(scores.arms) + "\n", encoding="utf-8")
    return path
