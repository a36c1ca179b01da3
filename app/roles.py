"""``gems eval roles``: says what the exam costs, shows it under way, and prints what came of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..errors import CancelledRunError
from ..evals.noise import Noise
from ..evals.roles.advice import advice
from ..evals.roles.examiner import Examiner, ExamPlan, figures_of
from ..evals.roles.frame import SILENT, Figure, Probe, Record
from ..evals.roles.verifier import KINDS, MODES, calibration, left_out
from ..models.loop import run_blocking
from ..settings import load_settings
from .evaluate import columns
from .output import open_console

RATES = ("false pass", "false fail", "cannot tell")


def folder_for(spec: str, noise: Noise) -> Path:
    """The folder that an exam's files go to where none is named."""
    label = f"-{noise.label()}" if noise else ""
    return Path(f"eval-roles-{re.sub(r'[^A-Za-z0-9._-]+', '-', spec).strip('-')[:60]}{label}")


def run_exam(plan: ExamPlan, as_json: bool) -> None:
    """Examines a model and prints the figures; with ``as_json`` one object on stdout.

    Raises:
        CancelledRunError: Ctrl-C; what was answered is kept.
        GemsError: see ``Examiner``.
    """
    console = open_console(stderr=as_json)
    examiner = Examiner(plan, load_settings())
    announce(examiner, console)
    records = examine(examiner, console)
    figures = figures_of(records)
    if as_json:
        print(json.dumps(to_json(examiner, records, figures)))
        return
    for line in report(records, figures):
        console.print(line, markup=False, soft_wrap=True, highlight=False)


def announce(examiner: Examiner, console: Console) -> None:
    """What the exam will cost, before it does, and what it leaves out."""
    cost, plan = examiner.estimate(), examiner.plan
    console.print(
        f"{plan.mllm}: about {cost.calls:,} calls, {cost.input_tokens:,} tokens in and "
        f"{cost.output_tokens:,} out, {plan.at_once} calls at once; files in {plan.out}",
        markup=False,
        soft_wrap=True,
        highlight=False,
    )
    if "verifier" in plan.roles and (skipped := left_out(examiner.subject)):
        line = f"left out, for want of fonts: {', '.join(skipped)}"
        console.print(line, markup=False, soft_wrap=True, highlight=False)


def examine(examiner: Examiner, console: Console) -> list[Record]:
    """Every record, the missing ones made before a bar a role; see ``run_exam``."""
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
    )
    waiting = examiner.waiting()
    totals = {role: sum(p.role == role for p in waiting) for role in examiner.plan.roles}
    bars = {role: progress.add_task(role, total=n) for role, n in totals.items() if n}

    def done(probe: Probe) -> None:
        progress.advance(bars[probe.role])

    examiner.on_done = done
    with progress:
        try:
            return run_blocking(examiner.run())
        except KeyboardInterrupt:
            raise CancelledRunError("stopped; the same command goes on from here") from None


def to_json(examiner: Examiner, records: Sequence[Record], figures: Sequence[Figure]) -> dict[str, Any]:
    """What ``gems eval roles --json`` prints."""
    rows = [{**asdict(figure), "share": figure.share, "weak": figure.weak} for figure in figures]
    return {
        "mllm": examiner.plan.mllm,
        "figures": rows,
        "weaknesses": [row for row in rows if row["weak"]],
        "calibration": [
            {"verify": mode, "verdicts": count, "confidence": sure, "right": right}
            for mode, count, sure, right in calibration(records)
        ],
        "settings": advice(records, figures),
        "left_out": left_out(examiner.subject) if "verifier" in examiner.plan.roles else [],
        "spent": {
            "mllm_calls": sum(record.calls for record in records),
            "input_tokens": sum(record.input_tokens for record in records),
            "output_tokens": sum(record.output_tokens for record in records),
        },
        "folder": str(examiner.plan.out),
    }


def report(records: Sequence[Record], figures: Sequence[Figure]) -> list[str]:
    """The whole report as lines."""
    looked = any(figure.role == "verifier" for figure in figures)
    lines = verifier_table(figures) + calibration_table(records) if looked else []
    rest = [f for f in figures if f.role != "verifier" or f.what == SILENT]
    for role, group in groupby(rest, key=lambda figure: figure.role):
        rows = [[role, "%", "of"]]
        rows += [[f"  {f.what}", f"{100 * f.share:.0f}", str(f.asked)] for f in group if f.asked]
        lines += ["", *columns(rows)]
    lines += ["", "Weaknesses:", *(weaknesses(figures) or ["  none found"])]
    suited = [f"  {line}" for line in advice(records, figures)]
    return lines + (["", "Settings that suit it:", *suited] if suited else [])


def weaknesses(figures: Sequence[Figure]) -> list[str]:
    """A line a weakness; the verifier's are one for all ways of asking."""
    found: dict[str, list[str]] = {}
    for figure in figures:
        mode, _, kind = figure.what.partition(", ")
        several = figure.role == "verifier" and mode in MODES
        name = f"  {figure.role}, {kind if several else figure.what}"
        share = f"{figure.wrong} of {figure.asked}"
        if figure.weak:
            found.setdefault(name, []).append(f"{share} ({mode})" if several else share)
    return [f"{name}: {', '.join(shares)}" for name, shares in found.items()]


def verifier_table(figures: Sequence[Figure]) -> list[str]:
    """A row a kind of question and a column a way of asking: passes that are none, failures that are
    none and "cannot tell", in percent."""
    found = {f.what: f for f in figures if f.role == "verifier"}
    asked = [
        mode for mode in MODES if any(found[f"{mode}, {kind}: {RATES[2]}"].asked for kind in KINDS)
    ]
    if not asked:
        return []
    rows = [["verifier", *asked]]
    for kind in KINDS:
        rows.append([kind, *(rates_cell(found, f"{mode}, {kind}") for mode in asked)])
    return [f"In percent: {', '.join(RATES)}", *columns(rows)]


def rates_cell(found: Mapping[str, Figure], what: str) -> str:
    """The three rates as one cell."""
    rates = [found[f"{what}: {rate}"] for rate in RATES]
    return "  ".join(f"{100 * f.share:3.0f}" if f.asked else "  -" for f in rates)


def calibration_table(records: Sequence[Record]) -> list[str]:
    """How often verdicts are right, by how sure the model was."""
    rows = [
        [mode, str(count), f"{sure:.2f}", f"{right:.2f}"]
        for mode, count, sure, right in calibration(records)
    ]
    return ["", *columns([["confidence", "verdicts", "mean", "right"], *rows])] if rows else []
