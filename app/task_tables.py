"""What ``gems eval`` prints of public benchmarks: tables, and estimates before anything is paid."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from ..errors import InputError
from ..evals.arms import Arm
from ..evals.tables import Table
from ..evals.tasks.estimates import Amount, Prices, drawing, judging
from ..evals.tasks.plan import TaskPlan
from .evaluate import columns


def print_tables(tables: Sequence[Table], console: Console) -> None:
    """Those that have rows, with an empty line between them."""
    for head, rows in tables:
        if rows:
            console.print()
        for line in columns([head, *rows] if rows else []):
            console.print(line, markup=False, soft_wrap=True)


def print_estimate(plan: TaskPlan, arms: Sequence[Arm], prices: Prices, console: Console) -> None:
    """What is still to be drawn and judged, before anything is paid."""
    rows, total = [], Amount()
    for name, (amount, source) in drawing(plan, arms).items():
        total += amount
        rows.append([f"{name} ({source})", *cells(amount, prices)])
    if plan.task.by_api:
        verdicts = judging(plan, len(arms))
        total += verdicts
        rows.append(["judge (at least)", *cells(verdicts, prices)])
    rows.append(["all", *cells(total, prices)])
    head = [plan.task.title, "pictures", "calls", "tokens in", "tokens out", "hours", "dollars"]
    print_tables([Table(head, rows)], console)
    console.print(
        f"Hours at {prices.picture_seconds:g} s a picture and {prices.call_seconds:g} s a call, "
        f"{prices.side_by_side} side by side; prices by --prices. Nothing was sent.",
        soft_wrap=True,
        markup=False,
    )


def cells(amount: Amount, prices: Prices) -> list[str]:
    """An amount's figures."""
    numbers = (amount.pictures, amount.calls, amount.tokens_in, amount.tokens_out)
    return [
        *(f"{n:.0f}" for n in numbers),
        f"{amount.hours(prices):.1f}",
        f"{amount.dollars(prices):.2f}",
    ]


def read_prices(text: str | None) -> Prices:
    """Prices as ``IN,OUT,PICTURE``: dollars a million tokens in and out, and a picture.

    Raises:
        InputError: they are not three numbers.
    """
    if text is None:
        return Prices()
    try:
        tokens_in, tokens_out, picture = (float(part) for part in text.split(","))
    except ValueError:
        raise InputError(
            f"--prices {text!r} is not IN,OUT,PICTURE, three numbers with commas"
        ) from None
    return Prices(tokens_in, tokens_out, picture)
