"""Lists and reports in the terminal."""

from __future__ import annotations

import time
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..memory.runs import RunRecord
from ..memory.state import RunReport
from .doctor import Finding

MARKS = {"pass": ("ok", "green"), "fail": ("fail", "red"), "not_judged": ("?", "yellow")}
STATES = {"ok": "green", "note": "cyan", "fail": "red"}


def console() -> Console:
    """Where commands print."""
    return Console(highlight=False)


def runs_table(records: Sequence[RunRecord]) -> None:
    """The runs, one a row."""
    if not records:
        console().print("no runs yet: gems generate PROMPT starts one")
        return
    width = max(len(record.thread_id) for record in records)
    console().print(
        f"{'thread':{width}}  {'started':16}  {'outcome':10}  passed  prompt", soft_wrap=True
    )
    for record in records:
        passed = f"{record.passed}/{record.total}" if record.total is not None else ""
        started = time.strftime("%Y-%m-%d %H:%M", time.localtime(record.created))
        outcome = record.outcome or "unfinished"
        prompt = record.prompt if len(record.prompt) <= 60 else record.prompt[:59] + "…"
        line = f"{record.thread_id:{width}}  {started}  {outcome:10}  {passed:6}  {prompt}"
        console().print(Text(line), soft_wrap=True)


def show_result(result: RunReport) -> None:
    """A run, round by round."""
    out = console()
    out.print(Text(f"{result['thread_id']}: {result['prompt']}", "bold"), soft_wrap=True)
    for item in result["rounds"]:
        out.print(
            Text(f"Round {item['round']}, seed {item['seed']}: {item['prompt']}", "bold"),
            soft_wrap=True,
        )
        out.print(Text(f"  {item['image']}", "dim"), soft_wrap=True)
        for verdict in item["verdicts"]:
            mark, style = MARKS[verdict["verdict"]]
            out.print(Text(f"  {mark:>4} ", style).append(verdict["question"], "default"))
        if item["experience"]:
            out.print(Text(f"  learned: {item['experience']}", "cyan"), soft_wrap=True)
    for warning in result["warnings"]:
        out.print(Text(f"warning: {warning}", "yellow"), soft_wrap=True)
    if reason := result.get("reason"):
        out.print(Text(f"could not go on: {reason}", "yellow"), soft_wrap=True)
    if result["outcome"] is None:
        out.print(Text(f"unfinished; go on with: gems resume {result['thread_id']}", "bold yellow"))
        return
    out.print(
        Text(f"{result['outcome']}, best in round {result['best_round']}: {result['image']}", "bold"),
        soft_wrap=True,
    )


def skills_table(manifest: Sequence[dict[str, str]]) -> None:
    """The skills, one a row."""
    table = Table(box=None, pad_edge=False)
    table.add_column("skill", no_wrap=True)
    table.add_column("description", overflow="fold")
    for entry in manifest:
        table.add_row(Text(entry["name"], "bold"), Text(entry["description"]))
    console().print(table)


def show_findings(findings: Sequence[Finding]) -> None:
    """What the doctor found, one a line."""
    for finding in findings:
        line = Text(f"{finding.state:>4} ", STATES[finding.state])
        line.append(f"{finding.what}: ", "bold").append(finding.says, "default")
        console().print(line, soft_wrap=True)
