"""A person's answers to a round, or before the first one, typed in the terminal."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from ..errors import InputError
from ..memory.state import RunResult
from .briefing import ask_before
from .output import open_console, plain

HELP = (
    "Enter: go on | take: it is good | stop | q3=pass or q3=fail: correct a verdict | + ...: it must "
    "also be so | -q3: does not count | ! ...: this is wrong | > ...: draw these words next"
)
TOLD_SECONDS = 2.0
"""Without an answer, until it is said what is waited for."""
VERDICT = re.compile(r"(q\d+)\s*=\s*(pass|fail)")
WORDS = {"": "go_on", "go on": "go_on", "take": "take", "stop": "stop"}


def question_in(result: RunResult) -> Mapping[str, Any] | None:
    """What a paused run asks a person, about its round or before it draws; None: it waits for something
    else."""
    pause = result.get("pause")
    for ask in pause.get("asks", ()) if pause else ():
        value = ask["value"][0] if isinstance(ask["value"], list) and ask["value"] else None
        if isinstance(value, Mapping) and {"next_prompt", "questions"} & value.keys():
            return value
    return None


def read_line(line: str) -> dict[str, Any] | None:
    """An answer as it is typed, in the form that the run takes; None: nobody can tell what is meant."""
    line = line.strip()
    if line.casefold() in WORDS:
        return {"decision": WORDS[line.casefold()]}
    if verdicts := VERDICT.findall(line):
        return {"verdicts": dict(verdicts)} if not VERDICT.sub("", line).strip(" ,;") else None
    if dropped := re.fullmatch(r"-\s*(q\d+)", line):
        return {"drop": [dropped[1]]}
    rest = line[1:].strip()
    if not rest:
        return None
    forms: dict[str, dict[str, Any]] = {
        "+": {"add": [rest]}, "!": {"wrong": rest}, ">": {"prompt": rest},
    }  # fmt: skip
    return forms.get(line[0])


def read_verdicts(words: Sequence[str]) -> dict[str, str]:
    """Verdicts as options give them, ``q3=pass``.

    Raises:
        InputError: one is none.
    """
    pairs = [VERDICT.fullmatch(word.strip()) for word in words]
    for word, pair in zip(words, pairs, strict=True):
        if pair is None:
            raise InputError(f"{word!r} is no verdict: use q3=pass or q3=fail")
    return {pair[1]: pair[2] for pair in pairs if pair is not None}


def ask_person(question: Mapping[str, Any]) -> dict[str, Any] | None:
    """A person's answer; None: nobody is there to give one."""
    out = open_console()
    if problem := question.get("problem"):
        out.print(plain(str(problem), "yellow"), soft_wrap=True)
    try:
        return ask_before(question) if "questions" in question else ask_about_round(question)
    except EOFError:
        return None


@contextmanager
def waiting_is_told(thread_id: str) -> Iterator[None]:
    """Says that the run waits, where it is no terminal that does not answer: it shows no prompt."""
    said = (
        f"gems: waits for an answer on its standard input, a line each; Ctrl-C leaves the run, and "
        f"gems resume {thread_id} goes on with it"
    )
    told = threading.Timer(TOLD_SECONDS, print, [said], {"file": sys.stderr, "flush": True})
    told.daemon = True
    if not sys.stdin.isatty():
        told.start()
    try:
        yield
    finally:
        told.cancel()


def ask_about_round(question: Mapping[str, Any]) -> dict[str, Any]:
    """A person's answer to a round.

    Raises:
        EOFError: nobody is there to give one.
    """
    out = open_console()
    for verdict in question["verdicts"]:
        line = f"  {verdict['id']} {verdict['verdict']}: {verdict['statement']}"
        out.print(plain(line), soft_wrap=True)
    plan = question["next_prompt"]
    out.print(plain(f"Next: {plan}" if plan else "Next: the end", "bold"), soft_wrap=True)
    out.print(plain(HELP, "dim"), soft_wrap=True)
    while True:
        answer = read_line(input("gems> "))
        if answer is not None:
            return answer
        out.print(plain("that is none of them", "yellow"))
