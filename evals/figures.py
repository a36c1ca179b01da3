"""The report's figures as SVG, by hand: in a template their arithmetic was no shorter and had no types,
and a plotting library would be for two figures."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from .score import Estimate

INK, PALE, GRID = "#1f2933", "#7b8794", "#e4e7eb"
LINES = ("#7b8794", "#d9822b", "#2b6cb0", "#2f855a", "#805ad5", "#c53030", "#0b7285")
"""The arms' colours, in turn."""
WIDTH = 720
LADDER_LEFT, LADDER_RIGHT, LADDER_STEP = 170, 80, 34
ROUNDS_HEIGHT, ROUNDS_LEFT, ROUNDS_RIGHT, ROUNDS_TOP, ROUNDS_BOTTOM = 320, 50, 190, 16, 36
"""All in pixels: the figures' margins, and a row's height."""
FIFTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


class Scale(NamedTuple):
    """What a figure's axis goes up to, from 0, and how its numbers are printed."""

    top: float = 100.0
    digits: int = 0
    unit: str = "%"

    def text(self, value: float, more: int = 0) -> str:
        """A number with its unit; ``more`` digits than the axis has."""
        return f"{value:.{self.digits + more}f}{self.unit}"


PERCENT = Scale()


def text_at(x: float, y: float, words: str, anchor: str = "start", colour: str = INK) -> str:
    """A line of text in a figure; ``words`` are data."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'
    )


def svg(height: int, parts: Sequence[str]) -> str:
    """A figure on white, ``WIDTH`` pixels wide."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}"'
    ground = f'<rect width="{WIDTH}" height="{height}" fill="white"/>'
    font = 'font-family="system-ui, sans-serif" font-size="13"'
    return f"{head} {font}>{ground}{''.join(parts)}</svg>"


def ladder(arms: Sequence[tuple[str, Estimate]], scale: Scale = PERCENT) -> str:
    """Every arm's figure as a bar with its 95% interval."""
    height = LADDER_STEP * len(arms) + 46
    wide = WIDTH - LADDER_LEFT - LADDER_RIGHT
    parts = []
    for part in FIFTHS:
        x = LADDER_LEFT + part * wide
        parts.append(f'<line x1="{x}" y1="10" x2="{x}" y2="{height - 30}" stroke="{GRID}"/>')
        parts.append(text_at(x, height - 12, scale.text(part * scale.top), "middle", PALE))
    for row, (name, value) in enumerate(arms):
        parts += ladder_row(name, value, row, scale)
    return svg(height, parts)


def ladder_row(name: str, value: Estimate, row: int, scale: Scale) -> list[str]:
    """One arm's name, bar, interval and figure."""
    each = (WIDTH - LADDER_LEFT - LADDER_RIGHT) / scale.top
    y = 14 + row * LADDER_STEP
    middle, wide = y + 11, value.mean * each
    low, high = (LADDER_LEFT + end * each for end in (value.low, value.high))
    return [
        text_at(LADDER_LEFT - 10, middle + 4, name, "end"),
        f'<rect x="{LADDER_LEFT}" y="{y}" width="{wide:.1f}" height="22" fill="{colour_of(row)}"/>',
        f'<path d="M{low:.1f} {middle}H{high:.1f}M{low:.1f} {middle - 5}v10M{high:.1f} {middle - 5}v10"'
        f' stroke="{INK}" fill="none"/>',
        text_at(high + 8, middle + 4, scale.text(value.mean, more=1)),
    ]


def rounds_figure(arms: Sequence[tuple[str, Sequence[float]]], scale: Scale = PERCENT) -> str:
    """Every arm's figure after each round, a line an arm."""
    longest = max(len(values) for _, values in arms)
    across = (WIDTH - ROUNDS_LEFT - ROUNDS_RIGHT) / max(1, longest - 1)
    right = WIDTH - ROUNDS_RIGHT
    parts = []
    for part in FIFTHS:
        y = height_of(part)
        parts.append(f'<line x1="{ROUNDS_LEFT}" y1="{y}" x2="{right}" y2="{y}" stroke="{GRID}"/>')
        parts.append(text_at(ROUNDS_LEFT - 8, y + 4, scale.text(part * scale.top), "end", PALE))
    for number in range(longest):
        x = ROUNDS_LEFT + number * across
        parts.append(text_at(x, ROUNDS_HEIGHT - 12, f"round {number + 1}", "middle", PALE))
    for row, (name, values) in enumerate(arms):
        heights = [height_of(value / scale.top) for value in values]
        parts += round_line(name, heights, row, across)
    return svg(ROUNDS_HEIGHT, parts)


def round_line(name: str, heights: Sequence[float], row: int, across: float) -> list[str]:
    """One arm's line and its entry in the legend; ``across`` is pixels a round."""
    colour = colour_of(row)
    points = [(ROUNDS_LEFT + i * across, height) for i, height in enumerate(heights)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = WIDTH - ROUNDS_RIGHT + 14, ROUNDS_TOP + 18 + row * 20
    return [
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>',
        *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in points),
        f'<rect x="{x}" y="{y - 10}" width="12" height="12" fill="{colour}"/>',
        text_at(x + 18, y, name),
    ]


def height_of(part: float) -> float:
    """Where a part of the axis, 0..1, lies in the figure of rounds."""
    return ROUNDS_HEIGHT - ROUNDS_BOTTOM - part * (ROUNDS_HEIGHT - ROUNDS_BOTTOM - ROUNDS_TOP)


def colour_of(row: int) -> str:
    """The colour of the ``row``-th arm, from 0; after the last one they begin again."""
    return LINES[row % len(LINES)]
