"""What ``gems eval`` prints of public benchmarks: tables, and estimates before anything is paid."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from ..errors import InputError
from ..evals.arms import Arm
from ..evals.tables import Table
from ..evals.tasks.estimates import Amount, Rates, drawing, judging, rates_by
from ..evals.tasks.plan import TaskPlan
from ..models.prices import Price, read_prices
from ..settings import Settings
from .evaluate import columns


def print_tables(tables: Sequence[Table], console: Console) -> None:
    """Those that have rows, with an empty line between them."""
    for head, rows in tables:
        if rows:
            console.print()
        for line in columns([head, *rows] if rows else []):
            console.print(line, markup=False, soft_wrap=True)


def print_estimate(plan: TaskPlan, arms: Sequence[Arm], rates: Rates, console: Console) -> None:
    """What is still to be drawn and judged, before anything is paid."""
    rows, total, money = [], Amount(), 0.0
    for name, (amount, source) in drawing(plan, arms).items():
        total += amount
        money += (cost := amount.money(rates.drawing))
        rows.append([f"{name} ({source})", *cells(amount, rates, cost)])
    if plan.task.by_api:
        verdicts = judging(plan, len(arms))
        total += verdicts
        money += (cost := verdicts.money(rates.judging))
        rows.append(["judge (at least)", *cells(verdicts, rates, cost)])
    rows.append(["all", *cells(total, rates, money)])
    head = [plan.task.title, "pictures", "calls", "tokens in", "tokens out", "hours", "cost"]
    print_tables([Table(head, rows)], console)
    console.print(
        f"Hours at {rates.picture_seconds:g} s a picture and {rates.call_seconds:g} s a call, "
        f"{rates.side_by_side} side by side; cost by --prices, else by GEMS_PRICES. Nothing was sent.",
        soft_wrap=True,
        markup=False,
    )


def cells(amount: Amount, rates: Rates, money: float) -> list[str]:
    """An amount's figures."""
    numbers = (amount.pictures, amount.calls, amount.tokens_in, amount.tokens_out)
    return [*(f"{n:.0f}" for n in numbers), f"{amount.hours(rates):.1f}", f"{money:.2f}"]


def rates_of(text: str | None, settings: Settings, judge: str | None) -> Rates:
    """Rates as ``IN,OUT,PICTURE``: money a million tokens in and out, and a picture, whoever is asked;
    without them, by the price list of the settings.

    Raises:
        InputError: they are not three numbers that can be prices, or the list cannot be used.
    """
    if text is None:
        return rates_by(read_prices(settings.prices), settings, judge)
    try:
        tokens_in, tokens_out, picture = (float(part) for part in text.split(","))
        price = Price(input=tokens_in, output=tokens_out, picture=picture)
    # Pydantic's own is one, too.
    except ValueError:
        raise InputError(
            f"--prices {text!r} is not IN,OUT,PICTURE, three numbers with commas"
        ) from None
    return Rates(price, price)
