"""Lists and reports in the terminal; text from prompts and models is data, never markup."""

from __future__ import annotations

import time
from collections.abc import Sequence

from rich.table import Table

from ..memory.runs import RunRecord
from ..memory.state import EarlierTurn, RoundResult, RunReport
from ..models.prices import money_text
from ..models.text import clean_text
from .doctor import Finding
from .http.keys import Key
from .output import open_console, plain

MARKS = {"pass": ("ok", "green"), "fail": ("fail", "red"), "not_judged": ("?", "yellow")}
STATES = {"ok": "green", "note": "cyan", "fail": "red"}


def runs_table(records: Sequence[RunRecord]) -> None:
    """Prints the runs, one a line; where there are none, how to start one."""
    if not records:
        open_console().print("no runs yet: gems generate PROMPT starts one")
        return
    width = max(len(record.thread_id) for record in records)
    open_console().print(
        f"{'thread':{width}}  {'started':16}  {'outcome':10}  passed  prompt", soft_wrap=True
    )
    for record in records:
        passed = f"{record.passed}/{record.total}" if record.total is not None else ""
        started = when(record.created)
        outcome = record.outcome or "unfinished"
        prompt = " ".join(clean_text(record.prompt).split())
        prompt = prompt if len(prompt) <= 60 else prompt[:59] + "…"
        line = f"{record.thread_id:{width}}  {started}  {outcome:10}  {passed:6}  {prompt}"
        open_console().print(plain(line), soft_wrap=True)


def keys_table(keys: Sequence[tuple[Key, float]]) -> None:
    """Prints a server's keys, one a line, each with what it has spent this month; where there are none,
    how to make one."""
    if not keys:
        open_console().print("no keys yet: gems keys add NAME makes one")
        return
    for key, spent in keys:
        state = "in force" if key.revoked is None else f"revoked {when(key.revoked)}"
        open_console().print(
            plain(f"{key.id}  {when(key.created)}  {state:24}  {key.owner}{spent_by(key, spent)}"),
            soft_wrap=True,
        )


def spent_by(key: Key, spent: float) -> str:
    """What a key has spent this month, of what it may; nothing where neither is anything."""
    if key.max_cost is None:
        return f"  cost {money_text(spent)} this month" if spent else ""
    return f"  cost {money_text(spent)} of {money_text(key.max_cost)} this month"


def when(seconds: float) -> str:
    """A time since the epoch as people read it; of one that no calendar has, a question mark."""
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
    except (OverflowError, ValueError, OSError):
        return f"{'?':16}"


def show_turn(turn: EarlierTurn, thread: str) -> None:
    """A turn before this one: its pictures, and how it ended."""
    out = open_console()
    out.print(plain(f"{thread}: {turn['prompt']}", "bold"), soft_wrap=True)
    for item in turn["rounds"]:
        out.print(plain(f"  round {item['round']}: {item['image']}", "dim"), soft_wrap=True)
    said = f"{turn['passed']} of {turn['total']} in round {turn['best_round']}: {turn['image']}"
    out.print(plain(f"{turn['outcome']}, {said}"), soft_wrap=True)


def show_round(item: RoundResult) -> None:
    """One round: its prompt, its picture, what became of each question."""
    out = open_console()
    out.print(
        plain(f"Round {item['round']}, seed {item['seed']}: {item['prompt']}", "bold"),
        soft_wrap=True,
    )
    out.print(plain(f"  {item['image']}", "dim"), soft_wrap=True)
    for verdict in item["verdicts"]:
        mark, style = MARKS.get(verdict["verdict"], MARKS["not_judged"])
        out.print(plain(f"  {mark:>4} ", style).append(plain(verdict["question"], "default")))
    if item["experience"]:
        out.print(plain(f"  learned: {item['experience']}", "cyan"), soft_wrap=True)


def show_result(result: RunReport) -> None:
    """A run, round by round; of the turns before it, how each ended."""
    out = open_console()
    for turn in result.get("earlier", ()):
        show_turn(turn, result["thread_id"])
    out.print(plain(f"{result['thread_id']}: {result['prompt']}", "bold"), soft_wrap=True)
    if (request := result.get("request", "")) != result["prompt"] and request:
        out.print(plain(f"drawn as: {request}", "dim"), soft_wrap=True)
    for item in result["rounds"]:
        show_round(item)
    for warning in result["warnings"]:
        out.print(plain(f"warning: {warning}", "yellow"), soft_wrap=True)
    if reason := result.get("reason"):
        out.print(plain(f"could not go on: {reason}", "yellow"), soft_wrap=True)
    if (cost := result["usage"].get("cost")) is not None:
        out.print(plain(f"cost: {money_text(cost)}", "dim"), soft_wrap=True)
    if result["outcome"] is None:
        out.print(plain(f"unfinished; go on with: gems resume {result['thread_id']}", "bold yellow"))
        return
    out.print(
        plain(f"{result['outcome']}, best in round {result['best_round']}: {result['image']}", "bold"),
        soft_wrap=True,
    )


def skills_table(manifest: Sequence[dict[str, str]]) -> None:
    """Prints the skills of a ``Catalogue.manifest``, one a row."""
    table = Table(box=None, pad_edge=False)
    table.add_column("skill", no_wrap=True)
    table.add_column("description", overflow="fold")
    for entry in manifest:
        table.add_row(plain(entry["name"], "bold"), plain(entry["description"]))
    open_console().print(table)


def show_findings(findings: Sequence[Finding]) -> None:
    """Prints what the doctor found, one a line with its state."""
    for finding in findings:
        line = plain(f"{finding.state:>4} ", STATES[finding.state])
        line.append(f"{finding.what}: ", "bold").append(finding.says, "default")
        open_console().print(line, soft_wrap=True)
